using AkkaChat.LocalCluster.Servers;
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

    private static int _databases;

    private readonly PostgresProcess? _process;

    private PostgresServer(string connectionString, PostgresProcess? process) => (ConnectionString, _process) = (connectionString, process);

    /// <summary>Of a role that may do everything, on the database <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    public static async Task<PostgresServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return new PostgresServer(given, null);
        }

        var folder = TestFolder.Create("akkachat-pg-");
        var process = await FreePort.TryAsync(port => PostgresProcess.StartAsync(
            new PostgresPlan(Path.Combine(folder, "data"), folder, "127.0.0.1", port) { Settings = ["shared_buffers=64MB"] }));
        return new PostgresServer($"Host=127.0.0.1;Port={process.Port};Username=postgres;Database=postgres", process);
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

    public async ValueTask DisposeAsync()
    {
        if (_process is { IsRunning: true })
        {
            await _process.StopAsync(TimeSpan.FromSeconds(10));
        }
    }
}
