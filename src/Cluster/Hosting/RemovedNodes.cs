using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;

namespace AkkaChat.Cluster.Hosting;

/// <summary>
/// Repeats the removal of a downed node. For a moment after the removal the shard coordinator can still name that node's region as the home
/// of a shard, because it processes no termination while a state write is in flight. A region that asks then watches the dead region and
/// never learns of its termination, which was published before. When the removal is repeated, it asks the coordinator again.
/// </summary>
internal sealed class RemovedNodes : ReceiveActor, IWithTimers
{
    /// <summary>After <c>updating-state-timeout</c>, and once more for a machine that was slow.</summary>
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3.5)];

    private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);

    /// <summary>Akka.Cluster's own actor, which publishes the termination of an address to everyone who watches an actor there.</summary>
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
            // A node that has come back at the same address is alive.
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
