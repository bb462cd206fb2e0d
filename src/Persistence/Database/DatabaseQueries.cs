using Dapper;

namespace AkkaChat.Persistence.Database;

internal static class DatabaseQueries
{
    /// <summary>The rows of one query, on a connection of its own.</summary>
    public static Task<List<T>> QueryAsync<T>(this IDatabase database, string sql, object parameters, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))
                .ConfigureAwait(false)).AsList(),
            cancellationToken);
}
