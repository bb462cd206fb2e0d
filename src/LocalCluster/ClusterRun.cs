using System.Globalization;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;
using AkkaChat.LocalCluster.Servers;

namespace AkkaChat.LocalCluster;

/// <summary>
/// The cluster of <c>./run cluster</c>: PostgreSQL, Redis, 2 room nodes, 4 edges and HAProxy as processes of this machine. Those that exit
/// are restarted, and all are stopped in order.
/// </summary>
/// <param name="home">The folder of its data, secrets and logs.</param>
internal sealed class ClusterRun(int port, string home, Interrupt interrupt) : IAsyncDisposable
{
    private const int FirstManagementPort = 9110;
    private const int FirstStatsPort = 8404;
    private const string DatabaseVariable = "AkkaChat__Database__ConnectionString";
    private const string RedisVariable = "AkkaChat__Presence__Redis";
    private const string KeyVariable = "AkkaChat__Auth__SigningKeys__0__Key";
    private const string KeyIdVariable = "AkkaChat__Auth__SigningKeys__0__Id";

    private readonly string _logs = Path.Combine(home, "logs");
    private readonly string _secrets = Path.Combine(home, "secrets");
    private PostgresProcess? _postgres;
    private RedisProcess? _redis;
    private IReadOnlyList<ClusterNode> _nodes = [];
    private NodeProcess? _haproxy;

    private IEnumerable<ManagedProcess> Processes =>
        new ManagedProcess?[] { _postgres, _redis }.Concat(_nodes).Append(_haproxy).OfType<ManagedProcess>();

    /// <summary>Starts everything, and returns when HAProxy has a ready edge.</summary>
    public async Task StartAsync()
    {
        CheckPrograms();
        Directory.CreateDirectory(_logs);
        Directory.CreateDirectory(_secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var log in Directory.GetFiles(_logs, "*.log"))
        {
            File.Move(log, log + ".1", overwrite: true);
        }

        if (Given(DatabaseVariable) is null || Given(RedisVariable) is null)
        {
            await CheckServiceUserAsync();
        }

        await WaitAsync(Task.WhenAll(StartPostgresAsync(), StartRedisAsync()));
        Print("Starting 2 room nodes and 4 edges ...");
        _nodes = new ClusterNodes(ProductBuild.Current, _logs, Settings()) { InheritsSettings = true }.Create(await PlansAsync());
        foreach (var node in _nodes)
        {
            node.Start();
        }

        await WaitAsync(Task.WhenAll(_nodes.Select(node => node.ReadyAsync(TimeSpan.FromSeconds(120)))));
        _haproxy = HaProxy.Create(Bind(), port, await Ports.FreeFromAsync(FirstStatsPort), [.. _nodes.Where(node => node.IsEdge).Select(edge => edge.Url)], _logs);
        _haproxy.Start();
        await WaitAsync(_haproxy.ReadyAsync(TimeSpan.FromSeconds(15)));
        Print(Table());
        Print($"AkkaChat: http://localhost:{port}   (data in {home}, Ctrl-C stops everything)");
    }

    /// <summary>Restarts processes that exit, until a signal arrives.</summary>
    public Task SuperviseAsync() => new Supervisor(
        Processes, RestartPolicy.BackOff, line => Print($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}")).RunAsync(interrupt.Stop);

    /// <summary>Stops everything in order. After a second signal it waits only for PostgreSQL.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Processes.Any(process => process.IsRunning))
        {
            Print("Stopping ...");
        }

        // Soft stop: HAProxy accepts nothing new and stays up until the edges have closed their sockets.
        await (_haproxy?.SendAsync(Signal.Usr1) ?? Task.CompletedTask);
        // A node that cannot stop in order ends by itself after 45 s.
        await EndAsync(50, interrupt.Hurry, [.. _nodes.Where(node => node.IsEdge)]);
        await EndAsync(3, interrupt.Hurry, _haproxy);
        await EndAsync(50, interrupt.Hurry, [.. _nodes.Where(node => !node.IsEdge)]);
        await EndAsync(5, interrupt.Hurry, _redis);
        await EndAsync(30, CancellationToken.None, _postgres);
    }

    private static async Task EndAsync(double seconds, CancellationToken hurry, params IEnumerable<ManagedProcess?> processes) =>
        await Task.WhenAll(processes.OfType<ManagedProcess>().Select(async process =>
        {
            try
            {
                await process.StopAsync(TimeSpan.FromSeconds(seconds)).WaitAsync(hurry);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                Print($"{process.Name} did not stop in time and was killed");
                await process.KillAsync();
            }
        }));

    private static void CheckPrograms()
    {
        Need(Installed.Find("haproxy"), "haproxy", "install the package haproxy.");
        if (Given(DatabaseVariable) is null)
        {
            Need(PostgresProcess.BinFolder(), "PostgreSQL", $"install the package postgresql, or set {DatabaseVariable}.");
        }

        if (Given(RedisVariable) is null)
        {
            Need(Installed.Find("redis-server"), "redis-server", $"install the package redis-server, or set {RedisVariable}.");
        }

        static void Need(string? found, string what, string remedy)
        {
            if (found is null)
            {
                throw new InvalidOperationException($"{what} is needed for './run cluster'; {remedy}");
            }
        }
    }

