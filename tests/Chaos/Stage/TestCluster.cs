using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;
using AkkaChat.LocalCluster.Servers;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Stage;

/// <summary>The nodes of a test cluster, and the binaries they run.</summary>
/// <param name="Binaries">The folder with the folders Edge and Cluster.</param>
/// <param name="OnDisk">Whether files are in a folder that the edges share, and not in a bucket.</param>
internal sealed record ClusterShape(int Edges, int Rooms, string Binaries, bool OnDisk)
{
    /// <summary>Messages a second that one socket may send; null: the product's default.</summary>
    public int? SendPerSecond { get; init; }
}

/// <summary>The whole cluster as real processes: nodes, PostgreSQL, Redis, the object store, a web site to link to. The supervisor starts nodes that have ended.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int AkkaPort = 4053;
    private const int HttpPort = 8080;
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Sample> _samples = [];
    private Task _background = Task.CompletedTask;

    private TestCluster(Network network, string logs, Postgres postgres, RedisProcess redis, Objects objects) =>
        (Network, Logs, Postgres, Redis, Objects, Site) = (network, logs, postgres, redis, objects, Stage.Site.Start(network.Hub));

    public Network Network { get; }

    public string Logs { get; }

    public Postgres Postgres { get; }

    public RedisProcess Redis { get; }

    public Objects Objects { get; }

    public TestSite Site { get; }

    public IReadOnlyList<ClusterNode> Nodes { get; private set; } = [];

    public IEnumerable<ClusterNode> Rooms => Nodes.Where(node => !node.IsEdge);

    public IEnumerable<ClusterNode> Edges => Nodes.Where(node => node.IsEdge);

    /// <summary>The room node that has been up longest: it holds the shard coordinator.</summary>
    public ClusterNode Oldest => Rooms.Where(node => node.IsRunning).MinBy(node => node.StartedAs) ?? Rooms.First();

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
        var redis = await RedisProcess.StartAsync(
            new RedisPlan(Path.Combine(folder, "redis"), logs, network.Hub, FreePort.Next()));
        var objects = await Objects.StartAsync(shape.OnDisk, folder, network.Hub);
        var cluster = new TestCluster(network, logs, postgres, redis, objects);
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
    public async Task<IReadOnlyList<string>> ReadyAsync(TimeSpan timeout, params IReadOnlyList<ClusterNode> nodes)
    {
        var late = new List<string>();
        await Task.WhenAll((nodes.Count > 0 ? nodes : Nodes).Select(async node =>
        {
            for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
            {
                try
                {
                    await node.ReadyAsync(timeout);
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
        await _background;
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Site.DisposeAsync();
        await Objects.DisposeAsync();
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        _end.Dispose();
    }

    private async Task StartNodesAsync(ClusterShape shape, string folder)
    {
        var plans = new List<NodePlan>();
        foreach (var (name, isEdge, number) in NodePlan.Names(shape.Rooms, shape.Edges))
        {
            var address = await Network.AddAsync(name, (isEdge ? 20 : 10) + number);
            var (akka, http) = Network.IsReal ? (AkkaPort, HttpPort) : (FreePort.Next(), FreePort.Next());
            plans.Add(new NodePlan(name, isEdge, address, akka, http) { Launcher = Network.LauncherOf(name) });
        }

        Nodes = new ClusterNodes(new ProductBuild(shape.Binaries, "Release"), Logs, Settings(shape, folder)).Create(plans);
        foreach (var node in Nodes)
        {
            node.Start();
        }

        await Task.WhenAll(Nodes.Select(node => node.ReadyAsync(ReadyTimeout)));
        var supervisor = new Supervisor(Nodes, RestartPolicy.AtOnce);
        _background = Task.WhenAll(Task.Run(() => supervisor.RunAsync(_end.Token)), Task.Run(SampleAsync));
    }

    private Dictionary<string, string> Settings(ClusterShape shape, string folder)
    {
        var settings = Settings(folder);
        if (shape.SendPerSecond is { } rate)
        {
            settings["AkkaChat__Sockets__SendPerSecond"] = $"{rate}";
            settings["AkkaChat__Sockets__SendBurst"] = $"{4 * rate}";
        }

        return settings;
    }

    private Dictionary<string, string> Settings(string folder) => new(Objects.Settings)
    {
        ["AkkaChat__Database__Provider"] = "postgres",
        ["AkkaChat__Database__ConnectionString"] = Postgres.ConnectionString,
        ["AkkaChat__Database__DataFolder"] = folder,
        ["AkkaChat__Presence__Redis"] = Redis.ConnectionString,
        ["AkkaChat__Auth__SigningKeys__0__Id"] = "chaos-1",
        ["AkkaChat__Auth__SigningKeys__0__Key"] = Product.NewSigningKey(),
        ["AkkaChat__Auth__AccessTokenLifetime"] = "01:00:00",
        // Often, so that what a snapshot must carry over is carried over often.
        ["AkkaChat__Rooms__SnapshotEvery"] = "40",
        // What nobody posts is to be gone before the run ends, and soon.
        ["AkkaChat__Files__Lifetime"] = "00:03:00",
        ["AkkaChat__Files__SweepInterval"] = "00:00:05",
        ["AkkaChat__LinkCards__AllowedPorts__0"] = $"{Site.Port}",
        ["AkkaChat__LinkCards__AllowedNetworks__0"] = $"{Network.Hub}/32",
        // The checker reads dead letters and repairs there.
        ["Logging__LogLevel__Akka"] = "Information",
        // Several nodes share two cores: heaps per core are of no use to them.
        ["DOTNET_gcServer"] = "0",
    };

    private async Task SampleAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var node in Nodes)
            {
                if (node is { IsRunning: true, ProcessId: { } pid } && Sample.Of(node.Name, pid) is { } sample)
                {
                    lock (_samples)
                    {
                        _samples.Add(sample);
                    }
                }
            }

            await Task.Delay(SampleInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
