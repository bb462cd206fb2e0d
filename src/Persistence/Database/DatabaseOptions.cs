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

    /// <summary>Folder of the SQLite files and of generated keys; a relative one starts at the working folder. Default: ./data.</summary>
    public string DataFolder { get; set; } = "./data";

    /// <summary>Whether the node brings the schema up to date at start. When false, an outdated schema stops the start. Default: true.</summary>
    public bool Migrate { get; set; } = true;

    /// <summary>Connections a node may have open to PostgreSQL, the journal's own pool not counted. Default: 20.</summary>
    public int MaxPoolSize { get; set; } = 20;

    /// <summary>
    /// Longest time a command may take, in seconds, 1-9. Below 10 s, the call time-out of the journal's circuit breaker, so that the
    /// database's own error is seen and not the breaker's. Default: 8.
    /// </summary>
    public int CommandTimeoutSeconds { get; set; } = 8;

    /// <summary>Longest time to open a connection, in seconds. Default: 5.</summary>
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
        var failures = new List<string>();
        var postgres = string.Equals(options.Provider, "postgres", StringComparison.OrdinalIgnoreCase);
        if (!postgres && !string.Equals(options.Provider, "sqlite", StringComparison.OrdinalIgnoreCase))
        {
            failures.Add(Failure(nameof(options.Provider), $"is '{options.Provider}'; it must be 'sqlite' or 'postgres'."));
        }

        if (postgres && string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            failures.Add(Failure(nameof(options.ConnectionString), "is required with the provider 'postgres'."));
        }

        if (postgres)
        {
            CheckConnectionString(failures, nameof(options.ConnectionString), options.ConnectionString);
            CheckConnectionString(failures, nameof(options.MigrationConnectionString), options.MigrationConnectionString);
        }

        if (string.IsNullOrWhiteSpace(options.DataFolder))
        {
            failures.Add(Failure(nameof(options.DataFolder), "must name a folder."));
        }

        CheckRange(failures, nameof(options.MaxPoolSize), options.MaxPoolSize, 1, 1000);
        CheckRange(failures, nameof(options.CommandTimeoutSeconds), options.CommandTimeoutSeconds, 1, 9);
        CheckRange(failures, nameof(options.ConnectTimeoutSeconds), options.ConnectTimeoutSeconds, 1, 60);
        CheckRange(failures, nameof(options.KeepAliveSeconds), options.KeepAliveSeconds, 1, 600);
        CheckRange(failures, nameof(options.BusyTimeoutMilliseconds), options.BusyTimeoutMilliseconds, 100, 60_000);
        CheckRange(failures, nameof(options.StartTimeoutSeconds), options.StartTimeoutSeconds, 1, 3600);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string Failure(string property, string what) => $"{DatabaseOptions.SectionName}:{property} {what}";

    private static void CheckRange(List<string> failures, string property, int value, int from, int to)
    {
        if (value < from || value > to)
        {
            failures.Add(Failure(property, $"is {value}; it must be from {from} to {to}."));
        }
    }

    // The message of the parser can quote the string, password included, so it is not passed on.
    private static void CheckConnectionString(List<string> failures, string property, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return;
        }

        try
        {
            _ = new NpgsqlConnectionStringBuilder(value);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            failures.Add(Failure(property, "is not a valid Npgsql connection string."));
        }
    }
}
