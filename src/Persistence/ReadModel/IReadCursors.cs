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
    /// <param name="hidden">How many of the messages above the cursor do not count: see <see cref="CountHidden"/>.</param>
    public static long Of(long headN, long readN, long hidden) => Math.Max(0, headN - readN - hidden);

    /// <summary>
    /// The SQL that counts the messages above a number that nobody has to read in the room's own list: deleted ones, and replies in threads, which
    /// have places of their own.
    /// </summary>
    public static string CountHidden(string room, string above) =>
        $"(SELECT count(*) FROM room_message t WHERE t.room_id = {room} AND (t.deleted = 1 OR t.thread_seq > 0) AND t.n > {above})";

    /// <summary>
    /// The SQL that counts a user's mentions above a number, without those by whom the user does not want to hear from, and without those in threads.
    /// A mention of the whole room has no row per member, but is meant for those who had joined by then: a partial index finds the few there are.
    /// </summary>
    public static string CountMentions(string user, string room, string above) => $"""
        ((SELECT count(*) FROM message_mention x
            WHERE x.user_id = {user} AND x.room_id = {room} AND x.n > {above} AND x.thread_seq = 0 AND {NotBlocked(user)})
        + (SELECT count(*) FROM room_message w WHERE w.room_id = {room} AND w.audience = 1 AND w.n > {above} AND w.author_id <> {user}
            AND w.thread_seq = 0 AND w.seq > (SELECT j.joined_seq FROM room_member j WHERE j.room_id = w.room_id AND j.user_id = {user})
            AND {NotNamed(user)}))
        """;

    /// <summary>
    /// The SQL that counts a user's unread mentions in a room's threads: each thread has a place of its own. There a mention of the whole room is
    /// meant for those who follow the thread.
    /// </summary>
    public static string CountThreadMentions(string user, string room) => $"""
        ((SELECT count(*) FROM message_mention x
            LEFT JOIN thread_reader z ON z.user_id = x.user_id AND z.room_id = x.room_id AND z.thread_seq = x.thread_seq
            WHERE x.user_id = {user} AND x.room_id = {room} AND x.thread_seq > 0 AND x.n > COALESCE(z.read_n, 0) AND {NotBlocked(user)})
        + (SELECT count(*) FROM room_message w
            JOIN thread_reader z ON z.user_id = {user} AND z.room_id = w.room_id AND z.thread_seq = w.thread_seq AND z.follows = 1
            WHERE w.room_id = {room} AND w.audience = 1 AND w.thread_seq > 0 AND w.n > z.read_n AND w.author_id <> {user} AND {NotNamed(user)}))
        """;

    /// <summary>The unread messages that are meant for the user: in a direct room all of its own list.</summary>
    /// <param name="visibility">A <see cref="Messages.Rooms.RoomVisibility"/>.</param>
    public static long Mentions(long visibility, long unread, long mentions, long threadMentions) =>
        (visibility == (long)Messages.Rooms.RoomVisibility.Direct ? unread : mentions) + threadMentions;

    private static string NotNamed(string user) => $"""
        NOT EXISTS (SELECT 1 FROM message_mention x WHERE x.user_id = {user} AND x.room_id = w.room_id AND x.n = w.n)
            AND NOT EXISTS (SELECT 1 FROM user_block b WHERE b.user_id = {user} AND b.blocked_id = w.author_id)
        """;

    private static string NotBlocked(string user) => $"""
        NOT EXISTS (
            SELECT 1 FROM user_block b JOIN room_message y ON y.author_id = b.blocked_id
            WHERE b.user_id = {user} AND y.room_id = x.room_id AND y.n = x.n)
        """;
}
