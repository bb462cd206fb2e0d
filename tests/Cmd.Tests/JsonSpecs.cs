using System.Text.Json;
using AkkaChat.LocalCluster.Nodes;

namespace AkkaChat.Cmd.Tests;

/// <summary>With <c>--json</c> every command of docs/pbm.md prints one object per line, of which a program finds what it needs.</summary>
[Collection(PbmCollection.Name)]
public sealed class JsonSpecs(PbmCluster cluster) : IAsyncLifetime
{
    /// <summary>They end nodes, or need one that is alone or an item of work: these specs run them so.</summary>
    private static readonly Dictionary<string, string> RunByOthers = new()
    {
        ["cluster join"] = nameof(ClusterCommandSpecs.Join_ShouldLetANodeBeginACluster_WhenItIsGivenItsOwnAddress),
        ["cluster leave"] = nameof(ClusterCommandSpecs.Leave_ShouldEndTheNode_AndTailShouldTellOfIt),
        ["cluster down"] = nameof(ClusterCommandSpecs.Down_ShouldRemoveAMemberThatCannotBeReached),
        ["cluster down-unreachable"] = nameof(ClusterCommandSpecs.DownUnreachable_ShouldRemoveAllThatCannotBeReached),
        ["chat work"] = nameof(ChatCommandSpecs.Work_ShouldBeListedRetriedAndDropped),
        ["chat work-depth"] = nameof(ChatCommandSpecs.Work_ShouldBeListedRetriedAndDropped),
        ["chat work-retry"] = nameof(ChatCommandSpecs.Work_ShouldBeListedRetriedAndDropped),
        ["chat work-drop"] = nameof(ChatCommandSpecs.Work_ShouldBeListedRetriedAndDropped),
    };

    /// <summary>A command, its switches, and a property of its objects.</summary>
    public static TheoryData<string, string, string> Commands => new()
    {
        { "cluster show", "", "address" },
        { "cluster status", "", "isLeader" },
        { "cluster leader", "", "address" },
        { "cluster reachability", "", "reachable" },
        { "cluster tail", "", "happened" },
        { "cluster-sharding list-regions", "", "node" },
        { "cluster-sharding list-shards", "-r room", "entities" },
        { "cluster-sharding region-stats", "", "shards" },
        { "cluster-sharding location", "-e ROOM", "runs" },
        { "actor hierarchy", "-d 1", "path" },
        { "log tail", "", "message" },
        { "log level", "-c Spec -l error", "level" },
        { "chat rooms", "-n 3", "id" },
        { "chat room", "-r ROOM", "storage" },
        { "chat sessions", "", "queued" },
        { "chat drain", "", "closed" },
        { "chat resume", "", "resumed" },
        { "chat journal-check", "-r ROOM", "defects" },
    };

    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_ShouldPrintObjects(string command, string switches, string property)
    {
        await cluster.Ana.SendAsync(cluster.Room, "so that the room runs");
        var words = $"--json {command} {switches.Replace("ROOM", cluster.Room, StringComparison.Ordinal)}";
        try
        {
            var objects = command.EndsWith(" tail", StringComparison.Ordinal) ? await FollowAsync(words) : await RunAsync(cluster.Edge1, words);

            Assert.NotEmpty(objects);
            Assert.All(objects, row => Assert.True(row.TryGetProperty(property, out _), row.ToString()));
        }
        finally
        {
            if (command is "chat drain" or "log level")
            {
                await RunAsync(cluster.Edge1, "--json chat resume");
                await RunAsync(cluster.Edge1, "--json log level -c Spec -l default");
            }
        }
    }

    [Fact]
    public void EveryCommand_ShouldBeRun() => Assert.Equal(
        Document.Commands().Order(StringComparer.Ordinal),
        Commands.Select(row => (string)row[0]).Concat(RunByOthers.Keys).Order(StringComparer.Ordinal));

    private static async Task<IReadOnlyList<JsonElement>> RunAsync(NodeProcess node, string words)
    {
        var result = await Pbm.RunAsync(node, words);
        Assert.True(result.ExitCode == 0, $"{words}: {result.ExitCode} {result.Errors}");
        return result.Json;
    }

    /// <summary>The first of what is printed without end; a command that is run meanwhile is logged.</summary>
    private async Task<IReadOnlyList<JsonElement>> FollowAsync(string words)
    {
        await using var tail = Pbm.Follow(cluster.Edge1, words);
        await Eventually.AssertAsync(
            async () =>
            {
                await Pbm.RunAsync(cluster.Edge1, "cluster leader");
                Assert.Contains('\n', tail.Text);
            },
            TimeSpan.FromSeconds(30));
        return [JsonDocument.Parse(tail.Text[..tail.Text.IndexOf('\n', StringComparison.Ordinal)]).RootElement];
    }
}
