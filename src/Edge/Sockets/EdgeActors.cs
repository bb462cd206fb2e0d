using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Users;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Sockets;

/// <summary>Starts this edge's actors with the actor system, and gives endpoints what they need of them.</summary>
internal sealed class EdgeActors(IServiceProvider provider)
{
    private readonly TaskCompletionSource<SocketServices> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoomGateway? _gateway;

    /// <summary>Null while the actor system is still starting.</summary>
    public SocketServices? Sockets => _started.Task.IsCompletedSuccessfully ? _started.Task.GetAwaiter().GetResult() : null;

    public async Task<RoomGateway> GatewayAsync(CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(TimeSpan.FromSeconds(5), provider.GetRequiredService<TimeProvider>(), cancellationToken);
        return _gateway!;
    }

    /// <summary>Called once, when the shard region or its proxy is registered.</summary>
    public async Task StartAsync(ActorSystem system, IActorRegistry registry)
    {
        var epoch = await provider.GetRequiredService<Installation>().GetEpochAsync(CancellationToken.None);
        var time = provider.GetRequiredService<TimeProvider>();
        var rooms = registry.Get<RoomRegion>();
        var edge = Edges.IdOf(AkkaCluster.Get(system).SelfUniqueAddress);
        var directory = provider.GetRequiredService<IRoomDirectory>();
        var stream = provider.GetRequiredService<IUserStream>();
        var log = provider.GetRequiredService<IRoomLog>();
        var validator = provider.GetRequiredService<SessionValidator>();
        var presence = system.ActorOf(
            Props.Create(() => new PresenceHub(
                edge, provider.GetRequiredService<OnlineUsers>(), provider.GetRequiredService<IPresenceStore>(), directory)),
            "presence");
        var sessions = provider.GetRequiredService<ISessionStore>();
        var users = system.ActorOf(Props.Create(() => new UserRelay(stream, sessions, validator)), "users");
        var relay = system.ActorOf(
            Props.Create(() => new RelayHub(new RelayServices(
                edge,
                rooms,
                presence,
                users,
                log,
                provider.GetRequiredService<IOptions<RelayOptions>>().Value,
                time,
                provider.GetRequiredService<EdgeReadiness>()))),
            "relay");
        _gateway = new RoomGateway(rooms, provider.GetRequiredService<IOptions<GatewayOptions>>().Value, time);
        _started.SetResult(new SocketServices(
            provider.GetRequiredService<IOptions<SocketOptions>>().Value,
            time,
            provider.GetRequiredService<ITokenValidator>(),
            log,
            directory,
            provider.GetRequiredService<IReadCursors>(),
            stream,
            new IngestionFlows(system, _gateway, provider.GetRequiredService<IOptions<IngestionOptions>>().Value, time),
            provider.GetRequiredService<RoomViews>(),
            provider.GetRequiredService<ConnectionRegistry>(),
            epoch,
            rooms,
            relay,
            presence,
            users,
            provider.GetRequiredService<ILogger<ClientSession>>()));
    }
}
