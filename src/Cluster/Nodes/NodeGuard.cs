using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Rooms;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// Exits when the node cannot recover, so that its supervisor restarts it: another node has quarantined it, which only its own remoting
/// reports, or its shard region has died, which nothing restarts.
/// </summary>
internal sealed class NodeGuard : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public NodeGuard(IActorRegistry registry)
    {
        Receive<ThisActorSystemQuarantinedEvent>(quarantined =>
            End($"{quarantined.RemoteAddress} has quarantined this node"));
        Receive<Region>(region => Context.Watch(region.Ref));
        Receive<Terminated>(_ => End(IsMember ? "the shard region has ended" : "the others have taken it for dead"));
        registry.GetAsync<RoomRegion>().PipeTo(Self, success: region => new Region(region));
        Receive<Status.Failure>(failure => _log.Warning(failure.Cause, "Looking up the shard region failed"));
    }

    protected override void PreStart() =>
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    /// <summary>In a downed node the region stops before the shutdown has a reason.</summary>
    private static bool IsMember =>
        AkkaCluster.Get(Context.System) is { IsTerminated: false, SelfMember.Status: not (MemberStatus.Down or MemberStatus.Removed) };

    private void End(string why)
    {
        var shutdown = CoordinatedShutdown.Get(Context.System);
        if (shutdown.ShutdownReason is not null)
        {
            return;
        }

        _log.Error("Terminating this node: {Reason}", why);
        Environment.ExitCode = 1;
        shutdown.Run(CoordinatedShutdown.ClusterDowningReason.Instance);
    }

    private sealed record Region(IActorRef Ref);
}

internal static class NodeGuardHosting
{
    public static AkkaConfigurationBuilder WithNodeGuard(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry) => system.ActorOf(Props.Create(() => new NodeGuard(registry)), "node-guard"));
}
