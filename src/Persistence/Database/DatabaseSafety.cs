using System.Data.Common;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// Checks that a commit survives a crash of the machine, on which the durable ack depends, and that the locks of a vanished node are
/// released soon. A node for which this check returns a reason must not be ready.
/// </summary>
public sealed class DatabaseSafety(IDatabase database)
{
    private const string IdleTimeout = "idle_in_transaction_session_timeout";
    private const int MaxIdleMs = 10_000;

    /// <returns>One sentence per reason not to trust the database's commits; empty when there is none.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            return database is SqliteDatabase sqlite
                ? await CheckSqliteAsync(sqlite, cancellationToken).ConfigureAwait(false)
                : await CheckPostgresAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e)
        {
            return [$"The database cannot be asked: {e.Message}"];
        }
    }

    private async Task<IReadOnlyList<string>> CheckPostgresAsync(CancellationToken cancellationToken)
    {
        const string Sql = """
            SELECT name AS "Name", setting AS "Setting" FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'idle_in_transaction_session_timeout')
            """;
        var settings = await database.ReadAsync(
            connection => connection.QueryAsync<(string Name, string Setting)>(new CommandDefinition(Sql, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. settings.Select(setting => ProblemOf(setting.Name, setting.Setting)).OfType<string>()];
    }

    private static string? ProblemOf(string name, string setting) => (name, setting) switch
    {
        (IdleTimeout, var ms) => int.Parse(ms, CultureInfo.InvariantCulture) is > 0 and <= MaxIdleMs
            ? null
            : $"PostgreSQL gives this node's sessions {IdleTimeout} = {ms} ms; it must be from 1 to {MaxIdleMs}, or a node that vanishes "
                + "keeps its rooms locked. A pooler may have dropped the connection's options: set it for the role.",
        (_, "on") => null,
        // Waits for more than `on` does; local and remote_write guarantee less after a fail-over.
        ("synchronous_commit", "remote_apply") => null,
        _ => $"PostgreSQL has {name} = {setting}; it must be on, or an acknowledged message can be lost.",
    };

    // The journal's and the snapshots' connections are opened elsewhere, so the check looks at what a plain connection gets.
    private static async Task<IReadOnlyList<string>> CheckSqliteAsync(SqliteDatabase sqlite, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var connectionString in new[]
        {
            sqlite.ConnectionString, sqlite.JournalConnectionString, sqlite.SnapshotConnectionString,
        })
        {
            await using var connection = new SqliteConnection(connectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var file = Path.GetFileName(connection.DataSource);
            var mode = await PragmaAsync(connection, "journal_mode", cancellationToken).ConfigureAwait(false);
            if (mode != "wal")
            {
                reasons.Add($"SQLite has journal_mode = {mode} on {file}; it must be wal.");
            }

            var synchronous = await PragmaAsync(connection, "synchronous", cancellationToken).ConfigureAwait(false);
            if (synchronous is not ("2" or "3"))
            {
                reasons.Add($"SQLite has synchronous = {synchronous} on {file}; it must be 2 (FULL) or an acknowledged message can be lost.");
            }
        }

        return reasons;
    }

    private static async Task<string?> PragmaAsync(DbConnection connection, string pragma, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        var value = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return Convert.ToString(value, CultureInfo.InvariantCulture);
    }
}
