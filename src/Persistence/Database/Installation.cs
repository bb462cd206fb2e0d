using Dapper;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// The journal's epoch, created at the first start. Delete the row after restoring a journal from a backup, so that clients discard
/// positions (<c>seq</c>) of events that no longer exist.
/// </summary>
public sealed class Installation(IDatabase database)
{
    private const string Prefix = "e_";

    /// <summary>Reads the epoch, creating it if necessary. Nodes that start at once all get the same one.</summary>
    public Task<string> GetEpochAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO installation (id, epoch) VALUES (1, @epoch) ON CONFLICT (id) DO NOTHING",
                new { epoch = Prefix + Guid.NewGuid().ToString("N") },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            return await connection.ExecuteScalarAsync<string>(new CommandDefinition(
                "SELECT epoch FROM installation WHERE id = 1", transaction: transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false) ?? throw new InvalidOperationException("The table installation is empty.");
        },
        cancellationToken);
}
