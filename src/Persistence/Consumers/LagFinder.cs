using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.Consumers;

/// <summary>
/// Finds rooms whose journal is ahead of a consumer's offset, in two ways at each call. New rows are found by the journal's global ordering, from
/// a mark that trails the newest one by some seconds: an ordering is taken before its row commits, so a lower one may appear after a higher
/// one. That is quick and finds nearly all, but a transaction can hang longer than any fixed delay. So a slice of all the journal's rooms is
/// compared too, and the next slice at the next call, by two looks into the unique key a room: that is slow and misses nothing. Both marks
/// are in memory only; a new process starts with the newest rows and at the first room.
/// </summary>
internal sealed class LagFinder(IDatabase database, IReadOnlyCollection<IRoomConsumer> consumers, TimeProvider time) : IDisposable
{
    /// <summary>Rooms of the slice of one call: about 10 ms.</summary>
    private const int Slice = 500;

    /// <summary>The most rows that a call looks through for new ones; older ones are left to the slices.</summary>
    private const int MaxRecent = 100_000;

    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private const string RecentSql = """
        SELECT persistence_id AS RoomId, max(sequence_number) AS Nr
        FROM journal
        WHERE ordering > @mark AND ordering <= @newest
        GROUP BY persistence_id
        """;

    private const string SliceSql = """
        WITH RECURSIVE rooms (id, i) AS (
            SELECT (SELECT min(persistence_id) FROM journal WHERE persistence_id > @after), 1
            UNION ALL
            SELECT (SELECT min(persistence_id) FROM journal WHERE persistence_id > rooms.id), i + 1
            FROM rooms WHERE rooms.id IS NOT NULL AND i < @count
        )
        SELECT id AS RoomId, (SELECT max(sequence_number) FROM journal WHERE persistence_id = rooms.id) AS Nr
        FROM rooms WHERE id IS NOT NULL
        """;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<(long Time, long Ordering)> _samples = [];
    private long _mark = -1;
    private string _sliceAfter = "";

    public async Task<IReadOnlyList<RoomId>> FindAsync(int limit, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var sliceAfter = _sliceAfter;
            var heads = await database
                .WithJournalAsync(journal => ReadHeadsAsync(journal, limit, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            var offsets = await database.ReadAsync(
                connection => ConsumerOffsets.ReadAsync(
                    connection, database.Provider, heads.Select(head => head.RoomId).Distinct(), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            var lagging = offsets.Lagging(heads, consumers);
            if (lagging.Count > limit)
            {
                _sliceAfter = sliceAfter; // the rest comes up again once these are done
            }

            return [.. lagging.Take(limit)];
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<List<JournalHead>> ReadHeadsAsync(DbConnection journal, int limit, CancellationToken cancellationToken)
    {
        var heads = await ReadRecentAsync(journal, cancellationToken).ConfigureAwait(false);
        var count = Math.Max(limit, Slice);
        var slice = (await journal.QueryAsync<JournalHead>(new CommandDefinition(
            SliceSql, new { after = _sliceAfter, count }, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
        _sliceAfter = slice.Count < count ? "" : slice[^1].RoomId;
        heads.AddRange(slice);
        return heads;
    }

    private async Task<List<JournalHead>> ReadRecentAsync(DbConnection journal, CancellationToken cancellationToken)
    {
        var newest = await journal.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT max(ordering) FROM journal", cancellationToken: cancellationToken)).ConfigureAwait(false) ?? 0;
        var mark = Math.Max(_mark, newest - MaxRecent);
        var heads = (await journal.QueryAsync<JournalHead>(new CommandDefinition(
            RecentSql, new { mark, newest }, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
        _samples.Enqueue((time.GetTimestamp(), newest));
        while (_samples.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Time) > Overlap)
        {
            _mark = oldest.Ordering;
            _samples.Dequeue();
        }

        return heads;
    }
}
