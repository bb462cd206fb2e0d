using System.Data.Common;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Persistence.Search;

/// <summary>
/// Makes segments of the index's tail, beside everything else: while it works, or if it fails, searches read a longer tail. Nodes that do the
/// same at the same time hurt nobody: the one that is later writes nothing.
/// </summary>
public sealed partial class SearchIndexer(IDatabase database, ILogger<SearchIndexer> logger) : IAsyncDisposable, IDisposable
{
    /// <summary>Messages in a segment. More make fewer, longer rows, and searches read more of the tail one by one.</summary>
    public const int DefaultSegmentSize = 2_048;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _added;
    private bool _isFirst = true;
    private Task _running = Task.CompletedTask;

    public int SegmentSize { get; init; } = DefaultSegmentSize;

    /// <summary>The tail has grown by some messages.</summary>
    internal void Added(int messages)
    {
        lock (_lock)
        {
            _added += messages;
            // The first of a process may find what another has left.
            if ((_isFirst || _added >= SegmentSize / 4) && _running.IsCompleted && !_stopping.IsCancellationRequested)
            {
                (_added, _isFirst) = (0, false);
                _running = Task.Run(BuildAllAsync);
            }
        }
    }

    /// <summary>Makes one segment if the tail has enough for it.</summary>
    /// <returns>Whether there may be more to do.</returns>
    public async Task<bool> BuildAsync(CancellationToken cancellationToken = default)
    {
        var (segments, docs) = await database.ReadAsync(connection => ReadAsync(connection, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        if (docs.Count < SegmentSize)
        {
            return false;
        }

        var segment = new SegmentBuilder();
        foreach (var doc in docs.Where(doc => doc.Row is { IsDeleted: false }))
        {
            segment.Add(doc.Key, doc.Row!);
        }

        return await database.WriteAsync(
            (connection, transaction) => WriteAsync(connection, transaction, segments, docs, segment, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_lock)
        {
            _stopping.Cancel();
            running = _running;
        }

        await running.ConfigureAwait(false);
    }

    private async Task BuildAllAsync()
    {
        try
        {
            while (await BuildAsync(_stopping.Token).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // What is not done yet is done by another, or after the restart.
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    private async Task<(long Segments, IReadOnlyList<TailDoc> Docs)> ReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        // Before the tail: a segment that another node makes meanwhile counts, and shows that this tail is not the newest.
        var segments = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT segments FROM search_state WHERE id = 1", cancellationToken: cancellationToken)).ConfigureAwait(false);
        var tail = (await connection.QueryAsync<(string Room, long N, long Ts, long Seq)>(new CommandDefinition(
            "SELECT room_id, n, ts, seq FROM search_tail ORDER BY ts, room_id, n LIMIT @size",
            new { size = SegmentSize },
            cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
        if (tail.Count < SegmentSize)
        {
            return (segments, []);
        }

        var rows = await SearchRow.ReadAsync(
            connection, database.Provider, [.. tail.Select(doc => new DocKey(doc.Ts, doc.Room, doc.N))], viewer: null, cancellationToken)
            .ConfigureAwait(false);
        return (segments,
        [
            .. tail.Select(doc => new TailDoc(new DocKey(doc.Ts, doc.Room, doc.N), doc.Seq, rows.GetValueOrDefault((doc.Room, doc.N))))
                .OrderBy(doc => doc.Key),
        ]);
    }

    private async Task<bool> WriteAsync(
        DbConnection connection,
        DbTransaction transaction,
        long segments,
        IReadOnlyList<TailDoc> docs,
        SegmentBuilder segment,
        CancellationToken cancellationToken)
    {
        if (database.Provider == DatabaseProvider.Postgres)
        {
            // If a crash of the server reverts this, the tail is what it was.
            await connection.ExecuteAsync("SET LOCAL synchronous_commit = off", transaction: transaction).ConfigureAwait(false);
        }

        var isNewest = await connection.ExecuteAsync(
            "UPDATE search_state SET segments = segments + 1 WHERE id = 1 AND segments = @segments", new { segments }, transaction)
            .ConfigureAwait(false) == 1;
        if (!isNewest)
        {
            return true;
        }

        // One that was edited meanwhile stays: its newest text is not in this segment.
        await MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"DELETE FROM search_tail WHERE (room_id, n, seq) IN (SELECT v.room_id, v.n, v.seq FROM {rows})",
            [
                RowColumn.Text("room_id", docs.Select(doc => doc.Key.Room)),
                RowColumn.Number("n", docs.Select(doc => doc.Key.N)),
                RowColumn.Number("seq", docs.Select(doc => doc.Seq)),
            ],
            cancellationToken).ConfigureAwait(false);
        if (segment.Count > 0)
        {
            await segment.WriteAsync(connection, transaction, segments + 1, cancellationToken).ConfigureAwait(false);
            LogBuilt(logger, segments + 1, segment.Count);
        }

        return true;
    }

    private sealed record TailDoc(DocKey Key, long Seq, SearchRow? Row);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Search has segment {Segment} of {Count} messages")]
    private static partial void LogBuilt(ILogger logger, long segment, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A segment of the search index could not be made; it is tried again with the next messages")]
    private static partial void LogFailed(ILogger logger, Exception cause);
}

/// <summary>A segment in the making.</summary>
internal sealed class SegmentBuilder
{
    private readonly List<Doc> _docs = [];
    private readonly Dictionary<long, List<ushort>> _postings = [];

    public int Count => _docs.Count;

    /// <param name="key">Above all before.</param>
    public void Add(DocKey key, SearchRow row)
    {
        var place = checked((ushort)_docs.Count);
        _docs.Add(new Doc(key, row.AuthorId, row.Parts));
        foreach (var gram in Grams.Of(FoldedText.Fold(row.Searched)))
        {
            if (!_postings.TryGetValue(gram, out var places))
            {
                _postings[gram] = places = [];
            }

            if (places.Count == 0 || places[^1] != place)
            {
                places.Add(place);
            }
        }
    }

    public async Task WriteAsync(DbConnection connection, DbTransaction transaction, long segment, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "INSERT INTO search_segment (id, format, messages, min_ts, max_ts, docs) VALUES (@segment, @format, @count, @min, @max, @docs)",
            new
            {
                segment,
                format = SegmentDocs.Format,
                count = (long)_docs.Count,
                min = _docs[0].Key.Ts,
                max = _docs[^1].Key.Ts,
                docs = SegmentDocs.Encode(_docs),
            },
            transaction).ConfigureAwait(false);
        var rooms = _docs.Select(doc => doc.Key.Room).Distinct().Order(StringComparer.Ordinal).ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "search_segment_room",
            [RowColumn.Text("room_id", rooms), RowColumn.Number("segment", rooms.Select(_ => segment))],
            "",
            cancellationToken).ConfigureAwait(false);
        var postings = _postings.OrderBy(posting => posting.Key).ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "search_posting",
            [
                RowColumn.Number("segment", postings.Select(_ => segment)),
                RowColumn.Number("gram", postings.Select(posting => posting.Key)),
                RowColumn.Bytes("docs", postings.Select(posting => DocSet.Encode(posting.Value, _docs.Count))),
            ],
            "",
            cancellationToken).ConfigureAwait(false);
    }
}
