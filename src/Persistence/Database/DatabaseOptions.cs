using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AkkaChat.Persistence.Database;

public enum DatabaseProvider
{
    Sqlite,
    Postgres,
}

/// <summary>Where the node keeps its durable data.</summary>
public sealed class DatabaseOptions
{
    public const string SectionName = "AkkaChat:Database";

    /// <summary><c>sqlite</c> (one process, files in <see cref="DataFolder"/>) or <c>postgres</c>. Default: sqlite.</summary>
    public string Provider { get; set; } = "sqlite";

    /// <summary>Npgsql connection string; required with <c>postgres</c>, unused with <c>sqlite</c>. Default: none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Npgsql connection string of a role that may create tables, so that <see cref="ConnectionString"/>'s role need not.
    /// Default: none, which means <see cref="ConnectionString"/>.
    /// </summary>
    public string? MigrationConnectionString { get; set; }

    /// <summary>Folder of the SQLite files and of generated keys; a relative path starts at the working folder. Default: ./data.</summary>
    public string DataFolder { get; set; } = "./data";

    /// <summary>Whether the node brings the schema up to date at start. When false, an outdated schema stops the start. Default: true.</summary>
    public bool Migrate { get; set; } = true;

    /// <summary>Maximum number of open connections of a node to PostgreSQL, not counting the journal's pool. Default: 20.</summary>
    public int MaxPoolSize { get; set; } = 20;

    /// <summary>
    /// Maximum time of a command, in seconds, 1-9. Below 10 s, the call time-out of the journal's circuit breaker, so that the database's
    /// own error is reported instead of the breaker's. Default: 8.
    /// </summary>
    public int CommandTimeoutSeconds { get; set; } = 8;

    /// <summary>Maximum time to open a connection, in seconds. Default: 5.</summary>
    public int ConnectTimeoutSeconds { get; set; } = 5;

    /// <summary>Seconds between keepalives on an idle PostgreSQL connection; finds a dead peer behind a firewall. Default: 15.</summary>
    public int KeepAliveSeconds { get; set; } = 15;

    /// <summary>How long SQLite waits for another writer of the file, in milliseconds. Default: 5000.</summary>
    public int BusyTimeoutMilliseconds { get; set; } = 5000;

    /// <summary>How long a start waits for the database, and for another node's migration, in seconds. Default: 60.</summary>
    public int StartTimeoutSeconds { get; set; } = 60;

    /// <summary><see cref="Provider"/> as a value; only meaningful once the options are validated.</summary>
    public DatabaseProvider ProviderKind =>
        string.Equals(Provider, "postgres", StringComparison.OrdinalIgnoreCase) ? DatabaseProvider.Postgres : DatabaseProvider.Sqlite;
}

public sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        var isPostgres = string.Equals(options.Provider, "postgres", StringComparison.OrdinalIgnoreCase);
        var isSqlite = string.Equals(options.Provider, "sqlite", StringComparison.OrdinalIgnoreCase);
        return new SettingRules(DatabaseOptions.SectionName)
            .Require(isPostgres || isSqlite, nameof(options.Provider), "'sqlite' or 'postgres'")
            .Require(
                !isPostgres || !string.IsNullOrWhiteSpace(options.ConnectionString), nameof(options.ConnectionString), "set with the provider 'postgres'")
            .Require(
                !isPostgres || IsConnectionString(options.ConnectionString), nameof(options.ConnectionString), "an Npgsql connection string")
            .Require(
                !isPostgres || IsConnectionString(options.MigrationConnectionString),
                nameof(options.MigrationConnectionString),
                "an Npgsql connection string")
            .Require(!string.IsNullOrWhiteSpace(options.DataFolder), nameof(options.DataFolder), "the name of a folder")
            .RequireRange(options.MaxPoolSize, nameof(options.MaxPoolSize), 1, 1000)
            .RequireRange(options.CommandTimeoutSeconds, nameof(options.CommandTimeoutSeconds), 1, 9)
            .RequireRange(options.ConnectTimeoutSeconds, nameof(options.ConnectTimeoutSeconds), 1, 60)
            .RequireRange(options.KeepAliveSeconds, nameof(options.KeepAliveSeconds), 1, 600)
            .RequireRange(options.BusyTimeoutMilliseconds, nameof(options.BusyTimeoutMilliseconds), 100, 60_000)
            .RequireRange(options.StartTimeoutSeconds, nameof(options.StartTimeoutSeconds), 1, 3600)
            .ToResult();
    }

    // The parser's message can quote the string with its password, so it is not passed on.
    private static bool IsConnectionString(string? value)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(value);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return false;
        }
    }
}
