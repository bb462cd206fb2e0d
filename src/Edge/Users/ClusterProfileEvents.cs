using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Accounts;

namespace AkkaChat.Edge.Users;

/// <summary>Has every edge, including this one, tell those who share a room with the user.</summary>
internal sealed class ClusterProfileEvents(IServiceProvider provider) : IProfileEvents
{
    // Resolved lazily: the actor system needs the account services to start.
    public void Changed(Account account) =>
        DistributedPubSub.Get(provider.GetRequiredService<ActorSystem>()).Mediator.Tell(new Publish(
            EdgeTopics.All,
            new UserProtocol.ProfileChanged(
                new UserRef(account.Id, account.Username, account.DisplayName), account.Avatar, account.StatusEmoji, account.StatusText)));
}
