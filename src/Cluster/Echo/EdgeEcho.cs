using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using AkkaChat.Messages.Users;

namespace AkkaChat.Cluster.Echo;

/// <summary>
/// Replies to an edge through the edge's own topic, which proves that rooms can reach it: until gossip has spread its subscription,
/// messages published to the topic are lost.
/// </summary>
public sealed class EdgeEcho : ReceiveActor
{
    internal const string Name = "edge-echo";

    /// <summary>The path by which distributed pub-sub finds one.</summary>
    public const string Path = "/user/" + Name;

    public EdgeEcho()
    {
        var mediator = DistributedPubSub.Get(Context.System).Mediator;
        mediator.Tell(new Put(Self));
        Receive<UserProtocol.EchoRequest>(request =>
            mediator.Tell(new Publish(request.Edge.Topic, new UserProtocol.EchoReply(request.Edge, request.Nonce))));
    }
}

public static class EdgeEchoHosting
{
    public static AkkaConfigurationBuilder WithEdgeEcho(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry) => registry.Register<EdgeEcho>(system.ActorOf(Props.Create<EdgeEcho>(), EdgeEcho.Name)));
}
