using AkkaChat.LocalCluster.Processes;
using AkkaChat.LocalCluster.Servers;
using AkkaChat.Support;
using Npgsql;

namespace AkkaChat.Chaos.Stage;

/// <summary>PostgreSQL of the run's own, with fsync on, that may be ended at any moment and started again on the same data.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private readonly PostgresProcess _process;

    private Postgres(PostgresProcess process) => _process = process;

    /// <summary>What the nodes connect with.</summary>
    public string ConnectionString => _process.ConnectionString;

    public static async Task<Postgres> StartAsync(string folder, string logs, string address)
    {
        var plan = new PostgresPlan(Path.Combine(folder, "postgres"), logs, address, FreePort.Next()) { Settings = ["shared_buffers=64MB"] };
        return new Postgres(await PostgresProcess.StartAsync(plan));
    }

    /// <summary>As a power cut does it: no checkpoint, recovery from the log. Returns when connections are accepted again.</summary>
    public async Task CrashAndRestartAsync(TimeSpan down)
    {
        await CrashAsync();
        await Task.Delay(down);
        _process.Start();
        await _process.ReadyAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Ends every connection of the nodes.</summary>
    public Task KillBackendsAsync() => ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{PostgresProcess.Role}' AND pid <> pg_backend_pid()", isAdmin: true);

    public Task ExecuteAsync(string sql) => ExecuteAsync(sql, isAdmin: false);

    public async Task<NpgsqlConnection> OpenAsync(bool isAdmin = false)
    {
        var text = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 3, CommandTimeout = 30 };
        if (isAdmin)
        {
            text.Username = text.Database = "postgres";
        }

        var connection = new NpgsqlConnection(text.ToString());
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        await _process.DisposeAsync();
    }

    private async Task CrashAsync()
    {
        await _process.SendAsync(Signal.Quit);
        await _process.ExitAsync(TimeSpan.FromSeconds(20));
    }

    private async Task ExecuteAsync(string sql, bool isAdmin)
    {
        await using var connection = await OpenAsync(isAdmin);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
