using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Accounts;

/// <summary>Why a session ended; its name is stored.</summary>
public enum SessionEnd
{
    LoggedOut,
    PasswordChanged,
    RefreshTokenReused,
    Banned,
}

/// <summary>The plain refresh token, known only here and to the client; the database stores its SHA-256.</summary>
public sealed record SessionGrant(SessionId Session, UserId User, string RefreshToken, DateTimeOffset RefreshTokenExpiresAt)
{
    public override string ToString() => $"{nameof(SessionGrant)} {{ {Session} }}";
}

public enum RefreshStatus
{
    /// <summary>A new token was issued; the grant is set.</summary>
    Granted,

    /// <summary>The token is unknown, or it or its session has expired or ended.</summary>
    Refused,

    /// <summary>The token was reused: this call has ended the session.</summary>
    Reused,
}

/// <summary><see cref="Grant"/> is set with Granted; <see cref="Ended"/> (the session and its user) with Reused.</summary>
public sealed record RefreshResult(RefreshStatus Status, SessionGrant? Grant = null, (SessionId Session, UserId User)? Ended = null);

/// <summary>
/// Sessions and their refresh tokens. A session is a family of tokens with one current token, which each refresh rotates. A rotated token
/// that is used again must have been copied, so the whole family is revoked.
/// <para>
/// Two tabs share one cookie and may refresh at once, and a response may be lost. For <see cref="SessionOptions.RotationGrace"/> after its
/// rotation, an old token is therefore exchanged for a sibling of its successor (the store has only the successor's hash). The browser
/// keeps the cookie of the last response. Siblings do not weaken the detection: rotating one rotates them all, so a thief who obtained a
/// sibling during the grace and the owner cannot both continue: the second of them to refresh after the grace ends the session. A client
/// must keep only the last token it received. At most <see cref="MaxCurrentTokens"/> siblings are issued.
/// </para>
/// </summary>
public interface ISessionStore
{
    /// <summary>
    /// Starts a session. Null when <paramref name="passwordHash"/> is no longer the account's: the password was changed after it was
    /// checked, and no session opened with the old password may survive that.
    /// </summary>
    Task<SessionGrant?> CreateAsync(UserId user, string passwordHash, string? device, CancellationToken cancellationToken);

    Task<RefreshResult> RefreshAsync(string refreshToken, CancellationToken cancellationToken);

    /// <summary>The session of a refresh token, whatever the state of either; null when the token is unknown.</summary>
    Task<(SessionId Session, UserId User)?> FindByTokenAsync(string refreshToken, CancellationToken cancellationToken);

    /// <summary>False when it had already ended, or does not exist.</summary>
    Task<bool> EndAsync(SessionId session, SessionEnd reason, CancellationToken cancellationToken);

    /// <returns>The sessions that this call ended.</returns>
    Task<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionEnd reason, CancellationToken cancellationToken);

    /// <summary>Neither ended nor expired.</summary>
    Task<bool> IsLiveAsync(SessionId session, CancellationToken cancellationToken);

    /// <returns>Those of the sessions that have neither ended nor expired.</returns>
    Task<IReadOnlySet<SessionId>> FindLiveAsync(IReadOnlyCollection<SessionId> sessions, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes expired sessions and tokens, and tokens that were rotated a day ago: such a token is refused then, but no longer ends the session.
    /// In steps, so that no lock is held for long; safe on several nodes at once. Returns the number of sessions deleted.
    /// </summary>
    Task<int> PurgeAsync(CancellationToken cancellationToken);
}

public sealed class SessionStore(IDatabase database, IOptions<SessionOptions> options, TimeProvider time) : ISessionStore
{
    public const int MaxCurrentTokens = 32;

    private const int TokenBytes = 32;
    private const int PurgeStep = 1_000;
    private static readonly TimeSpan RotatedMemory = TimeSpan.FromDays(1);

    private readonly SessionOptions _options = options.Value;

