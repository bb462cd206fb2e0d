using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Users;

namespace AkkaChat.Edge.Sockets;

/// <summary>Has every edge, including this one, close the sockets of an ended session.</summary>
internal sealed class ClusterSessionEvents(IServiceProvider provider) : ISessionEvents
{
    // Resolved lazily: the actor system needs the account services to start.
    public void SessionEnded(SessionId session, UserId user) =>
        DistributedPubSub.Get(provider.GetRequiredService<ActorSystem>()).Mediator
            .Tell(new Publish(EdgeTopics.All, new UserProtocol.SessionEnded(user, session)));
}
