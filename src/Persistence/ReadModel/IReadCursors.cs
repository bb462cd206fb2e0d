using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="N">The cursor's new position.</param>
/// <param name="UserSeq">The number of the <c>read.updated</c> event that the move wrote; null if the cursor did not move.</param>
public sealed record CursorState(long N, long Unread, long Mentions, long? UserSeq);

/// <summary>How far each user has read in each room: never beyond the room's head, and back only where the user asks for it.</summary>
public interface IReadCursors
{
    /// <summary>
    /// Moves the cursor to <paramref name="n"/>, capped at the room's newest message, unless it is there already. The same transaction adds
    /// the move to the user's stream.
    /// </summary>
    /// <param name="back">Whether it may move back, so that what follows is unread again. Else it stays where it is further.</param>
    /// <returns>Null if there is no such room or the user is not in it.</returns>
    Task<CursorState?> SetAsync(UserId user, RoomId room, long n, bool back = false, CancellationToken cancellationToken = default);
}

/// <summary>How many messages a user has not read.</summary>
internal static class Unread
{
    /// <param name="headN">The number of the newest message.</param>
    /// <param name="readN">The read cursor.</param>
    /// <param name="deleted">How many of the messages above the cursor are deleted.</param>
    public static long Of(long headN, long readN, long deleted) => Math.Max(0, headN - readN - deleted);

    /// <summary>
    /// The SQL that counts a user's mentions above a number, without those by whom the user does not want to hear from. A mention of the whole
    /// room has no row per member, but is meant for those who had joined by then: a partial index finds the few there are.
    /// </summary>
    public static string CountMentions(string user, string room, string above) => $"""
        ((SELECT count(*) FROM message_mention x WHERE x.user_id = {user} AND x.room_id = {room} AND x.n > {above} AND NOT EXISTS (
            SELECT 1 FROM user_block b JOIN room_message y ON y.author_id = b.blocked_id
            WHERE b.user_id = {user} AND y.room_id = x.room_id AND y.n = x.n))
        + (SELECT count(*) FROM room_message w WHERE w.room_id = {room} AND w.audience = 1 AND w.n > {above} AND w.author_id <> {user}
            AND w.seq > (SELECT j.joined_seq FROM room_member j WHERE j.room_id = w.room_id AND j.user_id = {user})
            AND NOT EXISTS (SELECT 1 FROM message_mention x WHERE x.user_id = {user} AND x.room_id = w.room_id AND x.n = w.n)
            AND NOT EXISTS (SELECT 1 FROM user_block b WHERE b.user_id = {user} AND b.blocked_id = w.author_id)))
        """;

    /// <summary>The unread messages that are meant for the user: in a direct room all of them.</summary>
    /// <param name="visibility">A <see cref="Messages.Rooms.RoomVisibility"/>.</param>
    public static long Mentions(long visibility, long unread, long mentions) =>
        visibility == (long)Messages.Rooms.RoomVisibility.Direct ? unread : mentions;
}
