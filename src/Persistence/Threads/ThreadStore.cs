using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Threads;

/// <summary>A thread as one user sees it. A thread without replies has none of the figures.</summary>
/// <param name="Seq">The <c>seq</c> of the root.</param>
/// <param name="Count">How many replies are not deleted.</param>
/// <param name="LastTime">Null where there is none.</param>
/// <param name="Authors">Of the last replies, the last first: at most <see cref="ThreadStore.MaxAuthors"/>.</param>
/// <param name="Unread">0 in a thread that the user does not follow.</param>
/// <param name="AsOf">Everything up to this <c>seq</c> of the room is in the figures.</param>
public sealed record ThreadSummary(
    long Seq, long Count, DateTimeOffset? LastTime, IReadOnlyList<UserRef> Authors, bool Follows, long ReadN, long Unread, long AsOf);

/// <summary>A user's place in a thread.</summary>
/// <param name="Mentions">The user's unread mentions in the whole room.</param>
public sealed record ThreadPlace(MessageId Thread, bool Follows, long ReadN, long Unread, long Mentions, long AsOf);

/// <summary>An entry of a user's digest.</summary>
public sealed record ThreadDigest(MessageId Thread, long ReadN, long Unread, long AsOf);

/// <summary>
/// Threads: their figures, who follows them, and how far each user has read there. Written by the projection as messages come, and here as users
/// read, follow and stop following. Figures are those of the tables, which are first brought up to the room's journal, all as of one moment: the
/// <c>AsOf</c> of each. So what was acknowledged before is in them, and a client that counts on from there counts nothing twice.
/// </summary>
public sealed class ThreadStore(IDatabase database, IRoomConsumers consumers, UserStreamSignal signal, TimeProvider time)
{
    public const int MaxAuthors = 5;

    /// <summary>The most threads of a digest: those with the last replies.</summary>
    public const int MaxDigest = 1_000;

    private const string CountUnread = """
        CASE WHEN COALESCE(f.follows, 0) = 0 OR t.last_n IS NULL OR t.last_n <= f.read_n THEN 0 ELSE (
            SELECT count(*) FROM room_message y
            WHERE y.room_id = t.room_id AND y.thread_seq = t.seq AND y.thread_seq > 0 AND y.deleted = 0 AND y.n > f.read_n) END
        """;

    private const string DigestSql = $"""
        SELECT f.room_id AS RoomId, f.thread_seq AS Thread, f.follows AS Follows, f.read_n AS ReadN, r.head_seq AS AsOf, {CountUnread} AS Unread
        FROM thread_reader f
        JOIN room_member m ON m.room_id = f.room_id AND m.user_id = f.user_id
        JOIN room r ON r.id = f.room_id
        LEFT JOIN thread t ON t.room_id = f.room_id AND t.seq = f.thread_seq
        WHERE f.user_id = @user AND f.follows = 1
        ORDER BY COALESCE(t.last_ts, 0) DESC, f.room_id, f.thread_seq
        LIMIT @limit
        """;

    private const string AuthorsSql = """
        SELECT thread_seq AS Thread, id AS Id, username AS Username, display_name AS DisplayName
        FROM (
            SELECT f.thread_seq, l.author_id AS id, l.author_username AS username, l.author_display_name AS display_name,
                row_number() OVER (PARTITION BY f.thread_seq ORDER BY f.posted_n DESC) AS place
            FROM thread_reader f JOIN room_message l ON l.room_id = f.room_id AND l.n = f.posted_n
            WHERE f.room_id = @room AND f.posted_n > 0 AND {0}
        ) ranked
        WHERE place <= @authors
        ORDER BY thread_seq, place
        """;

