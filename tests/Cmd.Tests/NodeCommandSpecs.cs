using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>The palettes <c>cluster-sharding</c>, <c>actor</c> and <c>log</c>.</summary>
[Collection(PbmCollection.Name)]
public sealed class NodeCommandSpecs(PbmCluster cluster) : IAsyncLifetime
{
    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ListRegions_ShouldNameTheRoomNodes_FromAnyNode()
    {
        foreach (var node in new[] { cluster.Room1, cluster.Edge1 })
        {
            await Eventually.AssertAsync(async () => Assert.Equal(
                cluster.Cluster.Rooms.Select(room => $"room | {PbmCluster.AddressOf(room)}").Order(StringComparer.Ordinal).Append("Count: 2 nodes"),
                (await Pbm.RunAsync(node, "cluster-sharding list-regions")).Lines));
        }
    }

    [Fact]
    public async Task ListShards_ShouldHaveTheShardOfTheRoom_WhereLocationFindsIt()
    {
        await cluster.Ana.SendAsync(cluster.Room, "so that the room runs");

        var location = Assert.Single((await Pbm.RunAsync(cluster.Edge1, $"cluster-sharding location -e {cluster.Room} --json")).Json);
        var shards = await Pbm.RunAsync(cluster.Edge1, "cluster-sharding list-shards -r room --json");

        Assert.True(location.GetProperty("runs").GetBoolean());
        Assert.Contains(shards.Json, shard =>
            shard.GetProperty("shard").GetString() == location.GetProperty("shard").GetString()
            && shard.GetProperty("node").GetString() == location.GetProperty("node").GetString()
            && shard.GetProperty("entities").GetInt32() >= 1);
    }

    [Fact]
    public async Task Location_ShouldSayThatAnEntityDoesNotRun_WhenNobodyHasAskedForIt() => Assert.EndsWith(
        "| does not run",
        Assert.Single((await Pbm.RunAsync(cluster.Room1, "cluster-sharding location -e r_00000000000000000000000000000000")).Lines),
        StringComparison.Ordinal);

    [Fact]
    public async Task RegionStats_ShouldCountShardsAndEntities_AndNameTheCoordinator()
    {
        await cluster.Ana.SendAsync(cluster.Room, "so that the room runs");

        var stats = await Pbm.RunAsync(cluster.Room1, "cluster-sharding region-stats -r room");
        var unknown = await Pbm.RunAsync(cluster.Room1, "cluster-sharding region-stats -r nothing");

        Assert.Equal("Count: 2 nodes", stats.Lines[^1]);
        Assert.Single(stats.Lines, line => line.Contains("[coordinator](room) | shards: ", StringComparison.Ordinal));
        Assert.Contains(stats.Lines, line => !line.EndsWith("entities: 0", StringComparison.Ordinal) && line.Contains("entities: ", StringComparison.Ordinal));
        Assert.Equal(1, unknown.ExitCode);
    }

    [Fact]
    public async Task Hierarchy_ShouldListPathsBelowTheStart_ToTheDepth()
    {
        var user = await Pbm.RunAsync(cluster.Edge1, "actor hierarchy -s /user -d 1");
        await cluster.Ana.SendAsync(cluster.Room, "so that the room runs");
        var sharding = await Task.WhenAll(cluster.Cluster.Rooms.Select(node => Pbm.RunAsync(node, "actor hierarchy -s /system/sharding/room -d 2")));
        var cut = await Pbm.RunAsync(cluster.Room1, "actor hierarchy -n 3");
        var nowhere = await Pbm.RunAsync(cluster.Room1, "actor hierarchy -s /user/nobody");

        Assert.Equal("/user", user.Lines[0]);
        Assert.Contains("/user/relay", user.Lines);
        Assert.DoesNotContain(user.Lines, line => line.Split('/').Length > 3);
        Assert.Contains(sharding.SelectMany(node => node.Lines), line => line.EndsWith($"/{cluster.Room}", StringComparison.Ordinal));
        Assert.Equal(4, cut.Lines.Count);
        Assert.Equal(1, nowhere.ExitCode);
    }

    /// <summary>Each command is itself an entry of the log.</summary>
    [Fact]
    public async Task Tail_ShouldShowWhatTheNodeLogs_AndLevelShouldChangeThat()
    {
        const string Category = "AkkaChat.Cluster.Management";
        await using var tail = Pbm.Follow(cluster.Edge1, $"log tail -l information -c {Category}");
        await Eventually.AssertAsync(async () =>
        {
            await Pbm.RunAsync(cluster.Edge1, "cluster leader");
            Assert.Contains("An operator runs cluster leader", tail.Text, StringComparison.Ordinal);
        });

        var changed = await Pbm.RunAsync(cluster.Edge1, $"log level -c {Category} -l error");
        await Pbm.RunAsync(cluster.Edge1, "cluster show");
        var undone = await Pbm.RunAsync(cluster.Edge1, $"log level -c {Category} -l default");
        await Eventually.AssertAsync(async () =>
        {
            await Pbm.RunAsync(cluster.Edge1, "cluster reachability");
            Assert.Contains("An operator runs cluster reachability", tail.Text, StringComparison.Ordinal);
        });

        Assert.Equal([$"{Category} | error", "Count: 1 changed"], changed.Lines);
        Assert.Equal(["Count: 0 changed"], undone.Lines);
        Assert.DoesNotContain("An operator runs cluster show", tail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Level_ShouldBeRefused_WhenItIsNone() =>
        Assert.Equal(2, (await Pbm.RunAsync(cluster.Edge1, "log level -l loud")).ExitCode);
}
