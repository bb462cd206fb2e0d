using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;

namespace AkkaChat.Cluster.Hosting;

/// <summary>
/// Says once more that a downed node is gone. Sharding may, for a moment after the removal, still be given that node's region as the home of
/// a shard: its coordinator hears of the removal only when a state write that is under way has ended. Whoever asks in that moment watches the
/// dead region, and nothing tells it of a death that was told before. Told again, it asks the coordinator anew.
/// </summary>
internal sealed class RemovedNodes : ReceiveActor, IWithTimers
{
    /// <summary>After <c>updating-state-timeout</c>, and once more for a machine that was slow.</summary>
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3.5)];

    private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);

    /// <summary>Akka.Cluster's own, which publishes the death of an address to all who watch an actor there.</summary>
    private readonly ActorSelection _watcher = Context.System.ActorSelection("/system/remote-watcher");

    public RemovedNodes()
    {
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (removed.PreviousStatus == MemberStatus.Down && removed.Member.UniqueAddress != _cluster.SelfUniqueAddress)
            {
                foreach (var delay in Delays)
                {
                    Timers.StartSingleTimer((removed.Member.UniqueAddress, delay), new Again(removed), delay);
                }
            }
        });
        Receive<Again>(again =>
        {
            // A node that has come back at the same address lives.
            if (_cluster.State.Members.All(member => member.Address != again.Removed.Member.Address))
            {
                _watcher.Tell(again.Removed);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private sealed record Again(ClusterEvent.MemberRemoved Removed);
}

internal static class RemovedNodesHosting
{
    public static AkkaConfigurationBuilder WithRemovedNodes(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, _) => system.ActorOf(Props.Create(() => new RemovedNodes()), "removed-nodes"));
}