    public Task<SessionGrant?> CreateAsync(UserId user, string passwordHash, string? device, CancellationToken cancellationToken)
    {
        var session = SessionId.New(time);
        return database.WriteAsync<SessionGrant?>(
            async (connection, transaction) =>
            {
                var now = time.GetUtcNow();
                var expires = now + _options.RefreshTokenLifetime;
                // An update instead of a read: it takes the row's lock, which a password change holds until its commit.
                var isCurrent = await connection.ExecuteAsync(new CommandDefinition(
                    "UPDATE account SET updated_at = updated_at WHERE id = @user AND password_hash = @passwordHash",
                    new { user = user.Value, passwordHash }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false) == 1;
                if (!isCurrent)
                {
                    return null;
                }

                await connection.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO session (id, account_id, device, created_at, used_at, expires_at)
                    VALUES (@id, @user, @device, @now, @now, @expires)
                    """,
                    new { id = session.Value, user = user.Value, device, now = Ms(now), expires = Ms(expires) },
                    transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                var token = await AddTokenAsync(connection, transaction, session.Value, now, expires, cancellationToken).ConfigureAwait(false);
                return new SessionGrant(session, user, token, expires);
            },
            cancellationToken);
    }

    public Task<RefreshResult> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var hash = Hash(refreshToken);
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var now = time.GetUtcNow();
                // Takes the session's lock first, so that parallel refreshes of one family run one after the other.
                var session = await connection.QuerySingleOrDefaultAsync<SessionRow>(new CommandDefinition(
                    """
                    UPDATE session SET used_at = @now WHERE id = (SELECT session_id FROM refresh_token WHERE hash = @hash)
                    RETURNING id AS Id, account_id AS AccountId, created_at AS CreatedAt, expires_at AS ExpiresAt, ended_at AS EndedAt
                    """,
                    new { hash, now = Ms(now) }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                var token = await connection.QuerySingleOrDefaultAsync<TokenRow>(new CommandDefinition(
                    "SELECT expires_at AS ExpiresAt, rotated_at AS RotatedAt FROM refresh_token WHERE hash = @hash",
                    new { hash }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                if (session is null || token is null || session.EndedAt is not null
                    || session.ExpiresAt <= Ms(now) || token.ExpiresAt <= Ms(now))
                {
                    return new RefreshResult(RefreshStatus.Refused);
                }

                if (token.RotatedAt is { } rotated
                    && !await IsWithinGraceAsync(connection, transaction, session.Id, rotated, now, cancellationToken).ConfigureAwait(false))
                {
                    await EndAsync(connection, transaction, session.Id, SessionEnd.RefreshTokenReused, now, cancellationToken)
                        .ConfigureAwait(false);
                    return new RefreshResult(
                        RefreshStatus.Reused, Ended: (new SessionId(session.Id), new UserId(session.AccountId)));
                }

                var isRotation = token.RotatedAt is null;
                return new RefreshResult(
                    RefreshStatus.Granted,
                    await GrantAsync(connection, transaction, session, isRotation, now, cancellationToken).ConfigureAwait(false));
            },
            cancellationToken);
    }

    public async Task<(SessionId Session, UserId User)?> FindByTokenAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<(string? Id, string? AccountId)>(new CommandDefinition(
                """
                SELECT s.id AS Id, s.account_id AS AccountId
                FROM refresh_token t JOIN session s ON s.id = t.session_id WHERE t.hash = @hash
                """,
                new { hash = Hash(refreshToken) }, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return row is ({ } id, { } account) ? (new SessionId(id), new UserId(account)) : null;
    }

    public Task<bool> EndAsync(SessionId session, SessionEnd reason, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => EndAsync(connection, transaction, session.Value, reason, time.GetUtcNow(), cancellationToken),
            cancellationToken);

    public Task<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionEnd reason, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) =>
                EndAllAsync(connection, transaction, user, null, reason, time.GetUtcNow(), cancellationToken),
            cancellationToken);

    public async Task<bool> IsLiveAsync(SessionId session, CancellationToken cancellationToken) =>
        (await FindLiveAsync([session], cancellationToken).ConfigureAwait(false)).Count > 0;

    public async Task<IReadOnlySet<SessionId>> FindLiveAsync(IReadOnlyCollection<SessionId> sessions, CancellationToken cancellationToken)
    {
        var values = new DynamicParameters(RowFilter.Parameter(database.Provider, sessions.Select(session => session.Value)));
        values.Add("now", Ms(time.GetUtcNow()));
        var sql = $"SELECT id FROM session WHERE {RowFilter.Sql(database.Provider, "id")} AND ended_at IS NULL AND expires_at > @now";
        var live = await database.ReadAsync(
            connection => connection.QueryAsync<string>(new CommandDefinition(sql, values, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return live.Select(id => new SessionId(id)).ToHashSet();
    }

    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await PurgeAsync("refresh_token", "hash", "rotated_at", now - RotatedMemory, cancellationToken).ConfigureAwait(false);
        await PurgeAsync("refresh_token", "hash", "expires_at", now, cancellationToken).ConfigureAwait(false);
        return await PurgeAsync("session", "id", "expires_at", now, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> PurgeAsync(string table, string key, string column, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var sql = $"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {column} <= @until LIMIT {PurgeStep})";
        for (var total = 0; ;)
        {
            var deleted = await database.WriteAsync(
                (connection, transaction) => connection.ExecuteAsync(
                    new CommandDefinition(sql, new { until = Ms(until) }, transaction, cancellationToken: cancellationToken)),
                cancellationToken).ConfigureAwait(false);
            total += deleted;
            if (deleted < PurgeStep)
            {
                return total;
            }
        }
    }

    internal static async Task<IReadOnlyList<SessionId>> EndAllAsync(
        DbConnection connection, DbTransaction transaction, UserId user, SessionId? except, SessionEnd reason, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var ended = await connection.QueryAsync<string>(new CommandDefinition(
            """
            UPDATE session SET ended_at = @now, ended_because = @reason
            WHERE account_id = @user AND ended_at IS NULL AND id <> @except RETURNING id
            """,
            new { user = user.Value, except = except?.Value ?? string.Empty, reason = reason.ToString(), now = Ms(now) },
            transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return ended.Select(id => new SessionId(id)).ToList();
    }

    private static async Task<bool> EndAsync(
        DbConnection connection, DbTransaction transaction, string session, SessionEnd reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE session SET ended_at = @now, ended_because = @reason WHERE id = @session AND ended_at IS NULL",
            new { session, reason = reason.ToString(), now = Ms(now) },
            transaction, cancellationToken: cancellationToken)).ConfigureAwait(false) == 1;

    // The clocks of two nodes differ a little, so the rotation time may be in the future.
    private async Task<bool> IsWithinGraceAsync(
        DbConnection connection, DbTransaction transaction, string session, long rotated, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Ms(now) - rotated <= _options.RotationGrace.TotalMilliseconds
        && await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM refresh_token WHERE session_id = @session AND rotated_at IS NULL",
            new { session }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false) < MaxCurrentTokens;

    private async Task<SessionGrant> GrantAsync(
        DbConnection connection, DbTransaction transaction, SessionRow session, bool isRotation, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (isRotation)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE refresh_token SET rotated_at = @now WHERE session_id = @session AND rotated_at IS NULL",
                new { session = session.Id, now = Ms(now) }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        }

        var limit = DateTimeOffset.FromUnixTimeMilliseconds(session.CreatedAt) + _options.SessionLifetime;
        var expires = now + _options.RefreshTokenLifetime;
        expires = expires < limit ? expires : limit;
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE session SET expires_at = @expires WHERE id = @session",
            new { session = session.Id, expires = Ms(expires) }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        var token = await AddTokenAsync(connection, transaction, session.Id, now, expires, cancellationToken).ConfigureAwait(false);
        return new SessionGrant(new SessionId(session.Id), new UserId(session.AccountId), token, expires);
    }

    private static async Task<string> AddTokenAsync(
        DbConnection connection, DbTransaction transaction, string session, DateTimeOffset now, DateTimeOffset expires,
        CancellationToken cancellationToken)
    {
        var token = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO refresh_token (hash, session_id, created_at, expires_at) VALUES (@hash, @session, @now, @expires)",
            new { hash = Hash(token), session, now = Ms(now), expires = Ms(expires) },
            transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return token;
    }

    // 256 random bits need no salt and no slow hash.
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private sealed record SessionRow(string Id, string AccountId, long CreatedAt, long ExpiresAt, long? EndedAt);

    private sealed record TokenRow(long ExpiresAt, long? RotatedAt);
}
