using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// The journal's epoch, created at the first start. A restored journal gets another one, so that clients discard positions (<c>seq</c>) of
/// events that no longer exist. With PostgreSQL a restore is noticed: a recovery to a point in time begins a new timeline, and a dump that is
/// read in makes new tables or goes to another server. With SQLite, the back-ups of the command <c>backup</c> hold no epoch. What is
/// restored by any other means needs <see cref="RenewAsync"/>.
/// </summary>
public sealed partial class Installation(IDatabase database, ILogger<Installation> logger)
{
    private const string Prefix = "e_";

    /// <summary>Of the server by initdb, of its history, of the database, and of the table in it.</summary>
    private const string ServerSql =
        """
        SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
            (SELECT oid FROM pg_database WHERE datname = current_database()), 'installation'::regclass::oid)
        """;

    /// <summary>Creates the epoch, or another one where the journal was restored. To be called before rooms and clients read the journal.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var server = await FindServerAsync(cancellationToken).ConfigureAwait(false);
        var isRestored = await database.WriteAsync(
            async (connection, transaction) =>
            {
                await CreateAsync(connection, transaction, cancellationToken).ConfigureAwait(false);
                // A row of an older release says nothing of its server: there was no restore to be noticed since.
                await connection.ExecuteAsync(new CommandDefinition(
                    "UPDATE installation SET server = @server WHERE id = 1 AND server IS NULL",
                    new { server },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                // Nodes that start at once wait here for the first, and find nothing to change.
                return await connection.ExecuteAsync(new CommandDefinition(
                    "UPDATE installation SET epoch = @epoch, server = @server WHERE id = 1 AND server <> @server",
                    new { epoch = NewEpoch(), server },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false) > 0;
            },
            cancellationToken).ConfigureAwait(false);
        if (isRestored)
        {
            LogRestored(logger);
        }
    }

    /// <summary>Reads the epoch, creating it if necessary. Nodes that start at once all get the same one.</summary>
    public Task<string> GetEpochAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await CreateAsync(connection, transaction, cancellationToken).ConfigureAwait(false);
            return await connection.ExecuteScalarAsync<string>(new CommandDefinition(
                "SELECT epoch FROM installation WHERE id = 1", transaction: transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false) ?? throw new InvalidOperationException("The table installation is empty.");
        },
        cancellationToken);

    /// <summary>Makes another epoch, after a restore that the database does not tell of.</summary>
    public async Task<string> RenewAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var epoch = NewEpoch();
        await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
                "UPDATE installation SET epoch = @epoch WHERE id = 1", new { epoch }, transaction, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return epoch;
    }

    private static string NewEpoch() => Prefix + Guid.NewGuid().ToString("N");

    private static Task<int> CreateAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO installation (id, epoch) VALUES (1, @epoch) ON CONFLICT (id) DO NOTHING",
            new { epoch = NewEpoch() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Null where the database does not say: SQLite, and services that keep these functions from their users.</summary>
    private async Task<string?> FindServerAsync(CancellationToken cancellationToken)
    {
        if (database.Provider != DatabaseProvider.Postgres)
        {
            return null;
        }

        try
        {
            return await database.ReadAsync(
                connection => connection.ExecuteScalarAsync<string>(new CommandDefinition(ServerSql, cancellationToken: cancellationToken)),
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (!PostgresDatabase.IsConnectionLost(e))
        {
            LogUnknownServer(logger, e.MessageText);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal was restored from a back-up: clients will discard what they hold (new epoch)")]
    private static partial void LogRestored(ILogger logger);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database does not tell its timeline ({Reason}): after a restore run the command new-epoch")]
    private static partial void LogUnknownServer(ILogger logger, string reason);
}
