using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IRoomDirectory"/>
public sealed class RoomDirectory(IDatabase database, IRoomConsumers consumers) : IRoomDirectory
{
    private const string MembersSql = """
        SELECT user_id AS UserId, username AS Username, display_name AS DisplayName, role AS Role, joined_seq AS JoinedSeq,
            joined_at AS JoinedAt
        FROM room_member
        WHERE room_id = @room AND (@id IS NULL OR joined_seq > @number OR (joined_seq = @number AND user_id > @id))
        ORDER BY joined_seq, user_id
        LIMIT @limit
        """;

    private static readonly string DigestSql = $"""
        SELECT m.room_id AS RoomId, m.role AS Role, m.joined_seq AS JoinedSeq, r.head_seq AS HeadSeq, r.head_n AS HeadN, r.visibility AS Visibility,
            COALESCE(c.n, 0) AS ReadN,
            {Unread.CountMentions("m.user_id", "m.room_id", "COALESCE(c.n, 0)")} AS MentionCount,
            {Unread.CountThreadMentions("m.user_id", "m.room_id")} AS ThreadMentionCount,
            {Unread.CountHidden("r.id", "COALESCE(c.n, 0)")} AS HiddenCount,
            {RoomPreferenceStore.Columns}
        FROM room_member m
        JOIN room r ON r.id = m.room_id
        LEFT JOIN read_cursor c ON c.user_id = m.user_id AND c.room_id = m.room_id
        LEFT JOIN room_preference p ON p.user_id = m.user_id AND p.room_id = m.room_id
        WHERE m.user_id = @user
        ORDER BY m.room_id
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);
    private readonly NameIndex _names = new(database);
    private readonly RoomSummaries _summaries = new(database);

    public async Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        return await _summaries.FindAsync(room, viewer, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Page<RoomSummary>> ListJoinedAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default)
    {
        await CatchUpRoomsOfAsync(user, cancellationToken).ConfigureAwait(false);
        if (!string.IsNullOrWhiteSpace(search))
        {
            await _names.EnsureAsync(cancellationToken).ConfigureAwait(false);
        }

        return await _summaries.ListJoinedAsync(user, search, cursor, limit, cancellationToken).ConfigureAwait(false);
    }

    public Task<Page<RoomSummary>> ListDiscoverableAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default) =>
        _summaries.ListDiscoverableAsync(user, search, cursor, limit, cancellationToken);

    public async Task<RoomMembership?> GetMembershipAsync(RoomId room, UserId user, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var rows = await database.QueryAsync<MemberColumns>(
            "SELECT user_id AS UserId, role AS Role, joined_seq AS JoinedSeq FROM room_member WHERE room_id = @room AND user_id = @user",
            new { room = room.Value, user = user.Value },
            cancellationToken).ConfigureAwait(false);
        return rows.Select(row => new RoomMembership((MemberRole)row.Role, row.JoinedSeq)).SingleOrDefault();
    }

    public async Task<Page<RoomMemberEntry>> ListMembersAsync(
        RoomId room,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var count = Math.Clamp(limit, 1, IRoomDirectory.MaxPage);
        var after = PageCursor.Parse(cursor);
        var parameters = new { room = room.Value, id = after?.Id, number = after?.Number ?? 0, limit = count + 1 };
        var rows = await database.QueryAsync<MemberColumns>(MembersSql, parameters, cancellationToken).ConfigureAwait(false);
        return PageCursor.Page(rows, count, row => row.ToEntry(), row => new PageCursor(row.JoinedSeq, row.UserId));
    }

    public async Task<IReadOnlyList<UserId>> ListMemberIdsAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var ids = await database.QueryAsync<string>(
            "SELECT user_id FROM room_member WHERE room_id = @room", new { room = room.Value }, cancellationToken).ConfigureAwait(false);
        return [.. ids.Select(id => new UserId(id))];
    }

    public async Task<ILookup<RoomId, UserId>> ListMemberIdsAsync(
        IReadOnlyCollection<RoomId> rooms, CancellationToken cancellationToken = default)
    {
        if (rooms.Count == 0)
        {
            return Enumerable.Empty<UserId>().ToLookup(_ => default(RoomId));
        }

        var rows = await database.QueryAsync<(string Room, string User)>(
            $"SELECT room_id, user_id FROM room_member WHERE {RowFilter.Sql(database.Provider, "room_id")}",
            RowFilter.Parameter(database.Provider, rooms.Select(room => room.Value)),
            cancellationToken).ConfigureAwait(false);
        return rows.ToLookup(row => new RoomId(row.Room), row => new UserId(row.User));
    }

    public async Task<IReadOnlyDictionary<RoomId, int>> CountMembersAsync(
        IReadOnlyCollection<RoomId> rooms, IReadOnlyCollection<UserId> users, CancellationToken cancellationToken = default)
    {
        if (rooms.Count == 0 || users.Count == 0)
        {
            return new Dictionary<RoomId, int>();
        }

        var parameters = new
        {
            rooms = RowFilter.Value(database.Provider, rooms.Select(room => room.Value)),
            users = RowFilter.Value(database.Provider, users.Select(user => user.Value)),
        };
        var rows = await database.QueryAsync<(string Room, long Count)>(
            $"""
            SELECT room_id, count(*) FROM room_member
            WHERE {RowFilter.Sql(database.Provider, "room_id", "rooms")} AND {RowFilter.Sql(database.Provider, "user_id", "users")}
            GROUP BY room_id
            """,
            parameters,
            cancellationToken).ConfigureAwait(false);
        return rows.ToDictionary(row => new RoomId(row.Room), row => (int)row.Count);
    }

    public async Task<IReadOnlyList<MembershipDigest>> ListMembershipsAsync(UserId user, CancellationToken cancellationToken = default)
    {
        await CatchUpRoomsOfAsync(user, cancellationToken).ConfigureAwait(false);
        var rows = await database.QueryAsync<DigestRow>(DigestSql, new { user = user.Value }, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToDigest())];
    }

    public async Task<int> CountMembershipsAsync(UserId user, CancellationToken cancellationToken = default) =>
        (await database.QueryAsync<int>("SELECT count(*) FROM room_member WHERE user_id = @user", new { user = user.Value }, cancellationToken)
            .ConfigureAwait(false)).Single();

    private async Task CatchUpRoomsOfAsync(UserId user, CancellationToken cancellationToken)
    {
        var rooms = await database.QueryAsync<string>(
            "SELECT room_id FROM room_member WHERE user_id = @user", new { user = user.Value }, cancellationToken).ConfigureAwait(false);
        await _freshness.EnsureAsync(rooms, cancellationToken).ConfigureAwait(false);
    }

    private sealed class MemberColumns
    {
        public string UserId { get; set; } = "";

        public string Username { get; set; } = "";

        public string DisplayName { get; set; } = "";

        public long Role { get; set; }

        public long JoinedSeq { get; set; }

        public long JoinedAt { get; set; }

        public RoomMemberEntry ToEntry() => new(
            new UserRef(new UserId(UserId), Username, DisplayName),
            (MemberRole)Role,
            JoinedSeq,
            DateTimeOffset.FromUnixTimeMilliseconds(JoinedAt));
    }

    private sealed class DigestRow
    {
        public string RoomId { get; set; } = "";

        public long Role { get; set; }

        public long JoinedSeq { get; set; }

        public long Visibility { get; set; }

        public long HeadSeq { get; set; }

        public long HeadN { get; set; }

        public long ReadN { get; set; }

        public long MentionCount { get; set; }

        public long ThreadMentionCount { get; set; }

        public long HiddenCount { get; set; }

        public long Notify { get; set; }

        public long Muted { get; set; }

        public long Favourite { get; set; }

        public long Position { get; set; }

        public MembershipDigest ToDigest() => new(
            new RoomId(RoomId),
            new RoomHead(HeadSeq, HeadN),
            (MemberRole)Role,
            JoinedSeq,
            ReadN,
            Unread.Of(HeadN, ReadN, HiddenCount),
            Unread.Mentions(Visibility, Unread.Of(HeadN, ReadN, HiddenCount), MentionCount, ThreadMentionCount),
            new RoomPreferences((NotifyLevel)Notify, Muted != 0, Favourite != 0, Position));
    }
}
