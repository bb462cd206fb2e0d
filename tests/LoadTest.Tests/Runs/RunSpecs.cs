using AkkaChat.LoadTest.Arguments;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.LoadTest.Tests.Runs;

/// <summary>One server for all specs; each run has users and rooms of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private SingleNode? _node;

    public string Url => _node!.Url.ToString();

    public async Task InitializeAsync() => _node = await SingleNode.StartAsync();

    public async Task DisposeAsync() => await _node!.DisposeAsync();
}

/// <summary>The tool against a real server on SQLite, and against one that breaks its promises.</summary>
public sealed class RunSpecs(ServerFixture server) : IClassFixture<ServerFixture>
{
    public static TheoryData<string> Scenarios() => [.. Scenario.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Run_ShouldPass_OnAServerThatKeepsItsPromises(string scenario)
    {
        // Two a second for each user, which the server allows; an idle run stays idle.
        string[] rate = scenario == "idle" ? [] : ["--rate", "40"];
        var ended = await RunAsync(["--scenario", scenario, "--users", "20", "--duration", "4", "--ramp", "1", "--max-errors", "0", .. rate]);

        Assert.True(ended.ExitCode == 0, ended.Words);
        Assert.True(ended.Report.GetProperty("passed").GetBoolean());
        var messages = ended.Report.GetProperty("messages");
        Assert.True(messages.GetProperty("due").GetInt32() > 0, ended.Words);
        Assert.Equal(messages.GetProperty("due").GetInt32(), messages.GetProperty("acked").GetInt32());
        Assert.Equal(messages.GetProperty("deliveriesExpected").GetInt64(), messages.GetProperty("delivered").GetInt64());
        Assert.Equal(20, ended.Report.GetProperty("connections").GetProperty("atEnd").GetInt32());
        Assert.Equal(scenario == "reconnect-storm" ? 1 : 0, ended.Report.GetProperty("storms").GetArrayLength());
    }

    [Theory]
    [InlineData("Drop", "lost")]
    [InlineData("Double", "doubled")]
    [InlineData("Swap", "outOfOrder")]
    public async Task Run_ShouldFail_WhenOneFrameOfThousandsIsNotDeliveredAsItMust(string fault, string name)
    {
        await using var proxy = new FaultyProxy(new Uri(server.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)), Enum.Parse<ProxyFault>(fault));
        var ended = await Tool.RunAsync("--url", proxy.Url, "--users", "5", "--rooms", "1", "--rate", "20", "--duration", "3", "--ramp", "0");

        Assert.True(proxy.HasDoneIt, ended.Words);
        Assert.True(ended.ExitCode == 1, ended.Words);
        Assert.Equal(1, ended.Fault(name));
        Assert.Equal(1, ended.Report.GetProperty("faults").EnumerateObject().Sum(property => property.Value.GetInt64()));
        Assert.Contains("Failed", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ShouldFail_AndReportAllTheSame_WhenTheHistoriesCannotBeRead()
    {
        await using var proxy = new FaultyProxy(new Uri(server.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)), ProxyFault.NoHistory);
        var ended = await Tool.RunAsync("--url", proxy.Url, "--users", "4", "--rooms", "2", "--rate", "10", "--duration", "2", "--ramp", "0");

        Assert.True(ended.ExitCode == 1, ended.Words);
        Assert.Equal(2, ended.Report.GetProperty("unreadHistories").GetInt32());
        Assert.Equal(20, ended.Report.GetProperty("messages").GetProperty("acked").GetInt32());
        Assert.Equal(0, ended.Report.GetProperty("faults").EnumerateObject().Sum(property => property.Value.GetInt64()));
        Assert.Contains("could not be read back", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ShouldFail_WhenABoundIsMissed()
    {
        var ended = await RunAsync("--users", "3", "--rooms", "1", "--rate", "5", "--duration", "2", "--ramp", "0", "--max-p99", "0.001");

        Assert.True(ended.ExitCode == 1, ended.Words);
        Assert.Contains("--max-p99", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ShouldNameTheSetting_WhenTheServerLimitsSends()
    {
        // Each connection may send 20 at once and 5 a second.
        var ended = await RunAsync("--users", "2", "--rooms", "1", "--rate", "60", "--duration", "3", "--ramp", "0");

        Assert.True(ended.ExitCode == 1, ended.Words);
        Assert.Contains("AkkaChat:Sockets:SendPerSecond", ended.Output, StringComparison.Ordinal);
        Assert.True(ended.Report.GetProperty("messages").GetProperty("errors").GetProperty("rate_limited").GetInt64() > 50, ended.Words);
        Assert.Equal(0, ended.Report.GetProperty("faults").EnumerateObject().Sum(property => property.Value.GetInt64()));
    }

    [Fact]
    public async Task SlowReaders_ShouldBeTold_AndCatchUp()
    {
        var ended = await RunAsync(
            "--scenario", "slow-readers", "--users", "20", "--rate", "80", "--duration", "10", "--ramp", "0", "--max-errors", "0", "--settle", "60");

        Assert.True(ended.ExitCode == 0, ended.Words);
        var connections = ended.Report.GetProperty("connections");
        Assert.True(connections.GetProperty("lagged").GetInt64() > 0, ended.Words);
        Assert.True(connections.GetProperty("pulls").GetInt64() > 0, ended.Words);
        Assert.Contains("room.lagged", ended.Output, StringComparison.Ordinal);
        Assert.Equal(
            ended.Report.GetProperty("messages").GetProperty("deliveriesExpected").GetInt64(), ended.Report.GetProperty("messages").GetProperty("delivered").GetInt64());
    }

    [Fact]
    public async Task SlowReaders_ShouldNotPassForTested_WhenTheirBuffersHoldItAll()
    {
        var ended = await RunAsync("--scenario", "slow-readers", "--users", "4", "--payload", "100", "--rate", "4", "--duration", "2", "--ramp", "0");

        Assert.True(ended.ExitCode == 0, ended.Words);
        Assert.Contains("had nothing to withhold", ended.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_ShouldEndTheLoad_AndReportWhatWasSent()
    {
        using var tool = Tool.Start("--url", server.Url, "--users", "4", "--rooms", "1", "--rate", "10", "--duration", "10m", "--ramp", "0");
        await tool.SeesAsync("    5 s");
        await tool.InterruptAsync();
        var ended = await tool.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Words);
        Assert.True(ended.Report.GetProperty("interrupted").GetBoolean());
        Assert.InRange(ended.Report.GetProperty("messages").GetProperty("acked").GetInt32(), 40, 1000);
        Assert.Equal(ended.Report.GetProperty("messages").GetProperty("due").GetInt32(), ended.Report.GetProperty("messages").GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task Run_ShouldBeImpossible_WhenNobodyAnswers()
    {
        var ended = await Tool.RunAsync("--url", $"http://127.0.0.1:{FreePort.Next()}");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("cannot be reached", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ShouldBeImpossible_WhenAnArgumentIsWrong()
    {
        var ended = await RunAsync("--users", "none");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("--users", ended.Output, StringComparison.Ordinal);
    }

    private Task<Ended> RunAsync(params string[] arguments) => Tool.RunAsync(["--url", server.Url, .. arguments]);
}