    private async Task CheckServiceUserAsync()
    {
        if (await ServiceUser.FindAsync() is { } user && !await user.MayEnterAsync(home))
        {
            throw new InvalidOperationException(
                $"the user {user.Name}, as whom PostgreSQL runs here, may not enter {home}; set DATA to a folder outside root's own.");
        }
    }

    private async Task StartPostgresAsync()
    {
        if (Given(DatabaseVariable) is not null)
        {
            return;
        }

        var plan = new PostgresPlan(Path.Combine(home, "postgres"), _logs, "127.0.0.1", await Ports.FreeFromAsync(5442))
        {
            Password = Secret.Keep(Path.Combine(_secrets, "postgres"), 24),
        };
        if (!plan.IsCreated)
        {
            Print("Creating the database ...");
        }

        _postgres = await PostgresProcess.StartAsync(plan);
    }

    private async Task StartRedisAsync()
    {
        if (Given(RedisVariable) is null)
        {
            _redis = await RedisProcess.StartAsync(
                new RedisPlan(Path.Combine(home, "redis"), _logs, "127.0.0.1", await Ports.FreeFromAsync(6390))
                {
                    Password = Secret.Keep(Path.Combine(_secrets, "redis"), 24),
                });
        }
    }

    /// <summary>In the environment, since every user of the machine can read arguments.</summary>
    private Dictionary<string, string> Settings() => new()
    {
        ["AkkaChat__Database__Provider"] = "postgres",
        [DatabaseVariable] = Given(DatabaseVariable) ?? _postgres!.ConnectionString,
        [RedisVariable] = Given(RedisVariable) ?? _redis!.ConnectionString,
        [KeyIdVariable] = Given(KeyIdVariable) ?? "cluster-1",
        [KeyVariable] = Given(KeyVariable) ?? Secret.Keep(Path.Combine(_secrets, "signing-key"), 32),
        // HAProxy's: limits per address are those of the clients.
        ["AkkaChat__Security__KnownProxies__0"] = "127.0.0.1",
        ["DATA"] = home,
    };

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>Free ports above 1023: the edges' HTTP ports from PORT upward, management ports from 9110 upward, edges first.</summary>
    private async Task<IReadOnlyList<NodePlan>> PlansAsync()
    {
        var names = NodePlan.Names(rooms: 2, edges: 4).ToList();
        var akka = new Dictionary<string, int>();
        var http = new Dictionary<string, int>();
        var management = new Dictionary<string, int>();
        var next = 5100;
        foreach (var (name, _, _) in names)
        {
            akka[name] = next = await Ports.FreeFromAsync(next + 1);
        }

        next = port is < 1024 or > 65000 ? 8080 : port;
        foreach (var (name, _, _) in names.Where(node => node.IsEdge))
        {
            http[name] = next = await Ports.FreeFromAsync(next + 1);
        }

        next = FirstManagementPort - 1;
        foreach (var (name, _, _) in names.OrderByDescending(node => node.IsEdge))
        {
            management[name] = next = await Ports.FreeFromAsync(next + 1);
        }

        return
        [
            .. names.Select(node => new NodePlan(
                node.Name, node.IsEdge, "127.0.0.1", akka[node.Name], http.GetValueOrDefault(node.Name, management[node.Name]))
            {
                ManagementPort = management[node.Name],
            }),
        ];
    }

    /// <summary>On both loopback addresses, if the machine has both.</summary>
    private string Bind()
    {
        const string Interfaces = "/proc/net/if_inet6";
        var hasV6 = File.Exists(Interfaces)
            && File.ReadLines(Interfaces).Any(line => line.TrimStart('0').StartsWith("1 ", StringComparison.Ordinal));
        return $"127.0.0.1:{port}" + (hasV6 ? $",[::1]:{port}" : "");
    }

    private string Table()
    {
        var rows = Processes.Select(process => process switch
        {
            ClusterNode { Plan: var plan } node => Row(
                node.Name,
                node.ProcessId,
                $"127.0.0.1:{plan.HttpPort}",
                $"127.0.0.1:{plan.ManagementPort}",
                $"{plan.AkkaPort}",
                node.LogFile),
            PostgresProcess postgres => Row(postgres.Name, postgres.ProcessId, postgres.Endpoint, "-", "-", postgres.LogFile),
            RedisProcess redis => Row(redis.Name, redis.ProcessId, redis.Endpoint, "-", "-", redis.LogFile),
            _ => Row(process.Name, process.ProcessId, $"localhost:{port}", _haproxy!.Management!.Authority, "-", process.LogFile),
        });
        return $"\n{Row("process", "pid", "address", "management", "cluster", "log")}\n{string.Join('\n', rows)}\n";

        static string Row(string name, object? pid, string address, string pbm, string cluster, string log) =>
            string.Format(CultureInfo.InvariantCulture, "{0,-10} {1,-8} {2,-22} {3,-22} {4,-10} {5}", name, pid, address, pbm, cluster, log);
    }

    private static void Print(string line) => Console.WriteLine(line);

    private Task WaitAsync(Task task) => task.WaitAsync(interrupt.Stop);
}
