using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Rooms;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Ingestion;

internal static class IngestionServices
{
    /// <summary>
    /// Adds the lanes and the gateway that they send through. Both are created on first use, when the actors have started.
    /// </summary>
    public static IServiceCollection AddIngestion(this IServiceCollection services) => services
        .AddSingleton(provider => new RoomGateway(
            provider.GetRequiredService<IRequiredActor<RoomRegion>>().ActorRef,
            provider.GetRequiredService<IOptions<GatewayOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            Edges.IdOf(AkkaCluster.Get(provider.GetRequiredService<ActorSystem>()).SelfUniqueAddress)))
        .AddSingleton(provider => new IngestionFlows(
            provider.GetRequiredService<ActorSystem>(),
            provider.GetRequiredService<RoomGateway>(),
            provider.GetRequiredService<IOptions<IngestionOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
}
