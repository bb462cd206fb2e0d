using System.Net.Sockets;
using AkkaChat.Support;
using AkkaChat.Support.Processes;
using Npgsql;

namespace AkkaChat.Chaos.Stage;

/// <summary>PostgreSQL of the run's own, with fsync on, that may be ended at any moment and started again on the same data.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private const string Role = "akkachat";

    private readonly NodeProcess _process;
    private readonly string _address;
    private readonly int _port;

    private Postgres(NodeProcess process, string address, int port) => (_process, _address, _port) = (process, address, port);

    /// <summary>What the nodes connect with.</summary>
    public string ConnectionString => $"Host={_address};Port={_port};Username={Role};Database={Role}";

    public static async Task<Postgres> StartAsync(string folder, string logs, string address)
    {
        var bin = Directory.GetDirectories("/usr/lib/postgresql").Where(d => File.Exists($"{d}/bin/initdb"))
            .OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var version) ? version : 0).First() + "/bin";
        var data = Path.Combine(folder, "postgres");
        Directory.CreateDirectory(data);
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess)
        {
            await ServerProcess.RunAsync("chown", "postgres:postgres", data);
            await ServerProcess.RunAsync("chmod", "711", folder);
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
        }

        await ServerProcess.RunAsync([.. asUser, $"{bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        await File.AppendAllTextAsync(Path.Combine(data, "pg_hba.conf"), $"host all all {address}/24 trust\n");
        var port = FreePort.Next();
        var process = new NodeProcess(
            "postgres",
            [
                .. asUser, $"{bin}/postgres", "-D", data, "-p", $"{port}", "-k", data,
                "-c", $"listen_addresses={address}", "-c", "max_connections=300", "-c", "shared_buffers=64MB",
            ],
            new Dictionary<string, string>(),
            new Uri($"http://{address}:{port}/"),
            logs,
            folder);
        process.Start();
        var postgres = new Postgres(process, address, port);
        await postgres.AcceptsAsync();
        await postgres.ExecuteAsync($"CREATE ROLE {Role} LOGIN", admin: true);
        await postgres.ExecuteAsync($"CREATE DATABASE {Role} OWNER {Role}", admin: true);
        return postgres;
    }

    /// <summary>As a power cut does it: no checkpoint, recovery from the log. Returns when connections are accepted again.</summary>
    public async Task CrashAndRestartAsync(TimeSpan down)
    {
        await _process.SendAsync(Signal.Quit);
        await _process.ExitAsync(TimeSpan.FromSeconds(20));
        await Task.Delay(down);
        _process.Start();
        await AcceptsAsync();
    }

    /// <summary>Ends every connection of the nodes.</summary>
    public Task KillBackendsAsync() => ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{Role}' AND pid <> pg_backend_pid()", admin: true);

    public Task ExecuteAsync(string sql) => ExecuteAsync(sql, admin: false);

    public async Task<int> CountConnectionsAsync()
    {
        await using var connection = await OpenAsync(admin: true);
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{Role}'", connection);
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    public async Task<NpgsqlConnection> OpenAsync(bool admin = false)
    {
        var text = admin ? $"Host={_address};Port={_port};Username=postgres;Database=postgres" : ConnectionString;
        var connection = new NpgsqlConnection(text + ";Pooling=false;Timeout=3;Command Timeout=30");
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
        await _process.SendAsync(Signal.Quit);
        await _process.ExitAsync(TimeSpan.FromSeconds(10));
        await _process.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, bool admin)
    {
        await using var connection = await OpenAsync(admin);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task AcceptsAsync()
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await using var connection = await OpenAsync(admin: true);
                return;
            }
            catch (NpgsqlException) when (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }
}

/// <summary>Redis of the run's own, without persistence.</summary>
internal sealed class Redis : IAsyncDisposable
{
    private readonly NodeProcess _process;
    private readonly string _address;
    private readonly int _port;

    private Redis(NodeProcess process, string address, int port) => (_process, _address, _port) = (process, address, port);

    public string Endpoint => $"{_address}:{_port}";

    public static async Task<Redis> StartAsync(string folder, string logs, string address)
    {
        var port = FreePort.Next();
        var process = new NodeProcess(
            "redis",
            ["redis-server", "--port", $"{port}", "--bind", address, "--protected-mode", "no", "--dir", folder, "--save", "", "--appendonly", "no"],
            new Dictionary<string, string>(),
            new Uri($"http://{address}:{port}/"),
            logs,
            folder);
        var redis = new Redis(process, address, port);
        await redis.StartAgainAsync();
        return redis;
    }

    public Task KillAsync() => _process.KillAsync();

    public Task FreezeAsync() => _process.SendAsync(Signal.Stop);

    public Task ThawAsync() => _process.SendAsync(Signal.Cont);

    public async Task StartAgainAsync()
    {
        _process.Start();
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await SayAsync("PING");
                return;
            }
            catch (Exception e) when (e is SocketException or IOException && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(50);
            }
        }
    }

    public Task FlushAsync() => SayAsync("FLUSHALL");

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task SayAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_address, _port);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        await stream.ReadExactlyAsync(new byte[5]).AsTask().WaitAsync(TimeSpan.FromSeconds(3));
    }
}
