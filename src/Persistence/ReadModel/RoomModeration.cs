using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="Reason">May be empty.</param>
public sealed record RoomBan(UserRef User, UserRef By, string Reason, long Seq, DateTimeOffset Time);

/// <param name="Seq">The event's.</param>
/// <param name="Action">The event's <c>ev</c>.</param>
/// <param name="Subject">Whose rights changed; null for a change of the room itself.</param>
/// <param name="Detail">The reason, the new role, the new topic; may be empty.</param>
public sealed record AuditEntry(long Seq, DateTimeOffset Time, string Action, UserRef By, UserRef? Subject, string Detail);

/// <summary>Who is banned from a room, and what its owners and admins did. A page includes everything acknowledged before the call.</summary>
public sealed class RoomModeration(IDatabase database, IRoomConsumers consumers)
{
    private const string BansSql = """
        SELECT user_id AS UserId, username AS Username, display_name AS DisplayName, reason AS Detail, by_id AS ById,
            by_username AS ByUsername, by_display_name AS ByDisplayName, seq AS Seq, ts AS Ts, '' AS Action
        FROM room_ban
        WHERE room_id = @room AND seq < @before
        ORDER BY seq DESC
        LIMIT @limit
        """;

    private const string AuditSql = """
        SELECT subject_id AS UserId, subject_username AS Username, subject_display_name AS DisplayName, detail AS Detail, by_id AS ById,
            by_username AS ByUsername, by_display_name AS ByDisplayName, seq AS Seq, ts AS Ts, action AS Action
        FROM room_audit
        WHERE room_id = @room AND seq < @before
        ORDER BY seq DESC
        LIMIT @limit
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);

    /// <summary>The newest ban first.</summary>
    public async Task<Page<RoomBan>> ListBansAsync(RoomId room, string? cursor, int limit, CancellationToken cancellationToken) =>
        await ListAsync(BansSql, room, cursor, limit, row => new RoomBan(row.User, row.By, row.Detail, row.Seq, row.Time), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The newest entry first.</summary>
    public async Task<Page<AuditEntry>> ListAuditAsync(RoomId room, string? cursor, int limit, CancellationToken cancellationToken) =>
        await ListAsync(
            AuditSql,
            room,
            cursor,
            limit,
            row => new AuditEntry(row.Seq, row.Time, row.Action, row.By, row.UserId.Length == 0 ? null : row.User, row.Detail),
            cancellationToken).ConfigureAwait(false);

    private async Task<Page<T>> ListAsync<T>(
        string sql,
        RoomId room,
        string? cursor,
        int limit,
        Func<Row, T> map,
        CancellationToken cancellationToken)
    {
        await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
        var count = Math.Clamp(limit, 1, IRoomDirectory.MaxPage);
        var parameters = new { room = room.Value, before = PageCursor.Parse(cursor)?.Number ?? long.MaxValue, limit = count + 1 };
        var rows = await database.ReadAsync(
            async connection => (await connection.QueryAsync<Row>(
                new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList(),
            cancellationToken).ConfigureAwait(false);
        return PageCursor.Page(rows, count, map, row => new PageCursor(row.Seq, room.Value));
    }

    private sealed class Row
    {
        public string UserId { get; set; } = "";

        public string Username { get; set; } = "";

        public string DisplayName { get; set; } = "";

        public string ById { get; set; } = "";

        public string ByUsername { get; set; } = "";

        public string ByDisplayName { get; set; } = "";

        public string Detail { get; set; } = "";

        public string Action { get; set; } = "";

        public long Seq { get; set; }

        public long Ts { get; set; }

        public UserRef User => new(new UserId(UserId), Username, DisplayName);

        public UserRef By => new(new UserId(ById), ByUsername, ByDisplayName);

        public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Ts);
    }
}
