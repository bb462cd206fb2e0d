using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Nemesis;

/// <summary>A fault that is at work.</summary>
/// <param name="Heal">Takes its cause away.</param>
/// <param name="Hold">How long it is at work.</param>
internal sealed record Affliction(string Target, TimeSpan Hold, Func<Task> Heal);

/// <summary>Does one fault after the other to the cluster, by a seed: every kind once in a random order, then again in another.</summary>
internal sealed class FaultSource(TestCluster cluster, ClientGroup clients, RunSettings settings)
{
    private readonly Random _random = new(settings.Seed);
    private int _rests;

    /// <summary>Kinds that need a namespace a node.</summary>
    public static readonly IReadOnlyList<string> NeedNetwork =
        ["partition-minority", "partition-room", "partition-cluster-only", "partition-one-way"];

    public static readonly IReadOnlyList<string> All =
    [
        "kill-edge", "kill-room", "kill-oldest", "pause-edge-short", "pause-edge-long", "pause-room-short", "pause-room-long", "partition-minority",
        "partition-room", "partition-cluster-only", "partition-one-way", "pg-restart", "pg-kill-backends", "redis-kill", "redis-hang",
        "redis-flush", "mass-disconnect", "rolling-restart", "slow-reader", .. HostileTrials.All,
    ];

    public IEnumerable<string> Order(IReadOnlyList<string> kinds)
    {
        while (true)
        {
            var order = kinds.ToArray();
            _random.Shuffle(order);
            foreach (var kind in order)
            {
                yield return kind;
            }
        }
    }

    /// <summary>
    /// The pause after a fault. Most are short, so that the next fault finds a cluster that is still busy with the last. Some are calm for long
    /// enough to judge what takes a while to converge: presence is judged 15 s after a fault, and 30 s after Redis is back.
    /// </summary>
    public TimeSpan Rest(string? after) =>
        ++_rests % settings.CalmRest != 0 ? Between(settings.ShortRest) : PresenceChecks.IsRedis(after) ? Between(42, 48) : Between(27, 33);

    public Task<Affliction> InflictAsync(string kind) => kind switch
    {
        "kill-edge" => KillAsync(One(cluster.Edges)),
        "kill-room" => KillAsync(One(cluster.Rooms.Where(node => node != cluster.Oldest))),
        "kill-oldest" => KillAsync(cluster.Oldest),
        "pause-edge-short" => PauseAsync(One(cluster.Edges), Between(1.5, 3)),
        "pause-edge-long" => PauseAsync(One(cluster.Edges), Between(18, 25)),
        "pause-room-short" => PauseAsync(One(cluster.Rooms), Between(1.5, 3)),
        "pause-room-long" => PauseAsync(One(cluster.Rooms), Between(22, 28)),
        "partition-minority" => PartitionAsync([One(cluster.Rooms), One(cluster.Edges)], withHub: true),
        "partition-room" => PartitionAsync([One(cluster.Rooms)], withHub: true),
        "partition-cluster-only" => PartitionAsync(_random.Next(2) == 0 ? [One(cluster.Rooms)] : [One(cluster.Rooms), One(cluster.Edges)], withHub: false),
        "partition-one-way" => OneWayAsync(One(cluster.Nodes)),
        "pg-restart" => RestartPostgresAsync(),
        "pg-kill-backends" => KillBackendsAsync(),
        "redis-kill" => KillRedisAsync(),
        "redis-hang" => HangRedisAsync(),
        "redis-flush" => OnceAsync("redis", cluster.Redis.SendCommandAsync("FLUSHALL")),
        "mass-disconnect" => OnceAsync("all clients", clients.SayAsync("break")),
        "rolling-restart" => RollAsync(),
        "slow-reader" => StallAsync(),
        _ => throw new ArgumentException($"'{kind}' is no kind of fault; there are {string.Join(", ", All)}."),
    };

    private static async Task<Affliction> OnceAsync(string target, Task done)
    {
        await done;
        return new Affliction(target, TimeSpan.Zero, () => Task.CompletedTask);
    }

    private static async Task<Affliction> KillAsync(ClusterNode node)
    {
        await node.KillAsync();
        // Its supervisor starts it again.
        return new Affliction(node.Name, TimeSpan.Zero, () => Task.CompletedTask);
    }

    private static async Task<Affliction> PauseAsync(ClusterNode node, TimeSpan time)
    {
        await node.SendAsync(Signal.Stop);
        return new Affliction(node.Name, time, () => node.SendAsync(Signal.Cont));
    }

    private async Task<Affliction> PartitionAsync(ClusterNode[] minority, bool withHub)
    {
        var few = minority.Select(node => node.Name).ToList();
        var many = cluster.Nodes.Select(node => node.Name).Except(few).ToList();
        foreach (var one in few)
        {
            await cluster.Network.CutAsync(one, many);
            if (withHub)
            {
                await cluster.Network.CutHubAsync(one);
            }
        }

        foreach (var other in many)
        {
            await cluster.Network.CutAsync(other, few);
        }

        return new Affliction(string.Join("+", few), Between(settings.Cut), cluster.Network.HealAsync);
    }

