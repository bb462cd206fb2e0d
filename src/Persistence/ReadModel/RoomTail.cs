using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Where a tail starts: the last projected journal row, its last event, and the last message up to there.</summary>
internal sealed record TailStart(long JournalNr, long Seq, long N);

/// <summary>The unprojected tail of a room's journal, and the room's head.</summary>
/// <remarks>
/// The offset is read before the tail. The journal only grows and is always ahead of the offset, so nothing is missing between the two.
/// Nothing is in both either, since a reader takes from the tables only what is at or below <see cref="Projected"/>, and these rows never
/// change. This needs no common snapshot, so it also holds across SQLite's two files. Rows that later events change are different: when
/// such a row is read it may already contain a change that the tail contains too. The room's own row is one, so it is not read together
/// with a tail: <see cref="RoomDirectory"/> catches the room up and reads the row in one statement. When a changed row is read together
/// with a tail, the tail's changes must be applied to it, and applying them twice must be harmless: they carry the new value, never a
/// difference.
/// </remarks>
internal sealed record RoomTail(TailStart Projected, IReadOnlyList<RoomEvent> Events, RoomHead Head)
{
    // A longer tail means that the projection has stopped: catch up instead of reading it again and again.
    private const int MaxTailRows = 200;

    private const string OffsetSql = $"""
        SELECT o.journal_nr, COALESCE(r.head_seq, 0), COALESCE(r.head_n, 0)
        FROM consumer_offset o LEFT JOIN room r ON r.id = o.room_id
        WHERE o.room_id = @room AND o.consumer = '{RoomProjection.ConsumerName}'
        """;

    /// <summary>The changes of messages, by their number.</summary>
    public ILookup<long, RoomEvent> Changes { get; } = Events.Where(e => NumberOf(e) > 0).ToLookup(NumberOf);

    /// <summary>
    /// The message with the changes of the tail. Each has the new value of what it changes, so applying one that the row contains is harmless, and
    /// a deleted message stays deleted.
    /// </summary>
    public StoredMessage Apply(StoredMessage message) => Changes[message.N].Aggregate(message, MessageChanges.Apply);

    /// <summary>Whether the tail is too long to be read at each call: then the room is caught up first.</summary>
    public bool IsBehind { get; private init; }

    /// <summary>Whether the room was created: a fence in its journal does not count.</summary>
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

    /// <summary>
    /// Whether the user is a member as of this tail. The row is read after it, and may know a later change; then it is as good as a tail that
    /// was read later.
    /// </summary>
    public async Task<bool> HasMemberAsync(DbConnection connection, RoomId room, UserId user, CancellationToken cancellationToken)
    {
        var last = Events.LastOrDefault(e => e is MemberJoined j && j.User.Id == user || e is IMemberRemoval r && r.User.Id == user);
        return last is not null
            ? last is MemberJoined
            : await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT count(*) FROM room_member WHERE room_id = @room AND user_id = @user",
                new { room = room.Value, user = user.Value },
                cancellationToken: cancellationToken)).ConfigureAwait(false) > 0;
    }

    private static long NumberOf(RoomEvent @event) => @event switch
    {
        MessageEdited e => e.N,
        MessageDeleted e => e.N,
        ReactionSet e => e.N,
        LinkAttached e => e.N,
        _ => 0,
    };
}
