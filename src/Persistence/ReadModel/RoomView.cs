using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// A room at one moment: what is projected, and the journal's tail beyond it.
/// </summary>
/// <remarks>
/// The offset is read before the tail. The journal only grows and is always ahead of the offset, so nothing falls between the two; and
/// nothing is in both, since a reader takes from the tables only what is at or below <see cref="Projected"/>, rows that never change. That
/// holds without a common snapshot, and so across SQLite's two files as well.
/// </remarks>
internal sealed record RoomView(RoomPosition Projected, IReadOnlyList<RoomEvent> Tail, RoomHead Head)
{
    // More than this is not a tail but a projection that has stopped: it is caught up instead of being read again and again.
    private const int MaxTailRows = 200;

    private const string OffsetSql = """
        SELECT o.journal_nr, COALESCE(r.head_seq, 0), COALESCE(r.head_n, 0)
        FROM room_offset o LEFT JOIN room r ON r.id = o.room_id
        WHERE o.room_id = @room
        """;

    /// <returns>Null where there is no such room.</returns>
    public static async Task<RoomView?> ReadAsync(
        DbConnection connection,
        IDatabase database,
        IRoomProjection projection,
        RoomId room,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var (journalNr, seq, n) = await connection.QuerySingleOrDefaultAsync<(long, long, long)>(
                new CommandDefinition(OffsetSql, new { room = room.Value }, cancellationToken: cancellationToken)).ConfigureAwait(false);
            var rows = await database.OnJournalAsync(
                connection,
                journal => JournalReader.ReadRowsAsync(journal, room, journalNr, MaxTailRows + 1, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (rows.Count <= MaxTailRows)
            {
                return Create(new RoomPosition(journalNr, seq, n), [.. rows.SelectMany(row => row.Events)]);
            }

            await projection.CatchUpAsync(room, cancellationToken).ConfigureAwait(false);
        }
    }

    private static RoomView? Create(RoomPosition projected, IReadOnlyList<RoomEvent> tail)
    {
        var seq = tail.Count > 0 ? tail[^1].Seq : projected.Seq;
        var n = tail.OfType<MessagePosted>().LastOrDefault()?.N ?? projected.N;
        return seq == 0 ? null : new RoomView(projected, tail, new RoomHead(seq, n));
    }
}
