using Dapper;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// The journal's epoch: made once, at the first start. Whoever restores a journal from a backup deletes the row, so that clients whose
/// <c>seq</c> belong to events that no longer exist start anew.
/// </summary>
public sealed class Installation(IDatabase database)
{
    private const string Prefix = "e_";

    /// <summary>Reads the epoch, making it where there is none. Several nodes at once get the same.</summary>
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
