using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Rooms;

namespace AkkaChat.Cluster.Management;

/// <summary>Locations of shards and their entities. Every node answers for the whole cluster.</summary>
internal sealed class ShardingPalette(RunningSystem running) : ICommandPalette
{
    private static readonly CommandSwitch RegionSwitch = new("r", "REGION", $"the type of region; without it '{RoomSharding.TypeName}'");

    public string Name => "cluster-sharding";

    public string Summary => "Shard regions, shards and entities of the whole cluster";

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("list-regions", "Lists the types of region and the nodes that host them", (_, _) => ListRegionsAsync()),
        new("list-shards", "Lists the shards of a region and their nodes", (call, _) => ListShardsAsync(call)) { Switches = [RegionSwitch] },
        new("region-stats", "Counts shards and entities of each node", (call, _) => RegionStatsAsync(call)) { Switches = [RegionSwitch] },
        new("location", "Shows the shard and node of an entity, and whether it runs", (call, _) => LocationAsync(call))
        {
            Switches = [RegionSwitch, new("e", "ENTITY", "the id of the entity, such as a room's", IsRequired: true)],
        },
    ];

    /// <summary>The node that an entity's shard is on, and whether the entity runs there.</summary>
    /// <param name="Node">Null while the shard has no home: nothing has been sent to it since the cluster started.</param>
    public sealed record Location(string Shard, string? Node, bool Runs);

    /// <exception cref="CommandException">The shard coordinator did not answer.</exception>
    public static async Task<Location> FindAsync(ActorSystem system, string entity)
    {
        var shard = RoomShards.ShardOf(entity);
        var stats = await RoomShards.StatsAsync(system);
        var node = stats.Regions.FirstOrDefault(region => region.Value.Stats.ContainsKey(shard)).Key;
        if (node is null)
        {
            return new Location(shard, null, false);
        }

        var path = new RootActorPath(node) / "system" / "sharding" / RoomSharding.TypeName / shard / Uri.EscapeDataString(entity);
        var identity = await system.ActorSelection(path).Ask<ActorIdentity>(new Identify(entity), RoomShards.Timeout);
        return new Location(shard, node.ToString(), identity.Subject is not null);
    }

    private static void CheckRegion(CommandCall call)
    {
        if (call.Find("r") is { } region && region != RoomSharding.TypeName)
        {
            throw new CommandException($"There is no region '{region}'. There is {RoomSharding.TypeName}.");
        }
    }

    private async IAsyncEnumerable<CommandRow> ListRegionsAsync()
    {
        var regions = await RoomShards.Region(running.Running()).Ask<CurrentRegions>(GetCurrentRegions.Instance, RoomShards.Timeout);
        foreach (var node in regions.Regions.Select(region => region.ToString()).Order(StringComparer.Ordinal))
        {
            yield return new CommandRow($"{RoomSharding.TypeName} | {node}", new { region = RoomSharding.TypeName, node });
        }

        yield return new CommandRow($"Count: {regions.Regions.Count} nodes");
    }

    private async IAsyncEnumerable<CommandRow> ListShardsAsync(CommandCall call)
    {
        CheckRegion(call);
        var shards = RoomShards.List(await RoomShards.StatsAsync(running.Running()));
        foreach (var (shard, node, entities) in shards)
        {
            yield return new CommandRow($"{shard} | {node} | entities: {entities}", new { shard, node, entities });
        }

        yield return new CommandRow($"Count: {shards.Count} shards");
    }

    private async IAsyncEnumerable<CommandRow> RegionStatsAsync(CommandCall call)
    {
        CheckRegion(call);
        var cluster = AkkaCluster.Get(running.Running());
        var stats = await RoomShards.StatsAsync(cluster.System);
        var coordinator = RoomShards.Coordinator(cluster);
        foreach (var (node, region) in stats.Regions.OrderBy(region => region.Key.ToString(), StringComparer.Ordinal))
        {
            var member = cluster.State.Members.FirstOrDefault(member => member.Address == node) is { } found ? cluster.View(found) : null;
            var (shards, entities, isCoordinator) = (region.Stats.Count, region.Stats.Values.Sum(), coordinator == node);
            yield return new CommandRow(
                $"{member?.Text() ?? node.ToString()} {(isCoordinator ? "[coordinator]" : "")}({RoomSharding.TypeName}) "
                + $"| shards: {shards} | entities: {entities}",
                new { region = RoomSharding.TypeName, node = node.ToString(), isCoordinator, shards, entities, silent = region.Failed });
        }

        yield return new CommandRow($"Count: {stats.Regions.Count} nodes");
    }

    private async IAsyncEnumerable<CommandRow> LocationAsync(CommandCall call)
    {
        CheckRegion(call);
        var entity = call.Get("e");
        var found = await FindAsync(running.Running(), entity);
        yield return new CommandRow(
            $"{entity} | shard: {found.Shard} | {found.Node ?? "nowhere"} | {(found.Runs ? "runs" : "does not run")}",
            new { entity, shard = found.Shard, node = found.Node, runs = found.Runs });
    }
}
