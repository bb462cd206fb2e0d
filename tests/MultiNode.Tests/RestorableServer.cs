using AkkaChat.LocalCluster.Servers;
using AkkaChat.Support;
using Npgsql;

namespace AkkaChat.MultiNode.Tests;

/// <summary>A PostgreSQL with an archive, set up, restored and given a standby by the commands of docs/backup.md.</summary>
internal sealed class RestorableServer : IAsyncDisposable
{
    private const string Document = "docs/backup.md";
    private const string DocumentedArchive = "/var/backups/akkachat/wal";

    private readonly string _folder = TestFolder.Create("akkachat-restore-");
    private readonly PostgresPlan _plan;
    private readonly ServiceUser? _user;
    private PostgresProcess? _process;

    private RestorableServer(int port, ServiceUser? user)
    {
        _user = user;
        _plan = new PostgresPlan(Path.Combine(_folder, "data"), _folder, "127.0.0.1", port)
        {
            Settings =
            [
                "shared_buffers=64MB",
                .. DocumentedCommands.Below(Document, "Archive the WAL", "ini").Single().Split('\n').Select(line => Local(line).Split(" = ", 2))
                    .Select(setting => $"{setting[0]}={setting[1].Trim('\'')}"),
            ],
        };
    }

    public int Port => _plan.Port;

    private string Archive => Path.Combine(_folder, "wal");

    private string Backup => Path.Combine(_folder, "base");

    private string AdminConnection => $"Host=127.0.0.1;Port={_plan.Port};Username=postgres;Database=postgres;Pooling=false";

    public static async Task<RestorableServer> StartAsync()
    {
        var server = new RestorableServer(FreePort.Next(), await ServiceUser.FindAsync());
        Directory.CreateDirectory(server.Archive);
        if (server._user is not null)
        {
            await server._user.OwnAsync(server._folder);
        }

        await server.RestartAsync();
        return server;
    }

    public async Task<string> CreateDatabaseAsync(string name)
    {
        await ScalarAsync<object?>($"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(AdminConnection) { Database = name, Pooling = true }.ToString();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(AdminConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<string> TakeBaseBackupAsync() => RunAsync("Take a base backup", 0);

    /// <summary>Waits until what was committed so far is in the archive.</summary>
    public async Task ArchiveAsync()
    {
        var segment = await ScalarAsync<string>("SELECT pg_walfile_name(pg_switch_wal())");
        await Eventually.AssertAsync(() => Assert.True(File.Exists(Path.Combine(Archive, segment)), $"{segment} is not archived"), TimeSpan.FromSeconds(30));
    }

    public async Task RestoreAsync(string target)
    {
        await _process!.StopAsync(TimeSpan.FromSeconds(30));
        await RunAsync("Restore to a point in time", 0, ("TARGET", target));
        await RestartAsync();
        Assert.Equal("f", (await RunAsync("Restore to a point in time", 1)).Trim());
    }

    public Task DumpAndReadInAsync(string from, string into) =>
        RunAsync("Dumps", 0, ("PGDATABASE", from), ("NEWDB", into), ("DUMP", Path.Combine(_folder, "dump")));

    /// <summary>Starts another server that has all that this one acknowledges.</summary>
    public async Task<RestorableServer> StartStandbyAsync()
    {
        var standby = new RestorableServer(FreePort.Next(), _user);
        Directory.CreateDirectory(standby.Archive);
        if (_user is not null)
        {
            await _user.OwnAsync(standby._folder);
        }

        await RunAsync("A standby", 0, ("STANDBY", standby._plan.Folder));
        await standby.RestartAsync();
        await RunAsync("A standby", 1);
        return standby;
    }

    public Task KillAsync() => _process!.KillAsync();

    public Task<string> PromoteAsync() => RunAsync("A standby", 2);

    public async ValueTask DisposeAsync()
    {
        if (_process is { IsRunning: true })
        {
            await _process.StopAsync(TimeSpan.FromSeconds(30));
        }
    }

    private async Task RestartAsync() => _process = await PostgresProcess.StartAsync(_plan);

    private string Local(string text) => text.Replace(DocumentedArchive, Archive, StringComparison.Ordinal);

    /// <summary>Runs a block of the document as the server's user.</summary>
    private Task<string> RunAsync(string heading, int block, params (string Name, string Value)[] variables)
    {
        (string Name, string Value)[] all =
        [
            ("PGHOST", "127.0.0.1"), ("PGPORT", $"{_plan.Port}"), ("PGUSER", "postgres"), ("PGDATA", _plan.Folder), ("BACKUP", Backup),
            ("PATH", $"{PostgresProcess.BinFolder()}:/usr/bin:/bin"), .. variables,
        ];
        return Command.RunAsync(
        [
            .. Launcher.As(_user).Prefix, "env", .. all.Select(variable => $"{variable.Name}={variable.Value}"), "bash", "-euo", "pipefail", "-c",
            Local(DocumentedCommands.Below(Document, heading, "bash")[block]),
        ]);
    }
}
