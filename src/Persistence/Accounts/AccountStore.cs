using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Accounts;

public interface IAccountStore
{
    /// <summary>Creates the account unless its username or e-mail is taken (case-insensitive); atomic across nodes.</summary>
    Task<CreateAccountResult> CreateAsync(NewAccount account, CancellationToken cancellationToken);

    Task<Account?> FindAsync(UserId id, CancellationToken cancellationToken);

    /// <summary>The accounts that exist among <paramref name="ids"/>, in any order. At most 500 ids.</summary>
    Task<IReadOnlyList<Account>> FindManyAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken);

    /// <summary>By username, or by e-mail where <paramref name="login"/> has an @ (which no username has).</summary>
    Task<AccountCredentials?> FindCredentialsAsync(string login, CancellationToken cancellationToken);

    Task<AccountCredentials?> FindCredentialsAsync(UserId id, CancellationToken cancellationToken);

    /// <summary>Updates the fields that are not null. Returns null when there is no such account.</summary>
    Task<Account?> UpdateProfileAsync(UserId id, string? displayName, string? locale, CancellationToken cancellationToken);

    /// <summary>Both empty: there is to be none. Returns null when there is no such account.</summary>
    Task<Account?> SetStatusAsync(UserId id, string emoji, string text, CancellationToken cancellationToken);

    /// <summary>Replaces a hash by another of the same password; false when the password has changed meanwhile.</summary>
    Task<bool> ReplaceHashAsync(UserId id, string oldHash, string newHash, CancellationToken cancellationToken);

    /// <summary>
    /// Changes the password and ends all sessions but <paramref name="except"/>, in one transaction. Null when <paramref name="oldHash"/>
    /// is no longer the password's; else the sessions that ended.
    /// </summary>
    Task<IReadOnlyList<SessionId>?> ChangePasswordAsync(
        UserId id, string oldHash, string newHash, SessionId except, CancellationToken cancellationToken);
}

public sealed class AccountStore(IDatabase database, TimeProvider time) : IAccountStore
{
    private const string Columns =
        "id AS Id, username AS Username, email AS Email, display_name AS DisplayName, locale AS Locale, password_hash AS PasswordHash, "
        + "created_at AS CreatedAt, avatar AS Avatar, status_emoji AS StatusEmoji, status_text AS StatusText, last_seen AS LastSeen";

