using System.Globalization;
using System.Text.RegularExpressions;
using AkkaChat.Support;
using AkkaChat.Support.Chat;

namespace AkkaChat.MultiNode.Tests.Local;

/// <summary><c>./run cluster</c> after its build, as a new user meets it.</summary>
public sealed partial class RunClusterSpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Cluster_ShouldServeRestartAndLeaveNothing_WhenItIsStartedFromNothing()
    {
        var folder = TestFolder.Create("akkachat-run-");
        var port = FreePort.Next();
        var url = new Uri($"http://localhost:{port}/");
        await using var run = new NodeProcess(
            new ProcessPlan("run-cluster", ProductBuild.Current.Command("LocalCluster"), folder)
            {
                Environment = new Dictionary<string, string> { ["PORT"] = $"{port}", ["DATA"] = folder },
            },
            url);
        run.Start();
        await Eventually.AssertAsync(
            () => Assert.True(!run.IsRunning || Output(run).Contains("AkkaChat: http", StringComparison.Ordinal)), Patience);
        Assert.True(run.IsRunning, run.LogTail());
        var processes = Row().Matches(Output(run)).ToDictionary(
            row => row.Groups[1].Value, row => int.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.Equal(
            ["edge1", "edge2", "edge3", "edge4", "haproxy", "postgres", "redis", "room1", "room2"], processes.Keys.Order(StringComparer.Ordinal));

        await using var cast = new Cast();
        var ana = await cast.PersonAsync("Ana", url);
        var ben = await cast.PersonAsync("Ben", url);
        var room = await Cast.RoomAsync("lounge", ana, ben);
        await ana.SendAsync(room, "before");
        using (var node = System.Diagnostics.Process.GetProcessById(processes["room2"]))
        {
            node.Kill();
        }

        await Eventually.AssertAsync(() => Assert.Matches(@"room2 started, pid \d+", Output(run)), Patience);
        await ana.SendAsync(room, "after");

        await run.SendAsync(Signal.Term);
        await run.ExitAsync(Patience);

        Assert.Equal(143, run.ExitCode);
        Assert.DoesNotContain("did not stop in time", Output(run));
        Assert.DoesNotContain(processes.Values.Append(Restarted(run)), pid => Directory.Exists($"/proc/{pid}"));
    }

    private static string Output(NodeProcess run) => File.Exists(run.LogFile) ? File.ReadAllText(run.LogFile) : "";

    private static int Restarted(NodeProcess run) =>
        int.Parse(Regex.Match(Output(run), @"room2 started, pid (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\w+) +(\d+) +\S+:\d+ ", RegexOptions.Multiline)]
    private static partial Regex Row();
}
