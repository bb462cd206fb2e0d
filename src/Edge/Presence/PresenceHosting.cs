using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Presence;

internal static class PresenceHosting
{
    /// <summary>Starts the edge's <see cref="PresenceHub"/>.</summary>
    public static AkkaConfigurationBuilder WithPresence(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry, resolver) =>
        {
            var edge = Edges.IdOf(AkkaCluster.Get(system).SelfUniqueAddress);
            var online = resolver.GetService<OnlineUsers>();
            var store = resolver.GetService<IPresenceStore>();
            var directory = resolver.GetService<IRoomDirectory>();
            registry.Register<PresenceHub>(
                system.ActorOf(Props.Create(() => new PresenceHub(edge, online, store, directory)), "presence"));
        });
}
