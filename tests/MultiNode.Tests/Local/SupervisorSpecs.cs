using AkkaChat.Support;

namespace AkkaChat.MultiNode.Tests.Local;

/// <summary>What watches the processes of <c>./run cluster</c> and of fault runs.</summary>
public sealed class SupervisorSpecs
{
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);

    [Fact]
    public void BackOff_ShouldDoubleToItsLongest_WhenAProcessEndsAgainAndAgain()
    {
        var pauses = new List<double>();
        TimeSpan? pause = null;
        for (var i = 0; i < 8; i++)
        {
            pause = RestartPolicy.BackOff.Next(pause, TimeSpan.FromSeconds(1));
            pauses.Add(pause.Value.TotalSeconds);
        }

        Assert.Equal([0, 1, 2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public void BackOff_ShouldStartOver_WhenTheProcessWasHealthy() =>
        Assert.Equal(TimeSpan.Zero, RestartPolicy.BackOff.Next(TimeSpan.FromSeconds(16), Healthy));

    [Fact]
    public void AtOnce_ShouldNeverPause() => Assert.Equal(TimeSpan.Zero, RestartPolicy.AtOnce.Next(TimeSpan.Zero, TimeSpan.Zero));

    [Fact]
    public async Task Supervisor_ShouldStartAProcessAgain_WhenItIsKilled()
    {
        await using var process = Sleeper();
        var reports = new List<string>();
        using var end = new CancellationTokenSource();
        var supervising = new Supervisor([process], RestartPolicy.AtOnce, reports.Add).RunAsync(end.Token);
        var first = process.ProcessId;

        await process.KillAsync();

        await Eventually.AssertAsync(() => Assert.True(process.IsRunning && process.ProcessId != first));
        await end.CancelAsync();
        await supervising;
        Assert.Equal(1, process.Restarts);
        Assert.Collection(reports, line => Assert.Contains("exited", line), line => Assert.EndsWith($"started, pid {process.ProcessId}", line));
    }

    [Fact]
    public async Task Ready_ShouldFailWithTheLog_WhenTheProcessEndsAtStart()
    {
        await using var process = new ManagedProcess(
            new ProcessPlan("fails", ["/bin/sh", "-c", "echo no such database; exit 3"], TestFolder.Create("akkachat-local-")),
            () => Task.FromResult<string?>("not yet"));
        process.Start();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => process.ReadyAsync());

        Assert.Contains("exited with 3", failure.Message);
        Assert.Contains("no such database", failure.Message);
    }

    private static ManagedProcess Sleeper()
    {
        var process = new ManagedProcess(
            new ProcessPlan("sleeper", ["sleep", "600"], TestFolder.Create("akkachat-local-")), () => Task.FromResult<string?>(null));
        process.Start();
        return process;
    }
}
