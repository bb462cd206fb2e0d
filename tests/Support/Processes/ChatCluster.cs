using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.Support.Processes;

/// <summary>What a test's cluster consists of.</summary>
public sealed record ClusterShape(int Rooms = 2, int Edges = 2, bool Redis = true, bool HaProxy = false)
{
    /// <summary>More settings of every node.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The connection string of a database of the test's own. Null: the cluster brings one.</summary>
    public string? Database { get; init; }

    /// <summary>What the nodes are started from first.</summary>
    public ProductBuild Build { get; init; } = ProductBuild.Current;

    /// <summary>The name of the node that leads the cluster: the one whose address comes first, so whose port is lowest.</summary>
    public string Leader { get; init; } = "room1";
}

/// <summary>
/// A cluster of real processes: room-only nodes, edges, PostgreSQL with fsync on, Redis and, where asked, HAProxy with the product's own
/// configuration. <see cref="HealAsync"/> brings back what a test has killed.
/// </summary>
public sealed class ChatCluster : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);

    private readonly ClusterShape _shape;
    private readonly PostgresServer? _postgres;
    private readonly string _logs;
    private readonly string _data;
    private int _redisPort;
    private IReadOnlyList<NodePlan> _plans = [];
    private IReadOnlyDictionary<string, string> _settings = new Dictionary<string, string>();

    private ChatCluster(ClusterShape shape, PostgresServer? postgres, string connectionString)
    {
        _shape = shape;
        _postgres = postgres;
        ConnectionString = connectionString;
        _logs = Product.NewLogFolder("cluster");
        _data = Directory.CreateTempSubdirectory("akkachat-cluster-").FullName;
    }

    public string ConnectionString { get; }

    public RedisServer? Redis { get; private set; }

    public IReadOnlyList<NodeProcess> Rooms { get; private set; } = [];

    public IReadOnlyList<NodeProcess> Edges { get; private set; } = [];

    public NodeProcess? HaProxy { get; private set; }

    /// <summary>Where people connect: HAProxy, or else the first edge.</summary>
    public Uri Url => (HaProxy ?? Edges[0]).Url;

    /// <summary>The room node that has been up longest: it holds the shard coordinator.</summary>
    public NodeProcess OldestRoom => Rooms.Where(node => node.IsRunning).MinBy(node => node.StartedAs)!;

    public NodeProcess YoungestRoom => Rooms.Where(node => node.IsRunning).MaxBy(node => node.StartedAs)!;

    public static async Task<ChatCluster> StartAsync(ClusterShape shape)
    {
        var postgres = shape.Database is null ? await PostgresServer.StartAsync() : null;
        var cluster = new ChatCluster(shape, postgres, shape.Database ?? await postgres!.CreateDatabaseAsync());
        try
        {
            await cluster.StartPartsAsync();
            return cluster;
        }
        catch (Exception e)
        {
            try
            {
                await cluster.DisposeAsync();
            }
            catch (TimeoutException slow)
            {
                // What went wrong first is what a reader needs.
                throw new AggregateException(e, slow);
            }

            throw;
        }
    }

    /// <summary>Starts again what does not run, wakes what is frozen, and waits until all of it is ready.</summary>
    public async Task HealAsync()
    {
        if (_shape.Redis && Redis is null)
        {
            await StartRedisAsync();
        }

        foreach (var node in Processes)
        {
            if (node.IsRunning)
            {
                await node.SendAsync(Signal.Cont);
            }
            else
            {
                node.Start();
            }
        }

        await Task.WhenAll(Processes.Select(ReviveAsync));
    }

    /// <summary>Stops all nodes as an operator does; <see cref="HealAsync"/> starts them again.</summary>
    public async Task StopNodesAsync()
    {
        await Task.WhenAll(Edges.Select(node => node.StopAsync()));
        await Task.WhenAll(Rooms.Select(node => node.StopAsync()));
    }

    /// <summary>Stops a node and starts it from another build at the same addresses; returns when it is ready.</summary>
    public async Task ReplaceAsync(NodeProcess node, ProductBuild build)
    {
        await node.StopAsync();
        var next = new ClusterNodes(build, _logs, _settings).Create(_plans).Single(other => other.Name == node.Name);
        Rooms = [.. Rooms.Select(other => other == node ? next : other)];
        Edges = [.. Edges.Select(other => other == node ? next : other)];
        next.Start();
        await next.ReadyAsync(ReadyTimeout);
    }

    public async Task StopRedisAsync()
    {
        await Redis!.DisposeAsync();
        Redis = null;
    }

    public async Task StartRedisAsync() => Redis = await RedisServer.StartAsync(_redisPort);

    /// <summary>Runs a test's body; where it fails, the end of every node's log goes with the failure.</summary>
    public async Task WatchAsync(Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\n{e.StackTrace}\n{string.Join('\n', Processes.Select(node => node.LogTail(15)))}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Processes)
        {
            await node.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    /// <summary>As a supervisor does: a node that was taken for dead ends itself when it wakes, and is started again.</summary>
    private static async Task ReviveAsync(NodeProcess node)
    {
        for (var starts = 0; ; starts++)
        {
            try
            {
                await node.ReadyAsync(ReadyTimeout);
                return;
            }
            catch (InvalidOperationException) when (!node.IsRunning && starts < 2)
            {
                node.Start();
            }
        }
    }

    private IEnumerable<NodeProcess> Processes => [.. Rooms, .. Edges, .. HaProxy is null ? [] : new[] { HaProxy }];

    private async Task StartPartsAsync()
    {
        var redis = _shape.Redis ? await RedisServer.StartAsync() : null;
        Redis = redis;
        _redisPort = redis is null ? 0 : int.Parse(redis.Endpoint.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        var common = new Dictionary<string, string>
        {
            ["AkkaChat__Database__Provider"] = "postgres",
            ["AkkaChat__Database__ConnectionString"] = ConnectionString,
            ["AkkaChat__Auth__SigningKeys__0__Id"] = "test-1",
            ["AkkaChat__Auth__SigningKeys__0__Key"] = Product.NewSigningKey(),
            ["DATA"] = _data,
            ["AkkaChat__Database__DataFolder"] = _data,
        };
        if (_shape.HaProxy)
        {
            common["AkkaChat__Security__KnownProxies__0"] = "127.0.0.1"; // as ./run cluster sets it
        }

        if (redis is not null)
        {
            common["AkkaChat__Presence__Redis"] = $"{redis.Endpoint},abortConnect=false";
        }

        if (Product.WebRoot is { } web)
        {
            common["ASPNETCORE_WEBROOT"] = common["AkkaChat__Web__Root"] = web;
        }

        foreach (var (key, value) in _shape.Settings)
        {
            common[key] = value;
        }

        var leader = FreePort.Next();
        var plans = NodePlan.Names(_shape.Rooms, _shape.Edges)
            .Select(node => (Node: node, Port: node.Name == _shape.Leader ? leader : FreePort.Next()))
            .Select(node => new NodePlan(node.Node.Name, node.Node.IsEdge, "127.0.0.1", node.Port, FreePort.Next()))
            .Select(node => node.IsEdge ? node with { ManagementPort = FreePort.Next() } : node);
        (_plans, _settings) = ([.. plans], common);
        var nodes = new ClusterNodes(_shape.Build, _logs, _settings).Create(_plans);
        Rooms = [.. nodes.Where(node => !node.IsEdge)];
        Edges = [.. nodes.Where(node => node.IsEdge)];
        foreach (var node in Processes)
        {
            node.Start();
        }

        await ReadyAsync();
        if (_shape.HaProxy)
        {
            var port = FreePort.Next();
            HaProxy = LocalCluster.Nodes.HaProxy.Create($"127.0.0.1:{port}", port, FreePort.Next(), [.. Edges.Select(edge => edge.Url)], _logs);
            HaProxy.Start();
            await HaProxy.ReadyAsync();
        }
    }

    private Task ReadyAsync() => Task.WhenAll(Processes.Select(node => node.ReadyAsync(ReadyTimeout)));
}
