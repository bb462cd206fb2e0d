using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Rooms;

namespace AkkaChat.Cluster.Management;

/// <summary>A shard of the rooms, the node that it is on, and how many rooms of it run.</summary>
public sealed record ShardView(string Shard, string Node, int Entities);

/// <summary>Where rooms' shards are, as the shard coordinator knows it.</summary>
internal static class RoomShards
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly RoomMessageExtractor Extractor = new();

    public static string ShardOf(string room) => Extractor.ShardId(room, null);

    public static IActorRef Region(ActorSystem system) => ActorRegistry.For(system).Get<RoomRegion>();

    /// <exception cref="CommandException">The shard coordinator did not answer.</exception>
    public static async Task<ClusterShardingStats> StatsAsync(ActorSystem system)
    {
        try
        {
            return await Region(system).Ask<ClusterShardingStats>(new GetClusterShardingStats(Timeout), Timeout * 2);
        }
        catch (AskTimeoutException)
        {
            throw new CommandException("The shard coordinator does not answer.");
        }
    }

    /// <summary>In the order of their numbers.</summary>
    public static IReadOnlyList<ShardView> List(ClusterShardingStats stats) =>
    [
        .. stats.Regions
            .SelectMany(region => region.Value.Stats.Select(shard => new ShardView(shard.Key, region.Key.ToString(), shard.Value)))
            .OrderBy(shard => shard.Shard.Length).ThenBy(shard => shard.Shard, StringComparer.Ordinal),
    ];

    /// <summary>The node of the shard coordinator: the oldest member that hosts rooms.</summary>
    public static Address? Coordinator(AkkaCluster cluster) => cluster.State.Members
        .Where(member => member.HasRole(ChatRoles.Room) && member.Status is MemberStatus.Up or MemberStatus.Leaving)
        .Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest)?.Address;
}
