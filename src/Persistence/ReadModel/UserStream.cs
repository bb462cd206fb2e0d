using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IUserStream"/>
public sealed class UserStream(IDatabase database) : IUserStream
{
    private const string SeqSql = "SELECT COALESCE((SELECT useq FROM user_stream WHERE user_id = @user), 0)";

    private static readonly string EventsSql = $"""
        SELECT e.useq AS Useq, e.kind AS Kind, e.room_id AS RoomId, e.n AS N, e.ts AS Ts, e.subject AS Subject, COALESCE(r.head_n, 0) AS HeadN,
            COALESCE(r.visibility, 0) AS Visibility,
            CASE WHEN e.kind IN (3, 5) THEN {Unread.CountMentions("e.user_id", "e.room_id", "e.n")} ELSE 0 END AS Mentions,
            CASE WHEN e.kind IN (3, 5) THEN {Unread.CountThreadMentions("e.user_id", "e.room_id")} ELSE 0 END AS ThreadMentions,
            CASE WHEN e.kind IN (3, 5) THEN {Unread.CountHidden("e.room_id", "e.n")} ELSE 0 END AS Hidden,
            {RoomPreferenceStore.Columns}
        FROM user_event e
        LEFT JOIN room r ON r.id = e.room_id
        LEFT JOIN room_preference p ON e.kind = 4 AND p.user_id = e.user_id AND p.room_id = e.room_id
        WHERE e.user_id = @user AND e.useq > @after AND e.useq <= @head
        ORDER BY e.useq
        LIMIT @limit
        """;

    public Task<long> GetSeqAsync(UserId user, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(
                new CommandDefinition(SeqSql, new { user = user.Value }, cancellationToken: cancellationToken)),
            cancellationToken);

    public Task<UserEventPage> ReadAsync(
        UserId user,
        long afterUserSeq,
        int limit,
        CancellationToken cancellationToken = default)
    {
        var after = Math.Max(afterUserSeq, 0);
        var count = Math.Clamp(limit, 1, IUserStream.MaxEvents);
        return database.ReadAsync(
            async connection =>
            {
                var head = await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(SeqSql, new { user = user.Value }, cancellationToken: cancellationToken)).ConfigureAwait(false);
                if (after >= head)
                {
                    return new UserEventPage([], head, Reset: after > head);
                }

                var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
                    EventsSql,
                    new { user = user.Value, after, head, limit = count },
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
                return rows.Count > 0 && rows[0].Useq == after + 1
                    ? new UserEventPage([.. rows.Select(row => row.ToEvent())], head, Reset: false)
                    : new UserEventPage([], head, Reset: true);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyDictionary<UserId, long>> GetSeqsAsync(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellationToken = default)
    {
        if (users.Count == 0)
        {
            return new Dictionary<UserId, long>();
        }

        var ids = RowFilter.Parameter(database.Provider, users.Select(user => user.Value).Distinct());
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<(string, long)>(new CommandDefinition(
                $"SELECT user_id, useq FROM user_stream WHERE {RowFilter.Sql(database.Provider, "user_id")}",
                ids,
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return rows.ToDictionary(row => new UserId(row.Item1), row => row.Item2);
    }

    private sealed class Row
    {
        public long Useq { get; set; }

        public long Kind { get; set; }

        public string RoomId { get; set; } = "";

        public long N { get; set; }

        public long Ts { get; set; }

        public long HeadN { get; set; }

        public long Mentions { get; set; }

        public long ThreadMentions { get; set; }

        public long Hidden { get; set; }

        public string Subject { get; set; } = "";

        public long Visibility { get; set; }

        public long Notify { get; set; }

        public long Muted { get; set; }

        public long Favourite { get; set; }

        public long Position { get; set; }

        public UserEvent ToEvent()
        {
            var room = new RoomId(RoomId);
            var time = DateTimeOffset.FromUnixTimeMilliseconds(Ts);
            return (UserEventKind)Kind switch
            {
                UserEventKind.MembershipAdded => new MembershipAdded(Useq, room, time),
                UserEventKind.MembershipRemoved => new MembershipRemoved(Useq, room, time, (LeaveReason)N),
                UserEventKind.ReadUpdated or UserEventKind.ReadMovedBack => new ReadUpdated(
                    Useq, room, time, N, Unread.Of(HeadN, N, Hidden),
                    Unread.Mentions(Visibility, Unread.Of(HeadN, N, Hidden), Mentions, ThreadMentions),
                    (UserEventKind)Kind == UserEventKind.ReadMovedBack),
                UserEventKind.PreferencesChanged => new PreferencesChanged(
                    Useq, room, time, new RoomPreferences((NotifyLevel)Notify, Muted != 0, Favourite != 0, Position)),
                UserEventKind.SettingsChanged => new SettingsChanged(Useq, room, time),
                UserEventKind.UserBlocked => new UserBlocked(Useq, time, new UserId(Subject), N == 1),
                UserEventKind.ThreadUpdated => new ThreadUpdated(Useq, room, time, N),
                UserEventKind.MessageSaved => new MessageSaved(Useq, room, time, Math.Abs(N), N > 0),
                UserEventKind.DirectHidden => new DirectHidden(Useq, room, time, N == 1),
                _ => new UnknownUserEvent(Useq, room, time),
            };
        }
    }
}
