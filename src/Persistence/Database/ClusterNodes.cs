using Dapper;

namespace AkkaChat.Persistence.Database;

/// <summary>The nodes that report being members of the cluster. Times are the database's, which all nodes share.</summary>
public sealed class ClusterNodes(IDatabase database)
{
    private string Now => database.Provider == DatabaseProvider.Postgres
        ? "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
        : "CAST(unixepoch('subsec') * 1000 AS integer)";

    /// <summary>Records that the node is a member now; deletes nodes that have not reported for a day.</summary>
    public Task RecordSeenAsync(string address, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO cluster_node (address, seen_at) VALUES (@address, {Now})
            ON CONFLICT (address) DO UPDATE SET seen_at = excluded.seen_at;
            DELETE FROM cluster_node WHERE seen_at < {Now} - 86400000
            """,
            new { address },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>Records that the node has left, as if it had been last seen <paramref name="age"/> ago.</summary>
    public Task RecordLeftAsync(string address, TimeSpan age, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE cluster_node SET seen_at = {Now} - @age WHERE address = @address",
            new { address, age = (long)age.TotalMilliseconds },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>The nodes that were seen within <paramref name="age"/>, by address.</summary>
    public async Task<IReadOnlyList<SeenNode>> ListAsync(TimeSpan age, CancellationToken cancellationToken) => await database.ReadAsync(
        async connection => (await connection.QueryAsync<(string Address, long Ago)>(new CommandDefinition(
            $"SELECT address, {Now} - seen_at FROM cluster_node WHERE seen_at >= {Now} - @age ORDER BY address",
            new { age = (long)age.TotalMilliseconds },
            cancellationToken: cancellationToken)).ConfigureAwait(false))
            .Select(row => new SeenNode(row.Address, TimeSpan.FromMilliseconds(row.Ago))).ToList(),
        cancellationToken).ConfigureAwait(false);
}

/// <param name="Ago">How long ago the node last reported.</param>
public sealed record SeenNode(string Address, TimeSpan Ago);
