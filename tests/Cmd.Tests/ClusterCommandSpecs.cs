using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

[Collection(PbmCollection.Name)]
public sealed class ClusterCommandSpecs(PbmCluster cluster) : IAsyncLifetime
{
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(40);

    public async Task InitializeAsync()
    {
        await cluster.Cluster.HealAsync();
        await Eventually.AssertAsync(async () => Assert.Equal("Count: 4 nodes", (await RunAsync("cluster show")).Lines[^1]), Detection);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Show_ShouldListEveryMember()
    {
        var shown = await RunAsync("cluster show");

        Assert.Equal(0, shown.ExitCode);
        Assert.Contains(shown.Lines, line => Matches(line, cluster.Room1, "[room] | up | |"));
        Assert.Contains(shown.Lines, line => Matches(line, cluster.Edge1, "[edge] | up | |"));
        Assert.Equal("Count: 4 nodes", shown.Lines[^1]);
    }

    [Fact]
    public async Task Show_ShouldGiveAnObjectALine_WithJson()
    {
        var shown = await RunAsync("cluster show --json");

        Assert.Equal(4, shown.Json.Count);
        Assert.Contains(shown.Json, member =>
            member.GetProperty("address").GetString() == PbmCluster.AddressOf(cluster.Room1)
            && member.GetProperty("status").GetString() == "up"
            && member.GetProperty("roles")[0].GetString() == "room"
            && member.GetProperty("reachable").GetBoolean());
    }

    [Fact]
    public async Task Status_ShouldShowThisNode_OrTheOneNamed()
    {
        var own = await RunAsync("cluster status");
        var other = await RunAsync($"cluster status -a {PbmCluster.AddressOf(cluster.Edge2)}");
        var nobody = await RunAsync("cluster status -a akka.tcp://chat@127.0.0.1:1");

        Assert.True(Matches(Assert.Single(own.Lines), cluster.Room1, "[room] | up"));
        Assert.True(Matches(Assert.Single(other.Lines), cluster.Edge2, "[edge] | up"));
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("is not a member", nobody.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leader_ShouldBeAMember_AndOfARoleOneThatHasIt()
    {
        var leader = await RunAsync("cluster leader");
        var edges = await RunAsync("cluster leader -r edge");
        var nobody = await RunAsync("cluster leader -r nothing");

        Assert.Contains(Assert.Single(leader.Lines), cluster.Cluster.Rooms.Concat(cluster.Cluster.Edges).Select(PbmCluster.AddressOf));
        Assert.Contains(Assert.Single(edges.Lines), cluster.Cluster.Edges.Select(PbmCluster.AddressOf));
        Assert.Equal(1, nobody.ExitCode);
    }

    [Fact]
    public async Task Reachability_ShouldListEveryMember()
    {
        var shown = await RunAsync("cluster reachability");

        Assert.Contains($"{PbmCluster.AddressOf(cluster.Edge1)} | reachable | seen", shown.Lines);
        Assert.Equal("Count: 0 unreachable", shown.Lines[^1]);
    }

    [Fact]
    public async Task Join_ShouldBeRefused_WhenTheNodeIsAMember()
    {
        var refused = await RunAsync($"cluster join -a {PbmCluster.AddressOf(cluster.Edge1)}");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is a member already", refused.Errors, StringComparison.Ordinal);
    }

    /// <summary>A node whose first seed is not there waits for ever: an operator lets it begin.</summary>
    [Fact]
    public async Task Join_ShouldLetANodeBeginACluster_WhenItIsGivenItsOwnAddress()
    {
        var (akka, management) = (FreePort.Next(), FreePort.Next());
        await using var postgres = await PostgresServer.StartAsync();
        await using var lonely = new NodeProcess(
            new ProcessPlan("lonely", ProductBuild.Current.Command("Cluster"), Product.NewLogFolder("lonely"))
            {
                WorkingFolder = ProductBuild.Current.Folder("Cluster"),
                Environment = new Dictionary<string, string>
                {
                    ["AkkaChat__Database__Provider"] = "postgres",
                    ["AkkaChat__Database__ConnectionString"] = await postgres.CreateDatabaseAsync(),
                    ["AkkaChat__Cluster__Port"] = $"{akka}",
                    ["AkkaChat__Cluster__SeedNodes__0"] = "akka.tcp://chat@127.0.0.1:1",
                    ["AkkaChat__Management__Port"] = $"{management}",
                },
            },
            new Uri($"http://127.0.0.1:{management}/"))
        {
            Management = new Uri($"http://127.0.0.1:{management}/"),
        };
        lonely.Start();
        await Eventually.AssertAsync(async () => Assert.Equal(0, (await Pbm.RunAsync(lonely, "cluster show")).ExitCode), TimeSpan.FromSeconds(60));

        var joined = await Pbm.RunAsync(lonely, $"--json cluster join -a akka.tcp://chat@127.0.0.1:{akka}");

        Assert.Equal("up", Assert.Single(joined.Json).GetProperty("status").GetString());
        await lonely.ReadyAsync();
    }

    [Fact]
    public async Task Leave_ShouldEndTheNode_AndTailShouldTellOfIt()
    {
        var address = PbmCluster.AddressOf(cluster.Edge2);
        await using var tail = Pbm.Follow(cluster.Room1, "cluster tail");
        await Eventually.AssertAsync(() => Assert.Contains($"{address} | up", tail.Text, StringComparison.Ordinal));

        var left = await RunAsync($"--json cluster leave -a {address}");

        Assert.Equal(address, Assert.Single(left.Json).GetProperty("address").GetString());
        await Eventually.AssertAsync(
            () => Assert.All(
                ["leaving", "exiting", "removed"], status => Assert.Contains($"{address} | {status}", tail.Text, StringComparison.Ordinal)),
            Detection);
        await cluster.Edge2.ExitAsync(Detection);
        Assert.Equal("Count: 3 nodes", (await RunAsync("cluster show")).Lines[^1]);
    }

    [Fact]
    public async Task Down_ShouldRemoveAMemberThatCannotBeReached()
    {
        var address = await KillEdge2Async();

        var downed = await RunAsync($"--json cluster down -a {address}");

        Assert.Equal(address, Assert.Single(downed.Json).GetProperty("address").GetString());
        await Eventually.AssertAsync(async () => Assert.Equal("Count: 3 nodes", (await RunAsync("cluster show")).Lines[^1]), Detection);
    }

    [Fact]
    public async Task DownUnreachable_ShouldRemoveAllThatCannotBeReached()
    {
        var address = await KillEdge2Async();

        var downed = await RunAsync("--json cluster down-unreachable");

        Assert.Equal(address, Assert.Single(downed.Json).GetProperty("address").GetString());
        await Eventually.AssertAsync(async () => Assert.Equal("Count: 3 nodes", (await RunAsync("cluster show")).Lines[^1]), Detection);
    }

    private static bool Matches(string line, NodeProcess node, string rest) =>
        line.StartsWith($"{PbmCluster.AddressOf(node)} | {rest}", StringComparison.Ordinal);

    private async Task<string> KillEdge2Async()
    {
        var address = PbmCluster.AddressOf(cluster.Edge2);
        await cluster.Edge2.KillAsync();
        await Eventually.AssertAsync(
            async () => Assert.Contains((await RunAsync("cluster reachability")).Lines, line => line.StartsWith($"{address} | unreachable", StringComparison.Ordinal)),
            Detection);
        Assert.Contains((await RunAsync("cluster show")).Lines, line => Matches(line, cluster.Edge2, "[edge] | up | unreachable |"));
        return address;
    }

    private Task<PbmResult> RunAsync(string command) => Pbm.RunAsync(cluster.Room1, command);
}
