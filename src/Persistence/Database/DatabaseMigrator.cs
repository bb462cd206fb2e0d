using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Postgresql;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AkkaChat.Persistence.Database;

/// <summary>The schema could not be brought up to date, or the database not be reached in time. The message says what to do.</summary>
public sealed class DatabaseMigrationException : Exception
{
    public DatabaseMigrationException(string message) : base(message)
    {
    }

    public DatabaseMigrationException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}

/// <summary>
/// Brings the schema up to date from the scripts embedded under <c>Migrations/</c>, each once, in the order of their names, each in a
/// transaction of its own. Several nodes may call it at once: with PostgreSQL one of them works and the others wait on an advisory lock.
/// </summary>
public sealed partial class DatabaseMigrator(
    IDatabase database, IOptions<DatabaseOptions> options, TimeProvider time, ILogger<DatabaseMigrator> logger)
{
    // An arbitrary constant that all versions of the application share: "akkachat" in ASCII.
    private const long LockKey = 0x616B6B6163686174;
    private const string JournalTable = "schema_migration";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly DatabaseOptions _options = options.Value;
    private volatile string? _waitsFor;

    /// <summary>What a start waits for, for people; null where it does not wait.</summary>
    public string? WaitsFor => _waitsFor;

    /// <exception cref="DatabaseMigrationException">No database within the time limit, a failed script, or an outdated schema.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (database is SqliteDatabase sqlite)
        {
            await MigrateSqliteAsync(sqlite, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await MigratePostgresAsync(cancellationToken).ConfigureAwait(false);
        }

        var elapsed = time.GetElapsedTime(started);
        LogDone(logger, database.Provider, elapsed);
    }

    private async Task MigrateSqliteAsync(SqliteDatabase sqlite, CancellationToken cancellationToken)
    {
        CreatePrivateFolder(sqlite.DataFolder);
        await using var guard = await LockFolderAsync(sqlite.DataFolder, cancellationToken).ConfigureAwait(false);
        foreach (var (folder, connectionString) in new[]
        {
            ("Sqlite", sqlite.ConnectionString),
            ("SqliteJournal", sqlite.JournalConnectionString),
            ("SqliteSnapshots", sqlite.SnapshotConnectionString),
        })
        {
            // Opening the file switches it to WAL permanently.
            await using (await sqlite.OpenAsync(connectionString, cancellationToken).ConfigureAwait(false))
            {
            }

            var scripts = Scripts(folder);
            if (scripts.Length > 0)
            {
                var builder = DeployChanges.To.SqliteDatabase(connectionString).JournalToSqliteTable(JournalTable);
                await UpgradeAsync(builder, folder, scripts).ConfigureAwait(false);
            }
        }
    }

    private async Task MigratePostgresAsync(CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(_options.MigrationConnectionString ?? _options.ConnectionString)
        {
            CommandTimeout = 0, // a migration may take longer than any query
            Timeout = _options.ConnectTimeoutSeconds,
            KeepAlive = _options.KeepAliveSeconds,
            ApplicationName = "akkachat-migrator",
            MaxPoolSize = 2,
        };
        await using var dataSource = NpgsqlDataSource.Create(connectionString.ToString());
        var deadline = time.GetTimestamp();
        await using var session = await ConnectAsync(dataSource, deadline, cancellationToken).ConfigureAwait(false);
        await LockAsync(session, deadline, cancellationToken).ConfigureAwait(false);
        _waitsFor = null;
        // The lock belongs to the session: closing the physical connection, or dying, releases it.
        var schema = await ScalarAsync<string>(session, "SELECT current_schema()::text", cancellationToken).ConfigureAwait(false);
        var builder = PostgresqlExtensions.PostgresqlDatabase(new PostgresqlConnectionManager(dataSource), schema)
            .JournalToPostgresqlTable(schema, JournalTable);
        await UpgradeAsync(builder, "Postgres", Scripts("Postgres")).ConfigureAwait(false);
        await ScalarAsync<bool>(session, $"SELECT pg_advisory_unlock({LockKey})", cancellationToken).ConfigureAwait(false);
    }

    private async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource dataSource, long started, CancellationToken cancellationToken)
    {
        for (var reported = false; ; reported = true)
        {
            string reason;
            Exception? cause = null;
            try
            {
                var session = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                if (!await ScalarAsync<bool>(session, "SELECT pg_is_in_recovery()", cancellationToken).ConfigureAwait(false))
                {
                    return session;
                }

                await session.DisposeAsync().ConfigureAwait(false);
                reason = "it is recovering, or a standby, and accepts no writes";
            }
            catch (NpgsqlException e) when (e is not PostgresException || PostgresDatabase.IsConnectionLost(e))
            {
                (reason, cause) = (e.Message, e);
            }
            catch (PostgresException e)
            {
                throw new DatabaseMigrationException(
                    $"PostgreSQL refused the connection of {DatabaseOptions.SectionName}:{nameof(DatabaseOptions.ConnectionString)}: "
                    + $"{e.MessageText} ({e.SqlState}).",
                    e);
            }

            if (IsLate(started))
            {
                throw new DatabaseMigrationException(
                    $"PostgreSQL could not be used within {_options.StartTimeoutSeconds} s "
                    + $"({DatabaseOptions.SectionName}:{nameof(DatabaseOptions.StartTimeoutSeconds)}): {reason}. "
                    + $"Check {DatabaseOptions.SectionName}:{nameof(DatabaseOptions.ConnectionString)} and that the server runs.",
                    cause);
            }

            _waitsFor = $"PostgreSQL: {reason}";
            if (!reported)
            {
                LogWaitingForServer(logger, reason);
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LockAsync(NpgsqlConnection session, long started, CancellationToken cancellationToken)
    {
        for (var reported = false; ; reported = true)
        {
            if (await ScalarAsync<bool>(session, $"SELECT pg_try_advisory_lock({LockKey})", cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            if (IsLate(started))
            {
                throw new DatabaseMigrationException(
                    $"Another node's migration did not end within {_options.StartTimeoutSeconds} s "
                    + $"({DatabaseOptions.SectionName}:{nameof(DatabaseOptions.StartTimeoutSeconds)}).");
            }

            _waitsFor = "another node's migration";
            if (!reported)
            {
                LogWaitingForMigration(logger);
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task UpgradeAsync(UpgradeEngineBuilder builder, string folder, SqlScript[] scripts)
    {
        var engine = builder
            .WithScripts(scripts)
            .WithScriptNameComparer(StringComparer.Ordinal)
            .WithTransactionPerScript()
            .WithVariablesDisabled() // $…$ is PostgreSQL's quoting
            .LogTo(logger)
            .Build();

        // DbUp is synchronous, so it runs on a dedicated thread instead of the pool's.
        await Task.Factory.StartNew(
            () => Upgrade(engine, folder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .ConfigureAwait(false);
    }

    private void Upgrade(UpgradeEngine engine, string folder)
    {
        var pending = engine.GetScriptsToExecute();
        if (pending.Count == 0)
        {
            return;
        }

        if (!_options.Migrate)
        {
            throw new DatabaseMigrationException(
                $"The schema lacks {string.Join(", ", pending.Select(s => s.Name))} and "
                + $"{DatabaseOptions.SectionName}:{nameof(DatabaseOptions.Migrate)} is false.");
        }

        LogApplying(logger, pending.Count, folder);
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new DatabaseMigrationException(
                $"Migration {folder}/{result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
    }

    private static SqlScript[] Scripts(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"Migrations/{folder}/";
        return assembly.GetManifestResourceNames()
            .Select(resource => (Resource: resource, Name: resource.Replace('\\', '/')))
            .Where(script => script.Name.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(script => script.Name, StringComparer.Ordinal)
            .Select(script => SqlScript.FromStream(
                script.Name[prefix.Length..], assembly.GetManifestResourceStream(script.Resource)!))
            .ToArray();
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<FileStream> LockFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "migration.lock");
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e)
            {
                if (IsLate(started))
                {
                    throw new DatabaseMigrationException($"{path} stayed locked by another process: {e.Message}", e);
                }

                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool IsLate(long started) => time.GetElapsedTime(started) > TimeSpan.FromSeconds(_options.StartTimeoutSeconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying {Count} migration(s) of {Folder}")]
    private static partial void LogApplying(ILogger logger, int count, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Provider} schema is up to date after {Elapsed}")]
    private static partial void LogDone(ILogger logger, DatabaseProvider provider, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for PostgreSQL: {Reason}")]
    private static partial void LogWaitingForServer(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for another node's migration")]
    private static partial void LogWaitingForMigration(ILogger logger);
}
