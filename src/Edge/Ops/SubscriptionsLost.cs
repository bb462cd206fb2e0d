using Akka.Actor;

namespace AkkaChat.Edge.Ops;

/// <summary>Published on the node's event stream by an actor that restarts and forgets who subscribed to it.</summary>
internal sealed record SubscriptionsLost(string Of)
{
    public static void Publish(IActorContext context, string of) => context.System.EventStream.Publish(new SubscriptionsLost(of));
}
