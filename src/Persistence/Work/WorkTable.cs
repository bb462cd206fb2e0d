using System.Text.Json;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Work;

public enum WorkState
{
    Waiting = 0,
    Running = 1,
    Dead = 2,
}

/// <summary>
/// The states of work in the table: waiting → running → deleted, waiting again, or dead. Whoever runs an item holds a lease on it; after
/// the lease has expired, anyone may claim the item. An attempt's outcome counts only while it holds the lease, so an attempt that lost the
/// lease can neither complete nor fail its successor's work. All times are the database's: the clocks of nodes do not matter.
/// </summary>
/// <remarks>
/// With PostgreSQL none of these commits waits for the disk: if a server crash reverts one, the attempt is repeated.
/// </remarks>
public sealed class WorkTable(IDatabase database)
{
    private const int MaxError = 500;

    private readonly bool _postgres = database.Provider == DatabaseProvider.Postgres;

    /// <summary>The database's clock, in milliseconds since 1970-01-01 UTC.</summary>
    internal static string NowSql(DatabaseProvider provider) => provider == DatabaseProvider.Postgres
        ? "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    private string Now => NowSql(database.Provider);

    /// <summary>
    /// Starts an attempt at up to <paramref name="count"/> due items, the longest due first. An item whose node died during the last
    /// attempt becomes dead.
    /// </summary>
    /// <param name="last">The subjects whose items go after all others.</param>
    public async Task<IReadOnlyList<WorkItem>> ClaimAsync(
        string kind,
        string owner,
        int count,
        int maxAttempts,
        TimeSpan lease,
        IReadOnlyCollection<string> last,
        CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(
            new { kind, owner, count = (long)count, maxAttempts = (long)maxAttempts, lease = (long)lease.TotalMilliseconds });
        if (last.Count > 0)
        {
            parameters.Add("last", _postgres ? last.ToArray() : JsonSerializer.Serialize(last));
        }

        var rows = await QueryAsync<ClaimedRow>(ClaimSql(last.Count > 0), parameters, cancellationToken).ConfigureAwait(false);
        return
        [
            .. rows.Where(row => row.State == (long)WorkState.Running)
                .Select(row => new WorkItem(row.Id, row.Key, row.Payload, (int)row.Attempts, row.Subject)),
        ];
    }

    /// <summary>
    /// A subquery reads the time once. Compared row by row, the volatile clock would keep the index from skipping items that are not due.
    /// </summary>
    /// <param name="someLast">Sorts all that is due, where otherwise the index has its order.</param>
    internal string ClaimSql(bool someLast) => $"""
        WITH next AS MATERIALIZED (
            SELECT id AS next_id FROM work WHERE kind = @kind AND state < 2 AND due_at <= (SELECT {Now})
            ORDER BY {(someLast ? LastSql : "")} due_at LIMIT @count {(_postgres ? "FOR UPDATE SKIP LOCKED" : "")}
        )
        UPDATE work SET
            state = CASE WHEN attempts < @maxAttempts THEN 1 ELSE 2 END,
            attempts = CASE WHEN attempts < @maxAttempts THEN attempts + 1 ELSE attempts END,
            owner = CASE WHEN attempts < @maxAttempts THEN @owner END,
            last_error = CASE WHEN attempts < @maxAttempts THEN last_error ELSE 'The node ended during the last attempt.' END,
            due_at = {Now} + @lease
        FROM next WHERE id = next_id
        RETURNING id AS Id, key AS Key, payload AS Payload, attempts AS Attempts, state AS State, subject AS Subject
        """;

    private string LastSql => _postgres ? "subject = ANY (@last)," : "subject IN (SELECT value FROM json_each(@last)),";

    /// <summary>The attempt succeeded: deletes the item. False if the lease was lost.</summary>
    public Task<bool> CompleteAsync(WorkItem item, string owner) =>
        SettleAsync("DELETE FROM work", item, owner, new { });

    /// <summary>
    /// The attempt failed: the next one is due after <paramref name="delay"/>, or the work is dead. False if the lease was lost.
    /// </summary>
    public Task<bool> FailAsync(WorkItem item, string owner, int maxAttempts, TimeSpan delay, string error) => SettleAsync(
        $"""
        UPDATE work SET state = CASE WHEN attempts < @maxAttempts THEN 0 ELSE 2 END, owner = NULL, last_error = @error, due_at = {Now} + @delay
        """,
        item,
        owner,
        new
        {
            maxAttempts = (long)maxAttempts,
            delay = (long)delay.TotalMilliseconds,
            // PostgreSQL cannot store U+0000 in a text.
            error = (error.Length > MaxError ? error[..MaxError] : error).Replace('\0', '\uFFFD'),
        });

    /// <summary>Releases the item without counting the attempt. False if the lease was lost.</summary>
    public Task<bool> ReleaseAsync(WorkItem item, string owner) =>
        SettleAsync($"UPDATE work SET state = 0, owner = NULL, attempts = attempts - 1, due_at = {Now}", item, owner, new { });

    /// <summary>Renews the owner's leases on the items.</summary>
    /// <returns>The items whose lease it still holds.</returns>
    public async Task<IReadOnlyList<long>> RenewAsync(IReadOnlyCollection<long> items, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        var filter = _postgres ? "id = ANY (@ids)" : "id IN (SELECT value FROM json_each(@ids))";
        object ids = _postgres ? items.ToArray() : JsonSerializer.Serialize(items);
        return await QueryAsync<long>(
            $"UPDATE work SET due_at = {Now} + @lease WHERE {filter} AND owner = @owner AND state = 1 RETURNING id",
            new { ids, owner, lease = (long)lease.TotalMilliseconds },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> SettleAsync(string change, WorkItem item, string owner, object more)
    {
        var parameters = new DynamicParameters(more);
        parameters.Add("id", item.Id);
        parameters.Add("owner", owner);
        parameters.Add("attempt", (long)item.Attempt);
        var settled = await QueryAsync<long>(
            $"{change} WHERE id = @id AND owner = @owner AND attempts = @attempt AND state = 1 RETURNING id",
            parameters,
            CancellationToken.None).ConfigureAwait(false);
        return settled.Count == 1;
    }

    private Task<List<T>> QueryAsync<T>(string sql, object parameters, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => (await connection.QueryAsync<T>(new CommandDefinition(
            _postgres ? $"SET LOCAL synchronous_commit = off; {sql}" : sql,
            parameters,
            transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList(),
        cancellationToken);

    private sealed class ClaimedRow
    {
        public long Id { get; set; }

        public string Key { get; set; } = "";

        public string Payload { get; set; } = "";

        public long Attempts { get; set; }

        public long State { get; set; }

        public string Subject { get; set; } = "";
    }
}
