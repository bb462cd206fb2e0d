using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using AkkaChat.Messages.Users;

namespace AkkaChat.Cluster.Echo;

/// <summary>
/// Replies to an edge through the edge's own topic, which proves that rooms can reach it: until its subscription has been gossiped, whatever
/// is published to the topic is lost.
/// </summary>
public sealed class EdgeEcho : ReceiveActor
{
    internal const string Name = "edge-echo";

    /// <summary>Where distributed pub-sub finds one of them.</summary>
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
