using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IRoomDirectory"/>
public sealed class RoomDirectory(IDatabase database, IRoomConsumers consumers) : IRoomDirectory
{
    private static readonly string SummarySql = $"""
        SELECT r.id AS RoomId, r.name AS Name, r.topic AS Topic, r.visibility AS Visibility, r.created_at AS CreatedAt,
            r.head_seq AS HeadSeq, r.head_n AS HeadN, r.member_count AS MemberCount, r.last_active AS LastActive,
            r.link_cards AS LinkCards, r.picture AS Picture, r.archived AS Archived, m.role AS Role,
            CASE WHEN h.n >= r.head_n THEN 1 ELSE 0 END AS Hidden,
            CASE WHEN m.user_id IS NULL THEN 0 ELSE COALESCE(c.n, 0) END AS ReadN,
            CASE WHEN m.user_id IS NULL THEN 0 ELSE {Unread.CountMentions("@user", "r.id", "COALESCE(c.n, 0)")} END AS MentionCount,
            CASE WHEN m.user_id IS NULL THEN 0 ELSE {Unread.CountThreadMentions("@user", "r.id")} END AS ThreadMentionCount,
            CASE WHEN m.user_id IS NULL THEN 0 ELSE {Unread.CountHidden("r.id", "COALESCE(c.n, 0)")} END AS HiddenCount,
            {RoomPreferenceStore.Columns},
            {MessageRow.Columns}
        FROM room r
        LEFT JOIN room_member m ON m.room_id = r.id AND m.user_id = @user
        LEFT JOIN read_cursor c ON c.room_id = r.id AND c.user_id = @user
        LEFT JOIN direct_hidden h ON h.room_id = r.id AND h.user_id = @user
        LEFT JOIN room_preference p ON p.user_id = @user AND p.room_id = r.id
        LEFT JOIN room_message l ON m.user_id IS NOT NULL AND l.room_id = r.id AND l.n = r.last_message_n
        """;

    private static readonly string JoinedSql = $"""
        {SummarySql}
        WHERE m.user_id IS NOT NULL
            AND (@pattern IS NULL OR r.search_text LIKE @pattern ESCAPE '\' OR (r.visibility = 2 AND EXISTS (
                SELECT 1 FROM room_member p JOIN account_word w ON w.user_id = p.user_id
                WHERE p.room_id = r.id AND p.user_id <> @user AND w.word LIKE @pattern ESCAPE '\')))
            AND (@id IS NULL OR r.last_active < @number OR (r.last_active = @number AND r.id < @id))
        ORDER BY r.last_active DESC, r.id DESC
        LIMIT @limit
        """;

    private static readonly string DiscoverableSql = $"""
        {SummarySql}
        WHERE m.user_id IS NULL AND r.visibility = 0 AND r.archived = 0 AND r.deleted = 0
            AND (@pattern IS NULL OR r.search_text LIKE @pattern ESCAPE '\')
            AND (@id IS NULL OR r.member_count < @number OR (r.member_count = @number AND r.id > @id))
        ORDER BY r.member_count DESC, r.id
        LIMIT @limit
        """;

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

    public async Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var rows = await QueryAsync<SummaryRow>(
            $"{SummarySql} WHERE r.id = @room AND r.deleted = 0", new { room = room.Value, user = viewer.Value }, cancellationToken).ConfigureAwait(false);
        return (await WithPeopleAsync([.. rows.Select(row => row.ToSummary())], viewer, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
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

        return await ListAsync(JoinedSql, user, search, cursor, limit, row => row.LastActive, cancellationToken).ConfigureAwait(false);
    }

    public Task<Page<RoomSummary>> ListDiscoverableAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default) =>
        ListAsync(DiscoverableSql, user, search, cursor, limit, row => row.MemberCount, cancellationToken);

