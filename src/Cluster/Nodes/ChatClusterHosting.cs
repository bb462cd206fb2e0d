using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Hosting;
using Akka.Remote.Hosting;
using AkkaChat.Cluster.Echo;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Projection;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Nodes;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Serialization;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Nodes;

/// <summary>Composes a node's actor system: the cluster, its serializers, and the actors of its roles.</summary>
public static class ChatClusterHosting
{
    /// <summary>Remoting, clustering and serialization, the same on every node.</summary>
    public static AkkaConfigurationBuilder WithChatCluster(
        this AkkaConfigurationBuilder builder,
        IServiceProvider services,
        ChatClusterOptions options,
        IReadOnlyCollection<string> roles)
    {
        builder
            .AddHocon(BaseConfiguration(options), HoconAddMode.Prepend)
            .WithChatSerialization()
            .WithRemoting(new RemoteOptions
            {
                PublicHostName = options.Hostname,
                HostName = options.BindHostname ?? options.Hostname,
                Port = options.Port,
            })
            .WithClusterTls(services)
            .WithClustering(new ClusterOptions
            {
                Roles = [.. roles],
                SplitBrainResolver = new KeepMajorityOption(),
            })
            .WithDistributedPubSub(string.Empty)
            .WithNodeGuard()
            .WithRemovedNodes();
        // After all actors have started, since the shard coordinator waits for every member that hosts rooms.
        return builder.AddStartup((system, _) =>
        {
            if (options.SeedNodes.Count == 0)
            {
                var cluster = AkkaCluster.Get(system);
                cluster.Join(cluster.SelfAddress);
                return;
            }

            var nodes = services.GetRequiredService<ClusterNodes>();
            // Which protocol the nodes speak with each other is not the seeds' business.
            var protocol = AkkaCluster.Get(system).SelfAddress.Protocol;
            IReadOnlyList<Address> seeds = [.. options.SeedNodes.Select(seed => Address.Parse(seed).WithProtocol(protocol))];
            system.ActorOf(Props.Create(() => new ClusterBootstrap(nodes, seeds)), "bootstrap");
        });
    }

    /// <summary>Only wire messages leave the process, each in its own format.</summary>
    public static AkkaConfigurationBuilder WithChatSerialization(this AkkaConfigurationBuilder builder) => builder
        .WithCustomSerializer("akkachat-room", RoomSerializer.Formats.Select(format => format.Type), system => new RoomSerializer(system))
        .WithCustomSerializer("akkachat-user", UserSerializer.Formats.Select(format => format.Type), system => new UserSerializer(system))
        .WithCustomSerializer("akkachat-node", NodeSerializer.Formats.Select(format => format.Type), system => new NodeSerializer(system))
        .AddHocon(
            $$"""
            akka.actor {
              serializers.akkachat-strict = "{{StrictSerializerName}}"
              # By default whoever reaches the port can have objects of any type made (JSON with type names) and actors of any class (remote
              # deployment). No node sends either, so none can read them.
              serializers.json = "{{StrictSerializerName}}"
              serializers.daemon-create = "{{StrictSerializerName}}"
              serialization-bindings."System.Object" = akkachat-strict
              serialization-identifiers."{{StrictSerializerName}}" = {{SerializerIds.Strict}}
            }
            """,
            HoconAddMode.Prepend);

    /// <summary>The actors of the role <see cref="ChatRoles.Room"/>, or a proxy to them.</summary>
    public static AkkaConfigurationBuilder WithChatRooms(
        this AkkaConfigurationBuilder builder,
        IServiceProvider services,
        IReadOnlyCollection<string> roles)
    {
        if (!roles.Contains(ChatRoles.Room))
        {
            return builder.WithRoomProxy();
        }

        return builder
            .WithRoomJournal(services.GetRequiredService<IDatabase>())
            .WithProjectionDriver()
            .WithEdgeEcho()
            .WithEdgeOutbox()
            .WithOvertakenRooms()
            .WithRooms(services.GetRequiredService<IOptions<RoomOptions>>().Value);
    }

