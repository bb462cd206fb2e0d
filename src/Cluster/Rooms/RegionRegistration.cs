using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Ready once the shard coordinator knows this node's region. Before that, a rolling restart must not stop the next node.
/// </summary>
internal sealed class RegionCheck : IReadinessCheck
{
    private volatile string? _reason;

    public string Name => "rooms";

    public string? Reason => _reason;

    public void Expect() => _reason = "the shard coordinator does not know this node yet";

    public void Registered() => _reason = null;
}

/// <summary>Asks the shard coordinator for its regions until this node's is among them.</summary>
internal sealed class RegionRegistration : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public RegionRegistration(IActorRef region, RegionCheck check)
    {
        var self = AkkaCluster.Get(Context.System).SelfAddress;
        Receive<Ask>(_ => region.Tell(GetCurrentRegions.Instance));
        Receive<CurrentRegions>(current =>
        {
            if (current.Regions.Contains(self))
            {
                check.Registered();
                Context.Stop(Self);
            }
        });
        check.Expect();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Ask), Ask.Instance, TimeSpan.Zero, Interval);

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }
}
