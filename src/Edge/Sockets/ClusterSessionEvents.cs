using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Users;

namespace AkkaChat.Edge.Sockets;

/// <summary>Tells every edge, this one too, to close an ended session's sockets.</summary>
internal sealed class ClusterSessionEvents(IServiceProvider provider) : ISessionEvents
{
    // Resolved lazily: the actor system needs the account services to start.
    public void SessionEnded(SessionId session, UserId user) =>
        DistributedPubSub.Get(provider.GetRequiredService<ActorSystem>()).Mediator
            .Tell(new Publish(EdgeTopics.All, new UserProtocol.SessionEnded(user, session)));
}