    public async Task<RoomMembership?> GetMembershipAsync(RoomId room, UserId user, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var rows = await QueryAsync<MemberColumns>(
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
        var rows = await QueryAsync<MemberColumns>(MembersSql, parameters, cancellationToken).ConfigureAwait(false);
        return PageCursor.Page(rows, count, row => row.ToEntry(), row => new PageCursor(row.JoinedSeq, row.UserId));
    }

    public async Task<IReadOnlyList<UserId>> ListMemberIdsAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var ids = await QueryAsync<string>(
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

        var rows = await QueryAsync<(string Room, string User)>(
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
        var rows = await QueryAsync<(string Room, long Count)>(
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
        var rows = await QueryAsync<DigestRow>(DigestSql, new { user = user.Value }, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToDigest())];
    }

    public async Task<int> CountMembershipsAsync(UserId user, CancellationToken cancellationToken = default) =>
        (await QueryAsync<int>("SELECT count(*) FROM room_member WHERE user_id = @user", new { user = user.Value }, cancellationToken)
            .ConfigureAwait(false)).Single();

    private async Task CatchUpRoomsOfAsync(UserId user, CancellationToken cancellationToken)
    {
        var rooms = await QueryAsync<string>(
            "SELECT room_id FROM room_member WHERE user_id = @user", new { user = user.Value }, cancellationToken).ConfigureAwait(false);
        await _freshness.EnsureAsync(rooms, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Page<RoomSummary>> ListAsync(
        string sql,
        UserId user,
        string? search,
        string? cursor,
        int limit,
        Func<SummaryRow, long> number,
        CancellationToken cancellationToken)
    {
        var count = Math.Clamp(limit, 1, IRoomDirectory.MaxPage);
        var after = PageCursor.Parse(cursor);
        var parameters = new
        {
            user = user.Value,
            pattern = SearchText.Pattern(search),
            id = after?.Id,
            number = after?.Number ?? 0,
            limit = count + 1,
        };
        var rows = await QueryAsync<SummaryRow>(sql, parameters, cancellationToken).ConfigureAwait(false);
        var page = PageCursor.Page(rows, count, row => row.ToSummary(), row => new PageCursor(number(row), row.RoomId));
        return page with { Items = await WithPeopleAsync(page.Items, user, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>The names of a direct room's people are those that they have now: they are its name.</summary>
    private async Task<IReadOnlyList<RoomSummary>> WithPeopleAsync(
        IReadOnlyList<RoomSummary> rooms, UserId viewer, CancellationToken cancellationToken)
    {
        var direct = rooms.Where(room => room.Visibility == RoomVisibility.Direct).Select(room => room.Id.Value).ToList();
        if (direct.Count == 0)
        {
            return rooms;
        }

        var rows = await QueryAsync<PersonColumns>(
            $"""
            SELECT m.room_id AS RoomId, a.id AS Id, a.username AS Username, a.display_name AS DisplayName, COALESCE(a.avatar, '') AS Avatar,
                a.status_emoji AS StatusEmoji, a.status_text AS StatusText
            FROM room_member m JOIN account a ON a.id = m.user_id
            WHERE m.user_id <> @user AND {RowFilter.Sql(database.Provider, "m.room_id")}
            ORDER BY m.joined_seq
            """,
            new { user = viewer.Value, ids = RowFilter.Value(database.Provider, direct) },
            cancellationToken).ConfigureAwait(false);
        var people = rows.ToLookup(row => row.RoomId);
        return [.. rooms.Select(room => room.Visibility != RoomVisibility.Direct ? room : room with
        {
            Name = string.Join(", ", people[room.Id.Value].Select(person => person.DisplayName)),
            People = [.. people[room.Id.Value].Select(person => person.ToPerson())],
        })];
    }

    private Task<List<T>> QueryAsync<T>(string sql, object parameters, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                var command = new CommandDefinition(sql, parameters, cancellationToken: cancellationToken);
                return (await connection.QueryAsync<T>(command).ConfigureAwait(false)).AsList();
            },
            cancellationToken);

    private sealed class SummaryRow : MessageRow
    {
        public string RoomId { get; set; } = "";

        public string Name { get; set; } = "";

        public string Topic { get; set; } = "";

        public long Visibility { get; set; }

        public long CreatedAt { get; set; }

        public long HeadSeq { get; set; }

        public long HeadN { get; set; }

        public long MemberCount { get; set; }

        public long LastActive { get; set; }

        public long LinkCards { get; set; }

        public string Picture { get; set; } = "";

        public long Hidden { get; set; }

        public long Archived { get; set; }

        public long? Role { get; set; }

        public long ReadN { get; set; }

        public long MentionCount { get; set; }

        public long ThreadMentionCount { get; set; }

        public long HiddenCount { get; set; }

        public long Notify { get; set; }

        public long Muted { get; set; }

        public long Favourite { get; set; }

        public long Position { get; set; }

        public RoomSummary ToSummary()
        {
            var id = new RoomId(RoomId);
            return new RoomSummary(
                id,
                Name,
                Topic,
                (RoomVisibility)Visibility,
                (int)MemberCount,
                N == 0 ? null : ToMessage(id),
                Role is null ? 0 : Unread.Of(HeadN, ReadN, HiddenCount),
                Unread.Mentions(Visibility, Unread.Of(HeadN, ReadN, HiddenCount), MentionCount, ThreadMentionCount),
                Role is not null,
                (MemberRole?)Role,
                new RoomHead(HeadSeq, HeadN),
                ReadN,
                DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
                LinkCards != 0,
                Picture.Length == 0 ? null : new FileId(Picture),
                new RoomPreferences((NotifyLevel)Notify, Muted != 0, Favourite != 0, Position))
            {
                Hidden = Hidden != 0,
                Archived = Archived != 0,
            };
        }
    }

    private sealed class PersonColumns
    {
        public string RoomId { get; set; } = "";

        public string Id { get; set; } = "";

        public string Username { get; set; } = "";

        public string DisplayName { get; set; } = "";

        public string Avatar { get; set; } = "";

        public string StatusEmoji { get; set; } = "";

        public string StatusText { get; set; } = "";

        public RoomPerson ToPerson() => new(
            new UserRef(new UserId(Id), Username, DisplayName), Avatar.Length == 0 ? null : new FileId(Avatar), StatusEmoji, StatusText);
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
