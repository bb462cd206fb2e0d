using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Notifications;

/// <summary>Where one browser gets pushes, and its keys, in base64url.</summary>
public sealed record PushSubscriptionRow(string Id, UserId User, SessionId Session, string Endpoint, string P256dh, string Auth);

/// <summary>Somebody in a room with a subscription, and what decides whether a message is pushed there.</summary>
/// <param name="ReadN">The read cursor in the room, or the place in the thread of a reply.</param>
/// <param name="ActiveUntil">Until when the user is taken to look at some device.</param>
public sealed record PushCandidate(
    PushSubscriptionRow Subscription, UserSettings Settings, RoomPreferences Preferences, long ReadN, DateTimeOffset ActiveUntil)
{
    /// <summary>Whether the user follows the thread of a reply.</summary>
    public bool Follows { get; init; }
}

/// <summary>The browsers that get pushes, and who of them is to be told of a message.</summary>
public sealed class PushSubscriptions(IDatabase database, UserStreamSignal signal, TimeProvider time)
{
    /// <summary>The most browsers of one user; the oldest gives way.</summary>
    public const int MaxPerUser = 20;

    private const string CandidatesSql = $"""
        SELECT s.id AS Id, s.user_id AS UserId, s.session_id AS SessionId, s.endpoint AS Endpoint, s.p256dh AS P256dh, s.auth AS Auth,
            COALESCE(u.notify, 2) AS Notify, COALESCE(u.quiet_until, 0) AS QuietUntil, COALESCE(u.quiet_hours, '') AS QuietHours,
            COALESCE(p.notify, 0) AS RoomNotify, COALESCE(p.muted, 0) AS Muted, COALESCE(a.until, 0) AS ActiveUntil,
            CASE WHEN @thread > 0 THEN COALESCE(f.read_n, 0) ELSE COALESCE(c.n, 0) END AS ReadN, COALESCE(f.follows, 0) AS Follows
        FROM room_member m
        JOIN push_subscription s ON s.user_id = m.user_id
        LEFT JOIN user_setting u ON u.user_id = m.user_id
        LEFT JOIN room_preference p ON p.user_id = m.user_id AND p.room_id = m.room_id
        LEFT JOIN read_cursor c ON c.user_id = m.user_id AND c.room_id = m.room_id
        LEFT JOIN user_activity a ON a.user_id = m.user_id
        LEFT JOIN thread_reader f ON f.user_id = m.user_id AND f.room_id = m.room_id AND f.thread_seq = @thread
        WHERE m.room_id = @room
        """;

    private const string SaveSql = """
        INSERT INTO push_subscription (id, user_id, session_id, endpoint, p256dh, auth, created_at)
        VALUES (@id, @user, @session, @endpoint, @p256dh, @auth, @now)
        ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh,
            auth = excluded.auth, created_at = excluded.created_at
        RETURNING id
        """;

    private const string TrimSql = """
        DELETE FROM push_subscription WHERE user_id = @user AND id NOT IN (
            SELECT id FROM push_subscription WHERE user_id = @user ORDER BY created_at DESC, id DESC LIMIT @max)
        """;

    private const string ActiveSql = """
        INSERT INTO user_activity (user_id, until)
        SELECT @user, @until WHERE EXISTS (SELECT 1 FROM push_subscription s WHERE s.user_id = @user)
        ON CONFLICT (user_id) DO UPDATE SET until = excluded.until
        """;

    /// <summary>One row per endpoint: whoever subscribes a browser last gets what it shows.</summary>
    /// <returns>The subscription's id.</returns>
    public async Task<string> SaveAsync(PushSubscriptionRow row, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            id = row.Id,
            user = row.User.Value,
            session = row.Session.Value,
            endpoint = row.Endpoint,
            p256dh = row.P256dh,
            auth = row.Auth,
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            max = MaxPerUser,
        };
        var (id, moved) = await database.WriteAsync(
            async (connection, transaction) =>
            {
                var saved = await connection.ExecuteScalarAsync<string>(
                    new CommandDefinition(SaveSql, parameters, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                await connection.ExecuteAsync(
                    new CommandDefinition(TrimSql, parameters, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                var streams = await UserStreamTable.AppendAsync(
                    connection, transaction, [UserEventRow.SettingsChanged(row.User, time.GetUtcNow())], cancellationToken).ConfigureAwait(false);
                return (saved!, streams);
            },
            cancellationToken).ConfigureAwait(false);
        signal.Raise(moved[0]);
        return id;
    }

    /// <summary>Removes a subscription, which its push service may have ended. Its user's other devices are told.</summary>
    public async Task<bool> RemoveAsync(string id, UserId user, CancellationToken cancellationToken)
    {
        var moved = await database.WriteAsync(
            async (connection, transaction) =>
            {
                var removed = await connection.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM push_subscription WHERE id = @id AND user_id = @user",
                    new { id, user = user.Value },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                return removed == 0 ? [] : await UserStreamTable.AppendAsync(
                    connection, transaction, [UserEventRow.SettingsChanged(user, time.GetUtcNow())], cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        if (moved.Count == 0)
        {
            return false;
        }

        signal.Raise(moved[0]);
        return true;
    }

    /// <summary>The user looks at a device, or has stopped to. Written only where there is something that it could keep from being pushed.</summary>
    public Task SetActiveAsync(UserId user, DateTimeOffset until, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            ActiveSql,
            new { user = user.Value, until = until.ToUnixTimeMilliseconds() },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>The subscriptions of the room's members, as far as the tables know.</summary>
    /// <param name="thread">The <c>seq</c> of the root of the message's thread; 0 where it is in none.</param>
    /// <param name="id">Of one subscription only.</param>
    public async Task<IReadOnlyList<PushCandidate>> ListAsync(RoomId room, long thread, string? id, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(new CommandDefinition(
                id is null ? CandidatesSql : $"{CandidatesSql} AND s.id = @id",
                new { room = room.Value, thread, id },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToCandidate())];
    }

    private sealed class Row : SettingRow
    {
        public string Id { get; set; } = "";

        public string UserId { get; set; } = "";

        public string SessionId { get; set; } = "";

        public string Endpoint { get; set; } = "";

        public string P256dh { get; set; } = "";

        public string Auth { get; set; } = "";

        public long RoomNotify { get; set; }

        public long Muted { get; set; }

        public long ReadN { get; set; }

        public long Follows { get; set; }

        public long ActiveUntil { get; set; }

        public PushCandidate ToCandidate() => new(
            new PushSubscriptionRow(Id, new UserId(UserId), new SessionId(SessionId), Endpoint, P256dh, Auth),
            ToSettings(),
            new RoomPreferences((NotifyLevel)RoomNotify, Muted != 0, Favourite: false, Order: 0),
            ReadN,
            DateTimeOffset.FromUnixTimeMilliseconds(ActiveUntil))
        {
            Follows = Follows != 0,
        };
    }
}
