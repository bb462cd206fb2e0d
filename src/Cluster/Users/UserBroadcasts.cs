using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Cluster.Users;

public static class UserBroadcasts
{
    /// <summary>Notifies all edges of each user stream that this node has advanced.</summary>
    public static AkkaConfigurationBuilder WithUserBroadcasts(this AkkaConfigurationBuilder builder, IServiceProvider services) =>
        builder.AddStartup((system, _) =>
        {
            var mediator = DistributedPubSub.Get(system).Mediator;
            services.GetRequiredService<UserStreamSignal>().Moved += moved =>
                mediator.Tell(new Publish(EdgeTopics.All, new UserProtocol.StreamMoved(moved.User, moved.UserSeq)));
        });
}