    private static readonly string StateSql = $"""
        SELECT COALESCE(f.follows, 0) AS Follows, COALESCE(f.read_n, 0) AS ReadN, r.head_seq AS AsOf, r.visibility AS Visibility, r.head_n AS HeadN,
            COALESCE(c.n, 0) AS RoomReadN, {CountUnread} AS Unread,
            {ReadModel.Unread.CountMentions("@user", "r.id", "COALESCE(c.n, 0)")} AS Mentions,
            {ReadModel.Unread.CountThreadMentions("@user", "r.id")} AS ThreadMentions,
            {ReadModel.Unread.CountHidden("r.id", "COALESCE(c.n, 0)")} AS Hidden
        FROM room r
        JOIN room_member m ON m.room_id = r.id AND m.user_id = @user
        LEFT JOIN read_cursor c ON c.room_id = r.id AND c.user_id = @user
        LEFT JOIN thread t ON t.room_id = r.id AND t.seq = @thread
        LEFT JOIN thread_reader f ON f.user_id = @user AND f.room_id = r.id AND f.thread_seq = @thread
        WHERE r.id = @room
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);

    /// <summary>Those of the messages that have replies, by the <c>seq</c> of each.</summary>
    public async Task<IReadOnlyDictionary<long, ThreadSummary>> SummariseAsync(
        RoomId room, UserId viewer, IReadOnlyCollection<long> roots, CancellationToken cancellationToken = default)
    {
        if (roots.Count == 0)
        {
            return new Dictionary<long, ThreadSummary>();
        }

        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        return await database.ReadAsync(
            async connection =>
            {
                var parameters = new
                {
                    room = room.Value, user = viewer.Value, seqs = RowFilter.Value(database.Provider, roots), authors = MaxAuthors,
                };
                var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
                    $"""
                    SELECT t.seq AS Thread, t.replies AS Count, t.last_ts AS LastTs, COALESCE(f.follows, 0) AS Follows,
                        COALESCE(f.read_n, 0) AS ReadN, r.head_seq AS AsOf, {CountUnread} AS Unread
                    FROM thread t
                    JOIN room r ON r.id = t.room_id
                    LEFT JOIN thread_reader f ON f.user_id = @user AND f.room_id = t.room_id AND f.thread_seq = t.seq
                    WHERE t.room_id = @room AND t.replies > 0 AND {RowFilter.Sql(database.Provider, "t.seq", "seqs")}
                    """,
                    parameters,
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
                if (rows.Count == 0)
                {
                    return new Dictionary<long, ThreadSummary>();
                }

                var authors = (await connection.QueryAsync<AuthorRow>(new CommandDefinition(
                    AuthorsSql.Replace("{0}", RowFilter.Sql(database.Provider, "f.thread_seq", "seqs"), StringComparison.Ordinal),
                    parameters,
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).ToLookup(row => row.Thread, row => row.ToUser());
                return rows.ToDictionary(row => row.Thread, row => new ThreadSummary(
                    row.Thread,
                    row.Count,
                    DateTimeOffset.FromUnixTimeMilliseconds(row.LastTs),
                    [.. authors[row.Thread]],
                    row.Follows != 0,
                    row.ReadN,
                    row.Unread,
                    row.AsOf));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null if there is no such room or the user is not in it.</returns>
    public async Task<ThreadPlace?> FindStateAsync(MessageId thread, UserId user, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([thread.Room.Value], cancellationToken).ConfigureAwait(false);
        var row = await database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                StateSql,
                new { room = thread.Room.Value, user = user.Value, thread = thread.Seq },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return row is null ? null : new ThreadPlace(thread, row.Follows != 0, row.ReadN, row.Unread, row.AllMentions, row.AsOf);
    }

    /// <summary>The threads that the user follows in the rooms that they are in.</summary>
    public async Task<IReadOnlyList<ThreadDigest>> ListDigestAsync(UserId user, CancellationToken cancellationToken = default)
    {
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(
                new CommandDefinition(DigestSql, new { user = user.Value, limit = MaxDigest }, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new ThreadDigest(new MessageId(new RoomId(row.RoomId), row.Thread), row.ReadN, row.Unread, row.AsOf))];
    }

    /// <summary>
    /// Follows a thread, which need not have replies yet, or stops to. Either leaves nothing of it unread. The caller has checked that the user is in
    /// the room, and that the message can be a root. All devices of the user are told.
    /// </summary>
    public Task FollowAsync(MessageId thread, UserId user, bool on, CancellationToken cancellationToken = default) => ChangeAsync(
        thread,
        user,
        """
        INSERT INTO thread_reader (user_id, room_id, thread_seq, follows, read_n, posted_n)
        SELECT @user, @room, @thread, @follows, COALESCE((SELECT t.last_n FROM thread t WHERE t.room_id = @room AND t.seq = @thread), 0), 0
        WHERE true
        ON CONFLICT (user_id, room_id, thread_seq) DO UPDATE SET follows = excluded.follows,
            read_n = CASE WHEN excluded.read_n > thread_reader.read_n THEN excluded.read_n ELSE thread_reader.read_n END
        WHERE thread_reader.follows <> excluded.follows
        """,
        on ? 1 : 0,
        0,
        cancellationToken);

    /// <summary>
    /// Moves the user's place in a thread, capped at its last reply, unless it is there already. All devices of the user are told.
    /// </summary>
    /// <param name="back">Whether it may move back, so that what follows is unread again.</param>
    public Task ReadAsync(MessageId thread, UserId user, long n, bool back, CancellationToken cancellationToken = default) => ChangeAsync(
        thread,
        user,
        $"""
        INSERT INTO thread_reader (user_id, room_id, thread_seq, follows, read_n, posted_n)
        SELECT @user, t.room_id, t.seq, 0, CASE WHEN t.last_n < @n THEN t.last_n ELSE @n END, 0
        FROM thread t WHERE t.room_id = @room AND t.seq = @thread
        ON CONFLICT (user_id, room_id, thread_seq) DO UPDATE SET read_n = excluded.read_n
        WHERE thread_reader.read_n {(back ? "<>" : "<")} excluded.read_n
        """,
        0,
        n,
        cancellationToken);

    private async Task ChangeAsync(MessageId thread, UserId user, string sql, long follows, long n, CancellationToken cancellationToken)
    {
        // The reply may have been acknowledged without being in the tables yet; and the author's own must not arrive after a move back.
        await _freshness.EnsureAsync([thread.Room.Value], cancellationToken).ConfigureAwait(false);
        var moved = await database.WriteAsync<UserMoved?>(
            async (connection, transaction) =>
            {
                var changed = await connection.ExecuteAsync(new CommandDefinition(
                    sql,
                    new { user = user.Value, room = thread.Room.Value, thread = thread.Seq, follows, n },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                return changed == 0
                    ? null
                    : (await UserStreamTable.AppendAsync(
                        connection,
                        transaction,
                        [new UserEventRow(user, UserEventKind.ThreadUpdated, thread.Room, thread.Seq, time.GetUtcNow())],
                        cancellationToken).ConfigureAwait(false))[0];
            },
            cancellationToken).ConfigureAwait(false);
        if (moved is not null)
        {
            signal.Raise(moved);
        }
    }

    private sealed class AuthorRow
    {
        public long Thread { get; set; }

        public string Id { get; set; } = "";

        public string Username { get; set; } = "";

        public string DisplayName { get; set; } = "";

        public UserRef ToUser() => new(new UserId(Id), Username, DisplayName);
    }

    private sealed class Row
    {
        public string RoomId { get; set; } = "";

        public long Thread { get; set; }

        public long Count { get; set; }

        public long LastTs { get; set; }

        public long Follows { get; set; }

        public long ReadN { get; set; }

        public long Unread { get; set; }

        public long AsOf { get; set; }

        public long Visibility { get; set; }

        public long HeadN { get; set; }

        public long RoomReadN { get; set; }

        public long Mentions { get; set; }

        public long ThreadMentions { get; set; }

        public long Hidden { get; set; }

        public long AllMentions => ReadModel.Unread.Mentions(Visibility, ReadModel.Unread.Of(HeadN, RoomReadN, Hidden), Mentions, ThreadMentions);
    }
}

public static class ThreadServices
{
    /// <summary>Needs <c>AddAkkaChatReadModel</c>.</summary>
    public static IServiceCollection AddThreads(this IServiceCollection services)
    {
        services.TryAddSingleton<ThreadStore>();
        services.TryAddSingleton<FollowedThreads>();
        return services;
    }
}
