using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Work;

/// <summary>Work as an operator sees it. The payload is not shown, since it can contain what users wrote.</summary>
/// <param name="DueAt">When it may be claimed: the time of the next attempt or, while it runs, the end of the lease.</param>
/// <param name="Owner">Who runs it: machine, process and a unique id; null if nobody does.</param>
/// <param name="LastError">Why the last attempt failed; null if none has.</param>
public sealed record WorkEntry(
    long Id,
    string Kind,
    string Key,
    WorkState State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset DueAt,
    string? Owner,
    string? LastError);

/// <param name="OldestAge">The time since the oldest item was added.</param>
public sealed record WorkDepth(string Kind, WorkState State, long Count, TimeSpan OldestAge);

/// <summary>Lists, retries and drops work, for operators.</summary>
public sealed class WorkOperations(IDatabase database)
{
    /// <summary>The most entries of one page.</summary>
    public const int MaxPage = 200;

    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="state">Only this state; null for all.</param>
    /// <param name="afterId">Where the last page ended; 0 for the first.</param>
    /// <returns>Oldest first.</returns>
    public async Task<IReadOnlyList<WorkEntry>> ListAsync(
        string? kind,
        WorkState? state,
        long afterId,
        int limit,
        CancellationToken cancellationToken = default)
    {
        const string Sql = """
            SELECT id AS Id, kind AS Kind, key AS Key, state AS State, attempts AS Attempts, created_at AS CreatedAt, due_at AS DueAt,
                owner AS Owner, last_error AS LastError
            FROM work
            WHERE id > @afterId AND (@anyKind = 1 OR kind = @kind) AND (@anyState = 1 OR state = @state)
            ORDER BY id LIMIT @limit
            """;
        var parameters = new
        {
            kind = kind ?? "",
            anyKind = kind is null ? 1L : 0L,
            state = (long)(state ?? 0),
            anyState = state is null ? 1L : 0L,
            afterId,
            limit = (long)Math.Clamp(limit, 1, MaxPage),
        };
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(new CommandDefinition(Sql, parameters, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToEntry())];
    }

    /// <summary>Retries work that is dead or waiting at once, with all its attempts again. False if it is neither.</summary>
    public Task<bool> RetryAsync(long id, CancellationToken cancellationToken = default) => ChangeAsync(
        $"UPDATE work SET state = 0, attempts = 0, due_at = {WorkTable.NowSql(database.Provider)} WHERE id = @id AND state <> 1 RETURNING id",
        id,
        cancellationToken);

    /// <summary>As <see cref="RetryAsync(long, CancellationToken)"/>, and this node looks for it now.</summary>
    public async Task<bool> RetryAsync(long id, WorkQueue queue, CancellationToken cancellationToken = default)
    {
        if (!await RetryAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        foreach (var kind in (await GetDepthsAsync(cancellationToken).ConfigureAwait(false)).Select(depth => depth.Kind).Distinct())
        {
            queue.Signal(kind);
        }

        return true;
    }

    /// <summary>Deletes work that is dead or waiting. False if it is neither.</summary>
    public Task<bool> DropAsync(long id, CancellationToken cancellationToken = default) =>
        ChangeAsync("DELETE FROM work WHERE id = @id AND state <> 1 RETURNING id", id, cancellationToken);

    /// <summary>The number of items of each kind and state; combinations without items are left out.</summary>
    public async Task<IReadOnlyList<WorkDepth>> GetDepthsAsync(CancellationToken cancellationToken = default)
    {
        var sql = $"""
            SELECT kind AS Kind, state AS State, count(*) AS Count, {WorkTable.NowSql(database.Provider)} - min(created_at) AS Age
            FROM work GROUP BY kind, state ORDER BY kind, state
            """;
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<(string Kind, long State, long Count, long Age)>(
                new CommandDefinition(sql, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new WorkDepth(row.Kind, (WorkState)row.State, row.Count, TimeSpan.FromMilliseconds(row.Age)))];
    }

    private Task<bool> ChangeAsync(string sql, long id, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => (await connection.QueryAsync<long>(
            new CommandDefinition(sql, new { id }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false)).Any(),
        cancellationToken);

    private sealed class Row
    {
        public long Id { get; set; }

        public string Kind { get; set; } = "";

        public string Key { get; set; } = "";

        public long State { get; set; }

        public long Attempts { get; set; }

        public long CreatedAt { get; set; }

        public long DueAt { get; set; }

        public string? Owner { get; set; }

        public string? LastError { get; set; }

        public WorkEntry ToEntry() => new(
            Id,
            Kind,
            Key,
            (WorkState)State,
            (int)Attempts,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(DueAt),
            Owner,
            LastError);
    }
}