    public Task<CreateAccountResult> CreateAsync(NewAccount account, CancellationToken cancellationToken)
    {
        var emailKey = AccountKeys.Email(account.Email) ?? throw new ArgumentException("Not an e-mail address.", nameof(account));
        var row = new
        {
            id = UserId.New(time).Value,
            username = account.Username,
            usernameKey = AccountKeys.Username(account.Username),
            email = account.Email,
            emailKey,
            displayName = account.DisplayName ?? account.Username,
            locale = account.Locale,
            hash = account.PasswordHash,
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var created = await connection.QuerySingleOrDefaultAsync<Row>(Command(
                    $"""
                    INSERT INTO account (id, username, username_key, email, email_key, display_name, locale, password_hash, created_at, updated_at)
                    VALUES (@id, @username, @usernameKey, @email, @emailKey, @displayName, @locale, @hash, @now, @now)
                    ON CONFLICT DO NOTHING
                    RETURNING {Columns}
                    """,
                    row, transaction, cancellationToken)).ConfigureAwait(false);
                if (created is not null)
                {
                    return new CreateAccountResult(CreateAccountStatus.Created, created.ToAccount());
                }

                // The conflicting row is committed, or DO NOTHING would have waited for it.
                var usernameTaken = await connection.ExecuteScalarAsync<long>(Command(
                    "SELECT COUNT(*) FROM account WHERE username_key = @usernameKey", row, transaction, cancellationToken))
                    .ConfigureAwait(false) > 0;
                return new CreateAccountResult(
                    usernameTaken ? CreateAccountStatus.UsernameTaken : CreateAccountStatus.EmailTaken, null);
            },
            cancellationToken);
    }

    public async Task<Account?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        (await FindCredentialsAsync(id, cancellationToken).ConfigureAwait(false))?.Account;

    public async Task<IReadOnlyList<Account>> FindManyAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, 500, nameof(ids));
        if (ids.Count == 0)
        {
            return [];
        }

        // Dapper hands PostgreSQL an array and gives SQLite a list of parameters.
        var isOneOf = database.Provider == DatabaseProvider.Postgres ? "= ANY(@ids)" : "IN @ids";
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(Command(
                $"SELECT {Columns} FROM account WHERE id {isOneOf}",
                new { ids = ids.Select(id => id.Value).ToArray() }, null, cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return rows.Select(row => row.ToAccount()).ToList();
    }

    public Task<AccountCredentials?> FindCredentialsAsync(string login, CancellationToken cancellationToken)
    {
        if (!login.Contains('@', StringComparison.Ordinal))
        {
            return FindWhereAsync("username_key = @value", AccountKeys.Username(login), cancellationToken);
        }

        return AccountKeys.Email(login) is { } key
            ? FindWhereAsync("email_key = @value", key, cancellationToken)
            : Task.FromResult<AccountCredentials?>(null);
    }

    public Task<AccountCredentials?> FindCredentialsAsync(UserId id, CancellationToken cancellationToken) =>
        FindWhereAsync("id = @value", id.Value, cancellationToken);

    public Task<Account?> UpdateProfileAsync(UserId id, string? displayName, string? locale, CancellationToken cancellationToken)
    {
        var values = new { id = id.Value, displayName, locale, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var row = await connection.QuerySingleOrDefaultAsync<Row>(Command(
                    $"""
                    UPDATE account SET display_name = COALESCE(@displayName, display_name), locale = COALESCE(@locale, locale), updated_at = @now
                    WHERE id = @id
                    RETURNING {Columns}
                    """,
                    values, transaction, cancellationToken)).ConfigureAwait(false);
                return row?.ToAccount();
            },
            cancellationToken);
    }

    public Task<Account?> SetStatusAsync(UserId id, string emoji, string text, CancellationToken cancellationToken)
    {
        var values = new { id = id.Value, emoji, text, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return database.WriteAsync(
            async (connection, transaction) => (await connection.QuerySingleOrDefaultAsync<Row>(Command(
                $"UPDATE account SET status_emoji = @emoji, status_text = @text, updated_at = @now WHERE id = @id RETURNING {Columns}",
                values, transaction, cancellationToken)).ConfigureAwait(false))?.ToAccount(),
            cancellationToken);
    }

    public Task<bool> ReplaceHashAsync(UserId id, string oldHash, string newHash, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => SetHashAsync(connection, transaction, id, oldHash, newHash, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<SessionId>?> ChangePasswordAsync(
        UserId id, string oldHash, string newHash, SessionId except, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<SessionId>?>(
            async (connection, transaction) =>
            {
                if (!await SetHashAsync(connection, transaction, id, oldHash, newHash, cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                return await SessionStore.EndAllAsync(
                    connection, transaction, id, except, SessionEnd.PasswordChanged, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    private async Task<bool> SetHashAsync(
        DbConnection connection, DbTransaction transaction, UserId id, string oldHash, string newHash, CancellationToken cancellationToken)
    {
        var values = new { id = id.Value, oldHash, newHash, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return await connection.ExecuteAsync(Command(
            "UPDATE account SET password_hash = @newHash, updated_at = @now WHERE id = @id AND password_hash = @oldHash",
            values, transaction, cancellationToken)).ConfigureAwait(false) == 1;
    }

    private async Task<AccountCredentials?> FindWhereAsync(string condition, string value, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<Row>(Command(
                $"SELECT {Columns} FROM account WHERE {condition}", new { value }, null, cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return row is null ? null : new AccountCredentials(row.ToAccount(), row.PasswordHash);
    }

    private static CommandDefinition Command(
        string sql, object parameters, DbTransaction? transaction, CancellationToken cancellationToken) =>
        new(sql, parameters, transaction, cancellationToken: cancellationToken);

    private sealed record Row(
        string Id, string Username, string Email, string DisplayName, string? Locale, string PasswordHash, long CreatedAt, string? Avatar,
        string StatusEmoji, string StatusText, long? LastSeen)
    {
        public Account ToAccount() =>
            new(new UserId(Id), Username, Email, DisplayName, Locale, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt))
            {
                Avatar = Avatar is null ? null : new FileId(Avatar),
                StatusEmoji = StatusEmoji,
                StatusText = StatusText,
                LastSeen = LastSeen is { } seen ? DateTimeOffset.FromUnixTimeMilliseconds(seen) : null,
            };
    }
}
