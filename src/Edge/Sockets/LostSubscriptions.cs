using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// Closes the sockets of this edge when their subscriptions are lost: they would stay open and hear nothing. Their clients connect again and
/// resume.
/// </summary>
internal sealed class LostSubscriptions : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public LostSubscriptions(ConnectionRegistry connections)
    {
        Receive<SubscriptionsLost>(lost =>
        {
            var sessions = connections.Sessions;
            _log.Error("{Of} has failed and lost its subscriptions: closing {Count} sockets, whose clients connect again and resume", lost.Of, sessions.Count);
            foreach (var session in sessions)
            {
                session.Connection.Close(CloseCodes.Internal, "Something went wrong here: reconnect and resume.");
            }
        });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(SubscriptionsLost));
}

internal static class LostSubscriptionsHosting
{
    public static AkkaConfigurationBuilder WithLostSubscriptions(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, _, resolver) =>
        {
            var connections = resolver.GetService<ConnectionRegistry>();
            system.ActorOf(Props.Create(() => new LostSubscriptions(connections)), "lost-subscriptions");
        });
}
