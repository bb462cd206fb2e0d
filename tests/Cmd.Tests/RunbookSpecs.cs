using System.Text.RegularExpressions;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>An operator types what docs/runbook.md says: each command there is one that works.</summary>
[Collection(PbmCollection.Name)]
public sealed partial class RunbookSpecs(PbmCluster cluster) : IAsyncLifetime
{
    /// <summary>They need something broken or end a node: these specs run them.</summary>
    private static readonly Dictionary<string, string> RunByOthers = new()
    {
        ["cluster leave"] = nameof(ClusterCommandSpecs.Leave_ShouldEndTheNode_AndTailShouldTellOfIt),
        ["cluster down"] = nameof(ClusterCommandSpecs.Down_ShouldRemoveAMemberThatCannotBeReached),
        ["chat work-retry"] = nameof(ChatCommandSpecs.Work_ShouldBeListedRetriedAndDropped),
    };

    public static TheoryData<string> Commands => [.. All().Where(command => !RunByOthers.ContainsKey(NameOf(command))).Distinct()];

    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_ShouldSucceed(string command)
    {
        var node = command.StartsWith("EDGE:9110 ", StringComparison.Ordinal) || NameOf(command) is "chat sessions" or "chat drain" or "chat resume"
            ? cluster.Edge1
            : cluster.Room1;
        var words = Address().Replace(command, "").Replace("NAME", "Engine", StringComparison.Ordinal).Replace("ROOM", cluster.Room, StringComparison.Ordinal);
        try
        {
            if (NameOf(command).EndsWith(" tail", StringComparison.Ordinal))
            {
                await AssertFollowsAsync(node, words);
                return;
            }

            var result = await Pbm.RunAsync(node, words);
            Assert.True(result.ExitCode == 0, $"{words}: {result.ExitCode} {result.Errors}");
            Assert.NotEmpty(result.Lines);
        }
        finally
        {
            if (NameOf(command) == "chat drain")
            {
                Assert.Equal(0, (await Pbm.RunAsync(node, "chat resume")).ExitCode);
            }
        }
    }

    [Fact]
    public void Exceptions_ShouldBeInTheRunbook()
    {
        var named = All().Select(NameOf).ToHashSet();
        Assert.True(named.Count > 10, string.Join(", ", named));
        Assert.Empty(RunByOthers.Keys.Except(named));
    }

    [Fact]
    public async Task Readiness_ShouldBeAskedForAsTheRunbookDoes()
    {
        var line = Curl().Match(File.ReadAllText(Path.Combine(Product.Root, "docs/runbook.md"))).Value;
        var answer = await LocalCluster.Processes.Command.RunAsync(line.Replace("9110", $"{cluster.Room1.Management!.Port}", StringComparison.Ordinal).Split(' '));
        Assert.Equal("""{"status":"ready"}""", answer);
    }

    /// <summary>What it prints depends on what happens; that it goes on shows that it was understood.</summary>
    private static async Task AssertFollowsAsync(NodeProcess node, string words)
    {
        await using var tail = Pbm.Follow(node, words);
        await Pbm.RunAsync(node, "cluster leader");
        await Pbm.RunAsync(node, "cluster show");
        Assert.False(tail.HasEnded, tail.Text);
    }

    /// <summary>Those of code blocks and of sentences, without <c>pbm</c> and remarks.</summary>
    private static IEnumerable<string> All()
    {
        var text = File.ReadAllText(Path.Combine(Product.Root, "docs/runbook.md"));
        return Line().Matches(text).Concat(Inline().Matches(text)).Select(match => match.Groups[1].Value.Replace('\n', ' ').Trim())
            .Where(command => command.Contains(' ', StringComparison.Ordinal));
    }

    private static string NameOf(string command) => string.Join(' ', Address().Replace(command, "").Split(' ').Take(2));

    [GeneratedRegex(@"^pbm ([^#\n]+)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"`pbm ([^`]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^[A-Z]+:9110 ")]
    private static partial Regex Address();

    [GeneratedRegex(@"^curl .+$", RegexOptions.Multiline)]
    private static partial Regex Curl();
}
