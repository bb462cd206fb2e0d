using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Rooms as one user sees them, one or in lists. <see cref="RoomDirectory"/> makes sure that they are up to date.</summary>
internal sealed class RoomSummaries(IDatabase database)
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

    public async Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<SummaryRow>(
            $"{SummarySql} WHERE r.id = @room AND r.deleted = 0", new { room = room.Value, user = viewer.Value }, cancellationToken).ConfigureAwait(false);
        return (await WithPeopleAsync([.. rows.Select(row => row.ToSummary())], viewer, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }

    public Task<Page<RoomSummary>> ListJoinedAsync(UserId user, string? search, string? cursor, int limit, CancellationToken cancellationToken) =>
        ListAsync(JoinedSql, user, search, cursor, limit, row => row.LastActive, cancellationToken);

    public Task<Page<RoomSummary>> ListDiscoverableAsync(UserId user, string? search, string? cursor, int limit, CancellationToken cancellationToken) =>
        ListAsync(DiscoverableSql, user, search, cursor, limit, row => row.MemberCount, cancellationToken);

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
        var rows = await database.QueryAsync<SummaryRow>(sql, parameters, cancellationToken).ConfigureAwait(false);
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

        var rows = await database.QueryAsync<PersonColumns>(
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
}
