using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Where a tail begins: the last journal row that is in the tables, its last event, and the last message until there.</summary>
internal sealed record TailStart(long JournalNr, long Seq, long N);

/// <summary>The tail of a room's journal beyond what is projected, and the head that both make.</summary>
/// <remarks>
/// The offset is read before the tail. The journal only grows and is always ahead of the offset, so nothing falls between the two; and
/// nothing is in both, since a reader takes from the tables only what is at or below <see cref="Projected"/>, rows that never change. That
/// holds without a common snapshot, and so across SQLite's two files as well.
/// A row that a later event changes is another matter: when it is read it may hold the change already, and the tail holds it too. The room's
/// own row is such a one, and so is not read beside a tail: <see cref="RoomDirectory"/> catches the room up and reads the row in one
/// statement. Where a changed row is read beside a tail, the tail's changes to it must be applied, and be of a kind that can be applied
/// twice: the new value, never a difference.
/// </remarks>
internal sealed record RoomTail(TailStart Projected, IReadOnlyList<RoomEvent> Events, RoomHead Head)
{
    // More than this is not a tail but a projection that has stopped: it is caught up instead of being read again and again.
    private const int MaxTailRows = 200;

    private const string OffsetSql = $"""
        SELECT o.journal_nr, COALESCE(r.head_seq, 0), COALESCE(r.head_n, 0)
        FROM consumer_offset o LEFT JOIN room r ON r.id = o.room_id
        WHERE o.room_id = @room AND o.consumer = '{RoomProjection.ConsumerName}'
        """;

    /// <summary>Whether the tail is too long to be read at each call: then the room is caught up first.</summary>
    public bool IsBehind { get; private init; }

    /// <summary>Whether the room was ever made: a mere claim on its journal does not count.</summary>
    public bool Exists => Head.Seq > 0;

    public static async Task<RoomTail> ReadAsync(
        DbConnection connection,
        IDatabase database,
        RoomId room,
        CancellationToken cancellationToken)
    {
        var (journalNr, seq, n) = await connection.QuerySingleOrDefaultAsync<(long, long, long)>(
            new CommandDefinition(OffsetSql, new { room = room.Value }, cancellationToken: cancellationToken)).ConfigureAwait(false);
        var rows = await database.OnJournalAsync(
            connection,
            journal => JournalReader.ReadRowsAsync(journal, room, journalNr, MaxTailRows + 1, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        var tail = rows.SelectMany(row => row.Events).ToList();
        var head = new RoomHead(
            tail.Count > 0 ? tail[^1].Seq : seq,
            tail.OfType<MessagePosted>().LastOrDefault()?.N ?? n);
        return new RoomTail(new TailStart(journalNr, seq, n), tail, head) { IsBehind = rows.Count > MaxTailRows };
    }
}