    /// <summary>The node hears the others and cannot answer them.</summary>
    private async Task<Affliction> OneWayAsync(ClusterNode node)
    {
        await cluster.Network.CutAsync(node.Name, cluster.Nodes.Select(other => other.Name).Where(name => name != node.Name));
        return new Affliction(node.Name, Between(settings.Cut), cluster.Network.HealAsync);
    }

    private async Task<Affliction> RestartPostgresAsync()
    {
        await cluster.Postgres.CrashAndRestartAsync(Between(0.2, 4));
        return new Affliction("postgres", TimeSpan.Zero, () => Task.CompletedTask);
    }

    private async Task<Affliction> KillBackendsAsync()
    {
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            await cluster.Postgres.KillBackendsAsync();
            await Task.Delay(Between(0.1, 0.6));
        }

        return new Affliction("postgres", TimeSpan.Zero, () => Task.CompletedTask);
    }

    private async Task<Affliction> KillRedisAsync()
    {
        await cluster.Redis.KillAsync();
        return new Affliction("redis", Between(settings.NoRedis), StartAsync);

        Task StartAsync()
        {
            cluster.Redis.Start();
            return cluster.Redis.ReadyAsync();
        }
    }

    private async Task<Affliction> HangRedisAsync()
    {
        await cluster.Redis.SendAsync(Signal.Stop);
        return new Affliction("redis", Between(settings.NoRedis), () => cluster.Redis.SendAsync(Signal.Cont));
    }

    /// <summary>Each node in turn is asked to end, and is waited for, as a deployment does it.</summary>
    private async Task<Affliction> RollAsync()
    {
        foreach (var node in cluster.Nodes.Reverse())
        {
            try
            {
                await node.StopAsync();
            }
            catch (TimeoutException)
            {
                await node.KillAsync();
            }

            node.StartIfEnded();
            await cluster.ReadyAsync(TimeSpan.FromSeconds(60), node);
        }

        return new Affliction("every node in turn", TimeSpan.Zero, () => Task.CompletedTask);
    }

    private async Task<Affliction> StallAsync()
    {
        await clients.SayAsync("stall 14000", "c0");
        await clients.SayAsync("flood 10000", "c0");
        return new Affliction("one client", TimeSpan.FromSeconds(15), () => Task.CompletedTask);
    }

    private ClusterNode One(IEnumerable<ClusterNode> nodes)
    {
        var list = nodes.ToList();
        return list[_random.Next(list.Count)];
    }

    private TimeSpan Between((double From, double To) seconds) => Between(seconds.From, seconds.To);

    private TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + (_random.NextDouble() * (to - from)));
}

/// <summary>Runs faults until the time is over; each is waited out before the next.</summary>
/// <param name="patience">How long a cluster may take to come back before that is a violation of its own.</param>
internal sealed class FaultRunner(TestCluster cluster, ClientGroup clients, FaultSource source, TimeSpan patience)
{
    private readonly HostileTrials _trials = new(cluster);

    public List<IsolationTrial> Trials { get; } = [];

    public List<FaultRecord> Faults { get; } = [];

    public List<string> Failures { get; } = [];

    /// <summary>What is being done right now, for the progress line.</summary>
    public string Now { get; private set; } = "warming up";

    public async Task RunAsync(IReadOnlyList<string> kinds, TimeSpan time, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        string? last = null;
        foreach (var kind in source.Order(kinds))
        {
            Now = "at rest";
            await Task.Delay(source.Rest(last), cancellationToken);
            if (TimeProvider.System.GetElapsedTime(started) > time)
            {
                return;
            }

            await OneAsync(kind, cancellationToken);
            last = kind;
        }
    }

    private async Task OneAsync(string kind, CancellationToken cancellationToken)
    {
        Now = kind;
        if (HostileTrials.All.Contains(kind))
        {
            await TryAsync(kind);
            return;
        }

        var began = Clock.Now;
        var affliction = await source.InflictAsync(kind);
        Now = $"{kind} {affliction.Target}";
        await Task.Delay(affliction.Hold, cancellationToken);
        await affliction.Heal();
        var healed = Clock.Now;
        Now = $"after {kind} {affliction.Target}";
        var late = await cluster.ReadyAsync(patience);
        Failures.AddRange(late.Select(node => $"{node} was not ready {patience.TotalSeconds:F0} s after {kind} of {affliction.Target}"));
        var silent = await clients.AllRoomsAckAsync(healed, patience);
        Failures.AddRange(silent.Select(room => $"{room} acknowledged nothing for {patience.TotalSeconds:F0} s after {kind} of {affliction.Target}"));
        Faults.Add(new FaultRecord(kind, affliction.Target, began, healed, Clock.Now));
    }

    private async Task TryAsync(string kind)
    {
        try
        {
            Trials.Add(await _trials.PlayAsync(kind));
        }
        catch (Exception e) when (e is ChatException or ChatConnectionLostException or RestException or HttpRequestException or TaskCanceledException)
        {
            Failures.Add($"{kind} could not be played: {e.Message}");
        }
    }
}
