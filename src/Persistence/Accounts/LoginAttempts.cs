using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Accounts;

/// <summary>
/// Slows down guessing of one account's password, on all nodes together. <see cref="FreeAttempts"/> attempts without a success are free; then
/// each must wait twice as long as the one before, up to <see cref="MaxWait"/>. An attempt counts before its password is checked, so attempts in
/// parallel gain nothing; a success forgets all.
/// </summary>
public interface ILoginAttempts
{
    const int FreeAttempts = 10;

    static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(15);

    /// <param name="key">Of the account, or of what was typed where there is none: both are slowed down alike.</param>
    /// <returns>Null when the password may be checked, else how long to wait.</returns>
    Task<TimeSpan?> TryBeginAsync(string key, CancellationToken cancellationToken);

    Task SucceededAsync(string key, CancellationToken cancellationToken);

    /// <summary>Forgets accounts that nobody has tried for a day. Safe on several nodes at once.</summary>
    Task PurgeAsync(CancellationToken cancellationToken);
}

/// <inheritdoc cref="ILoginAttempts"/>
public sealed class LoginAttempts(IDatabase database, TimeProvider time) : ILoginAttempts
{
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private const string BeginSql = """
        INSERT INTO login_attempt (login_key, attempts, last_at, next_at) VALUES (@key, 1, @now, @now)
        ON CONFLICT (login_key) DO UPDATE SET
            attempts = login_attempt.attempts + 1,
            last_at = @now,
            next_at = @now + CASE
                WHEN login_attempt.attempts + 1 < @free THEN 0
                WHEN login_attempt.attempts + 1 >= @free + 10 THEN @maxWait
                ELSE (1000 << CAST(login_attempt.attempts + 1 - @free AS integer)) END
        WHERE login_attempt.next_at <= @now
        RETURNING next_at
        """;

    public Task<TimeSpan?> TryBeginAsync(string key, CancellationToken cancellationToken) => database.WriteAsync<TimeSpan?>(
        async (connection, transaction) =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var values = new { key, now, free = ILoginAttempts.FreeAttempts, maxWait = (long)ILoginAttempts.MaxWait.TotalMilliseconds };
            var begun = await connection.QueryAsync<long>(
                new CommandDefinition(BeginSql, values, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
            if (begun.Any())
            {
                return null;
            }

            var next = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT next_at FROM login_attempt WHERE login_key = @key", values, transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            return TimeSpan.FromMilliseconds(Math.Max(1, next - now));
        },
        cancellationToken);

    public Task SucceededAsync(string key, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM login_attempt WHERE login_key = @key", new { key }, cancellationToken);

    public Task PurgeAsync(CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM login_attempt WHERE last_at < @before",
        new { before = (time.GetUtcNow() - Memory).ToUnixTimeMilliseconds() },
        cancellationToken);

    private Task<int> ExecuteAsync(string sql, object values, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(sql, values, transaction, cancellationToken: cancellationToken)),
        cancellationToken);
}
