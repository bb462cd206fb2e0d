using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Stage;

/// <summary>The nodes of a test cluster, and the binaries they run.</summary>
/// <param name="Binaries">The folder with the folders Edge and Cluster.</param>
internal sealed record ClusterShape(int Edges, int Rooms, string Binaries);

/// <summary>The whole cluster as real processes: nodes, PostgreSQL, Redis. The supervisor starts nodes that have ended.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int AkkaPort = 4053;
    private const int HttpPort = 8080;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Sample> _samples = [];
    private Task _supervising = Task.CompletedTask;

    private TestCluster(Network network, string logs, Postgres postgres, Redis redis) =>
        (Network, Logs, Postgres, Redis) = (network, logs, postgres, redis);

    public Network Network { get; }

    public string Logs { get; }

    public Postgres Postgres { get; }

    public Redis Redis { get; }

    public IReadOnlyList<Node> Nodes { get; private set; } = [];

    public IEnumerable<Node> Rooms => Nodes.Where(node => !node.IsEdge);

    public IEnumerable<Node> Edges => Nodes.Where(node => node.IsEdge);

    /// <summary>The room node that has been up longest: it holds the shard coordinator.</summary>
    public Node Oldest => Rooms.Where(node => node.Process.IsRunning).MinBy(node => node.Process.StartedAs) ?? Rooms.First();

    public IReadOnlyList<Sample> Samples
    {
        get
        {
            lock (_samples)
            {
                return [.. _samples];
            }
        }
    }

    public static async Task<TestCluster> OpenAsync(ClusterShape shape, bool isIsolated, string folder, string logs)
    {
        var network = new Network(isIsolated);
        await network.StartAsync();
        var postgres = await Postgres.StartAsync(folder, logs, network.Hub);
        var redis = await Redis.StartAsync(folder, logs, network.Hub);
        var cluster = new TestCluster(network, logs, postgres, redis);
        try
        {
            await cluster.StartNodesAsync(shape, folder);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every node, or these, are ready; answers those that are not in time.</summary>
    public async Task<IReadOnlyList<string>> ReadyAsync(TimeSpan timeout, params IReadOnlyList<Node> nodes)
    {
        var late = new List<string>();
        await Task.WhenAll((nodes.Count > 0 ? nodes : Nodes).Select(async node =>
        {
            for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
            {
                try
                {
                    await node.Process.ReadyAsync(timeout);
                    return;
                }
                catch (Exception e) when (e is InvalidOperationException or TimeoutException)
                {
                    // It has ended; the supervisor starts it again.
                    await Task.Delay(500);
                }
            }

            lock (late)
            {
                late.Add(node.Name);
            }
        }));
        return late;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _supervising;
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        _end.Dispose();
    }

    private async Task StartNodesAsync(ClusterShape shape, string folder)
    {
        var plans = new List<(string Name, bool IsEdge, string Address, int Akka, int Http)>();
        for (var i = 1; i <= shape.Rooms + shape.Edges; i++)
        {
            var isEdge = i > shape.Rooms;
            var name = isEdge ? $"edge{i - shape.Rooms}" : $"room{i}";
            var address = await Network.AddAsync(name, isEdge ? 20 + i - shape.Rooms : 10 + i);
            plans.Add(Network.IsReal ? (name, isEdge, address, AkkaPort, HttpPort) : (name, isEdge, address, FreePort.Next(), FreePort.Next()));
        }

        var settings = Settings(folder, shape, plans.Where(plan => !plan.IsEdge).Take(2).Select(plan => $"akka.tcp://chat@{plan.Address}:{plan.Akka}"));
        var nodes = new List<Node>();
        foreach (var plan in plans)
        {
            nodes.Add(Build(shape, plan.Name, plan.IsEdge, plan.Address, plan.Akka, plan.Http, settings));
        }

        Nodes = nodes;
        foreach (var node in Nodes)
        {
            node.Process.Start();
        }

        await Task.WhenAll(Nodes.Select(node => node.Process.ReadyAsync(ReadyTimeout)));
        _supervising = Task.Run(SuperviseAsync);
    }

    private Dictionary<string, string> Settings(string folder, ClusterShape shape, IEnumerable<string> seeds)
    {
        var settings = new Dictionary<string, string>
        {
            ["AkkaChat__Database__Provider"] = "postgres",
            ["AkkaChat__Database__ConnectionString"] = Postgres.ConnectionString,
            ["AkkaChat__Database__DataFolder"] = folder,
            ["AkkaChat__Presence__Redis"] = $"{Redis.Endpoint},abortConnect=false",
            ["AkkaChat__Auth__SigningKeys__0__Id"] = "chaos-1",
            ["AkkaChat__Auth__SigningKeys__0__Key"] = Product.NewSigningKey(),
            ["AkkaChat__Auth__AccessTokenLifetime"] = "01:00:00",
            // Often, so that what a snapshot must carry over is carried over often.
            ["AkkaChat__Rooms__SnapshotEvery"] = "40",
            // The checker reads dead letters and repairs there.
            ["Logging__LogLevel__Akka"] = "Information",
            // Several nodes share two cores: heaps per core are of no use to them.
            ["DOTNET_gcServer"] = "0",
        };
        foreach (var (seed, i) in seeds.Select((seed, i) => (seed, i)))
        {
            settings[$"AkkaChat__Cluster__SeedNodes__{i}"] = seed;
        }

        return settings;
    }

    private Node Build(ClusterShape shape, string name, bool isEdge, string address, int akka, int http, Dictionary<string, string> common)
    {
        var settings = new Dictionary<string, string>(common)
        {
            ["AkkaChat__Cluster__Roles__0"] = isEdge ? "edge" : "room",
            ["AkkaChat__Cluster__Hostname"] = address,
            ["AkkaChat__Cluster__Port"] = $"{akka}",
        };
        if (isEdge)
        {
            settings["ASPNETCORE_URLS"] = $"http://{address}:{http}";
        }
        else
        {
            settings["AkkaChat__Management__Hostname"] = address;
            settings["AkkaChat__Management__Port"] = $"{http}";
        }

        var project = isEdge ? "Edge" : "Cluster";
        var folder = Path.Combine(shape.Binaries, project, "bin", "Release", "net10.0");
        string[] command = [.. Network.Enter(name), "dotnet", Path.Combine(folder, $"AkkaChat.{project}.dll")];
        return new Node(name, isEdge, address, new NodeProcess(name, command, settings, new Uri($"http://{address}:{http}/"), Logs, folder));
    }

    private async Task SuperviseAsync()
    {
        for (var round = 0; !_end.IsCancellationRequested; round++)
        {
            foreach (var node in Nodes)
            {
                node.Revive();
                if (round % 10 == 0 && node.Process is { IsRunning: true, ProcessId: { } pid } && Sample.Of(node.Name, pid) is { } sample)
                {
                    lock (_samples)
                    {
                        _samples.Add(sample);
                    }
                }
            }

            await Task.Delay(500, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
