using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.DependencyInjection;
using Akka.Hosting;
using Akka.Pattern;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Projection;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Rooms;

/// <summary>Registry key of the shard region of rooms, or of the proxy to it on a node without the role.</summary>
public sealed class RoomRegion;

/// <summary>Routes by room id. The shard count cannot change while a cluster runs.</summary>
public sealed class RoomMessageExtractor() : HashCodeMessageExtractor(ShardCount)
{
    public const int ShardCount = 128;

    public override string? EntityId(object message) => (message as RoomProtocol.IRoomMessage)?.Room.Value;
}

public static class RoomSharding
{
    public const string TypeName = "room";

    private static readonly TimeSpan MinBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(4);

    internal const string MailboxName = "akkachat.room-mailbox";

    /// <summary>Hosts rooms on this node (role <see cref="ChatRoles.Room"/>).</summary>
    public static AkkaConfigurationBuilder WithRooms(this AkkaConfigurationBuilder builder, RoomOptions options) => builder
        .AddHocon(MailboxConfiguration(options), HoconAddMode.Prepend)
        .StartActors((system, registry) => RoomWarmUp.RunAsync(
            system, ServicesOf(options, system, registry), DependencyResolver.For(system).Resolver.GetService<JournalScratch>()))
        .WithShardRegion<RoomRegion>(
            TypeName,
            (system, registry, _) =>
            {
                var services = ServicesOf(options, system, registry);
                return entity => WithBackOff(RoomActor.Props(new RoomId(entity), services));
            },
            new RoomMessageExtractor(),
            new ShardOptions
            {
                Role = ChatRoles.Room,
                StateStoreMode = StateStoreMode.DData,
                RememberEntities = false,
                PassivateIdleEntityAfter = options.PassivateAfter,
                HandOffStopMessage = RoomActor.Stop.Instance,
            })
        .WithActors((system, registry, resolver) => system.ActorOf(
            Props.Create(() => new RegionRegistration(registry.Get<RoomRegion>(), resolver.GetService<RegionCheck>())),
            "region-registration"));

    private static RoomServices ServicesOf(RoomOptions options, ActorSystem system, IActorRegistry registry)
    {
        var resolver = DependencyResolver.For(system).Resolver;
        return new RoomServices(
            options,
            resolver.GetService<TimeProvider>(),
            resolver.GetService<IRoomLog>(),
            registry.Get<ProjectionDriver>(),
            DistributedPubSub.Get(system).Mediator,
            registry.Get<EdgeOutbox>(),
            registry.Get<OvertakenRooms>());
    }

    /// <summary>
    /// A room that stops itself, after a failed write or recovery, restarts with back-off. Commands that arrive meanwhile are answered
    /// <c>unavailable</c>.
    /// </summary>
    private static Props WithBackOff(Props room) => BackoffSupervisor.Props(
        Backoff.OnStop(room, "room", MinBackOff, MaxBackOff, randomFactor: 0.2, maxNrOfRetries: -1)
            .WithDefaultStoppingStrategy()
            .WithAutoReset(MaxBackOff)
            .WithFinalStopMessage(message => message is RoomActor.Stop)
            .WithReplyWhileStopped(new RoomProtocol.Nack(NackCode.Unavailable, "The room is restarting.", MinBackOff)));

    /// <summary>
    /// Asks the shard to stop the room in whose context this is called. To the shard the room is its supervisor; what arrives meanwhile starts
    /// the room again.
    /// </summary>
    internal static void Passivate(IActorContext room) =>
        room.ActorSelection(room.Parent.Path.Parent).Tell(new Passivate(RoomActor.Stop.Instance), room.Parent);

    /// <summary>Starts the proxy to the shard region, on a node that hosts no rooms.</summary>
    public static AkkaConfigurationBuilder WithRoomProxy(this AkkaConfigurationBuilder builder) =>
        builder.WithShardRegionProxy<RoomRegion>(TypeName, ChatRoles.Room, new RoomMessageExtractor());

    /// <summary>Defines the mailbox that <see cref="RoomActor.Props"/> uses.</summary>
    internal static string MailboxConfiguration(RoomOptions options) =>
        $$"""
        {{MailboxName}} {
          mailbox-type = "Akka.Dispatch.UnboundedDequeBasedMailbox, Akka"
          stash-capacity = {{options.MaxPending}}
        }
        """;

    public static IServiceCollection AddRoomOptions(this IServiceCollection services)
    {
        services.AddSettings<RoomOptions, RoomOptionsValidator>(RoomOptions.SectionName);
        return services.AddReadinessCheck<RegionCheck>();
    }
}