    public static IServiceCollection AddChatClusterOptions(this IServiceCollection services)
    {
        services.AddSettings<ChatClusterOptions, ChatClusterOptionsValidator>(ChatClusterOptions.SectionName);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSettings<ClusterTlsOptions, ClusterTlsOptionsValidator>(ClusterTlsOptions.SectionName);
        return services.AddRoomOptions();
    }

    private static string StrictSerializerName => $"{typeof(StrictSerializer).FullName}, {typeof(StrictSerializer).Assembly.GetName().Name}";

    private static string BaseConfiguration(ChatClusterOptions options) =>
        $$"""
        akka {
          # Nothing here is timed more finely; the default of 10 ms is a wake-up every 10 ms on an idle node.
          scheduler.tick-duration = 50 ms
          # Shorter than the heartbeats' pause: a node that restarts at its old address is gated by those that knocked meanwhile, and must not
          # be taken for dead because of that.
          remote.retry-gate-closed-for = 1 s
          # Watches of nodes outside the cluster; members have the cluster's own detector. An edge that was given a home on a node just removed
          # asks again after this, not after ten seconds.
          remote.watch-failure-detector.acceptable-heartbeat-pause = 3 s
          remote.dot-netty.tcp {
            # The largest broadcast is a group commit: at most 786,432 bytes of events (AkkaChat:Rooms:MaxBatchBytes).
            maximum-frame-size = 1 MiB
            send-buffer-size = 1 MiB
            receive-buffer-size = 1 MiB
          }
          cluster {
            failure-detector.acceptable-heartbeat-pause = {{Milliseconds(options.AcceptableHeartbeatPause)}}
            # Two incarnations of a room that overlap for a moment are kept apart by the journal's fence, so fail-over need not wait for the
            # other side a second time; "off" would mean stable-after.
            down-removal-margin = 100 ms
            # A node that restarts is refused once, while its old incarnation is being removed.
            retry-unsuccessful-join-after = 2 s
            split-brain-resolver.stable-after = {{Milliseconds(options.StableAfter)}}
            # A second node that is lost before the decision on the first restarts the wait of stable-after. By default this counts as instability
            # after 9 s, and every node of the cluster downs itself. This allows three losses in a row.
            split-brain-resolver.down-all-when-unstable = {{Milliseconds(3 * options.StableAfter)}}
            # A node that was downed ends itself, and its supervisor starts it again.
            run-coordinated-shutdown-when-down = on
            pub-sub.send-to-dead-letters-when-no-subscribers = off
            sharding {
              # The edge answers busy long before; what overflows here is retried by it with the same client id.
              buffer-size = 5000
              retry-interval = 500 ms
              # Of a shard that is being moved while its node is lost, the coordinator waits for the hand-off this long, even if it hears of the
              # node's removal meanwhile. A room that has not stopped 5 s before is ended, as by a crash.
              handoff-timeout = 8 s
              # While the coordinator waits for a node that does not answer, it notices no death and goes on naming that node's region as home.
              # A write that starts after the node's removal does not wait for it any more.
              updating-state-timeout = 1 s
              rebalance-interval = 5 s
              least-shard-allocation-strategy.rebalance-absolute-limit = 32
              least-shard-allocation-strategy.rebalance-relative-limit = 0.25
              # Rooms start on demand: nothing about them is remembered on disk.
              distributed-data.durable.keys = []
            }
          }
          coordinated-shutdown {
            exit-clr = off
            # The host stops the actor system when its turn has come: an edge drains its sockets first. Akka's own handler of SIGTERM runs
            # before the host's, and would take the cluster from under sockets that are still open.
            run-by-clr-shutdown-hook = off
            phases.cluster-sharding-shutdown-region.timeout = 20 s
            # While a member is unreachable no other can leave. A node that exits before that member is removed becomes unreachable itself; if it
            # led the cluster, nobody decides on the first member until this is noticed.
            phases.cluster-exiting.timeout = {{Milliseconds(LeaveTimeout(options))}}
          }
        }
        """;

    /// <summary>Twice the time to detect and remove a member that is lost just before the node leaves.</summary>
    private static TimeSpan LeaveTimeout(ChatClusterOptions options) => 2 * (options.AcceptableHeartbeatPause + options.StableAfter);

    private static string Milliseconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:F0} ms");
}
