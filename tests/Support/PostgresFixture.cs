using Npgsql;
using Xunit;

namespace AkkaChat.Support;

/// <summary>
/// A real PostgreSQL, private to the test process, durable as in production (fsync on). With the environment variable
/// <c>AKKACHAT_TEST_POSTGRES</c> (a connection string of a role that may create databases) that server is used instead.
/// Use it as a class or collection fixture: the server is shared by all of the process and <see cref="CreateDatabaseAsync"/> separates.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<PostgresServer>> Shared = new(PostgresServer.StartAsync);

    private PostgresServer? _server;

    public async Task InitializeAsync() => _server = await Shared.Value;

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Creates an empty database and answers its connection string. It lives as long as the server.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = _server ?? await Shared.Value;
        return await server.CreateDatabaseAsync();
    }
}

/// <summary>One server; a test that stops or restarts its database starts one of its own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Variable = "AKKACHAT_TEST_POSTGRES";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static int _databases;

    private readonly ServerProcess? _process;

    private PostgresServer(string connectionString, ServerProcess? process)
    {
        ConnectionString = connectionString;
        _process = process;
    }

    /// <summary>Of a role that may do everything, on the database <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    public static async Task<PostgresServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return new PostgresServer(given, null);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartPrivateAsync();
            }
            catch (TimeoutException) when (attempt < 3)
            {
                // another process took the port
            }
        }
    }

    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"akkachat_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ToString();
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<PostgresServer> StartPrivateAsync()
    {
        var bin = BinFolder();
        var folder = Directory.CreateTempSubdirectory("akkachat-pg-").FullName;
        var port = FreePort.Next();
        // The server refuses to run as root; in a container the tests often do.
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess)
        {
            await ServerProcess.RunAsync("chown", "postgres:postgres", folder);
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
        }

        var data = Path.Combine(folder, "data");
        await ServerProcess.RunAsync(
            [.. asUser, $"{bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        var process = ServerProcess.Start(
            folder,
            "INT",
            [
                .. asUser, $"{bin}/postgres", "-D", data, "-p", $"{port}", "-k", folder,
                "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
            ]);
        var connectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
        if (!await AnswersAsync(connectionString))
        {
            var output = process.Output;
            await process.DisposeAsync();
            throw new TimeoutException($"PostgreSQL did not start within {StartTimeout}: {output}");
        }

        return new PostgresServer(connectionString, process);
    }

    private static async Task<bool> AnswersAsync(string connectionString)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < StartTimeout;)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Timeout=2");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }

    private static string BinFolder()
    {
        const string Root = "/usr/lib/postgresql";
        var newest = Directory.Exists(Root)
            ? Directory.GetDirectories(Root).Where(d => File.Exists($"{d}/bin/initdb")).OrderByDescending(Version).FirstOrDefault()
            : null;
        return newest is null
            ? throw new InvalidOperationException($"No PostgreSQL under {Root}: install it, or set {Variable} to a connection string.")
            : $"{newest}/bin";

        static int Version(string folder) => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0;
    }
}
