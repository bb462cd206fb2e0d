using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Users;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Relay;

internal static class RelayHosting
{
    /// <summary>Starts the edge's <see cref="RelayHub"/>, after the rooms or the way to them, the presence hub and the user relay.</summary>
    public static AkkaConfigurationBuilder WithRelay(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry, resolver) =>
        {
            var services = new RelayServices(
                Edges.IdOf(AkkaCluster.Get(system).SelfUniqueAddress),
                registry.Get<RoomRegion>(),
                registry.Get<PresenceHub>(),
                registry.Get<UserRelay>(),
                resolver.GetService<IRoomLog>(),
                resolver.GetService<IOptions<RelayOptions>>().Value,
                resolver.GetService<TimeProvider>(),
                resolver.GetService<EdgeReadiness>());
            registry.Register<RelayHub>(system.ActorOf(Props.Create(() => new RelayHub(services)), "relay"));
        });
}
