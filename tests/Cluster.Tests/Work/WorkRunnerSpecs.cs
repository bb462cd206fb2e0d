using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AkkaChat.Cluster.Work;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;

namespace AkkaChat.Cluster.Tests.Work;

public sealed class WorkRunnerSpecs
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Runner_ShouldDoEachItemOnce_AndNeverMoreAtATimeThanTheKindMay()
    {
        var done = new ConcurrentBag<string>();
        var (running, most) = (0, 0);
        await using var node = await WorkNode.StartAsync(new TestHandler(async (item, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Yield();
            done.Add(item.Payload);
            Interlocked.Decrement(ref running);
        })
        {
            Parallelism = 3,
        });

        await node.Queue.AddAsync([.. Enumerable.Range(0, 50).Select(i => New($"k{i}"))]);

        await Eventually.AssertAsync(async () => Assert.Empty(await node.Operations.GetDepthsAsync()), Limit);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"payload of k{i}").Order(), done.Order());
        Assert.InRange(most, 1, 3);
    }

    /// <summary>Somebody posts links to a site that never answers: the cards of others wait for one of them at most, not for all.</summary>
    [Fact]
    public async Task Work_ShouldNotWait_ForAllThatIsSlowAndAnothers()
    {
        var begun = new ConcurrentQueue<string>();
        using var slow = new SemaphoreSlim(0);
        await using var node = await WorkNode.StartAsync(new TestHandler((item, token) =>
        {
            begun.Enqueue(item.Key);
            return item.Subject == "slow" ? slow.WaitAsync(token) : Task.CompletedTask;
        })
        {
            Parallelism = 8,
        });
        await node.Queue.AddAsync([.. Enumerable.Range(0, 40).Select(i => New($"k{i}") with { Subject = "slow" })]);
        await Eventually.AssertAsync(() => Assert.Equal(8, begun.Count), Limit);
        // Eight that run for 1.5 s have taken more than what counts as much.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await node.Queue.AddAsync([New("another's") with { Subject = "quick" }]);

        slow.Release();

        await Eventually.AssertAsync(async () => Assert.Null(await node.FindAsync("another's")), Limit);
        Assert.Equal("another's", begun.ElementAt(8));
        slow.Release(40);
        await Eventually.AssertAsync(async () => Assert.Empty(await node.Operations.GetDepthsAsync()), Limit);
    }

    [Fact]
    public async Task Work_ShouldBeDoneAgain_WhenAnAttemptFails()
    {
        var attempts = new ConcurrentQueue<int>();
        await using var node = await WorkNode.StartAsync(new TestHandler((item, _) =>
        {
            attempts.Enqueue(item.Attempt);
            return item.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
        }));

        await node.Queue.AddAsync([New("a")]);

        await Eventually.AssertAsync(async () => Assert.Null(await node.FindAsync("a")), Limit);
        Assert.Equal([1, 2], attempts);
    }

    [Fact]
    public async Task Work_ShouldBeDead_WhenItsLastAttemptFails_AndLiveAgainWhenItIsRetried()
    {
        var works = false;
        await using var node = await WorkNode.StartAsync(
            new TestHandler((_, _) => Volatile.Read(ref works) ? Task.CompletedTask : throw new InvalidOperationException("never")) { MaxAttempts = 1 });

        await node.Queue.AddAsync([New("a")]);
        await Eventually.AssertAsync(
            async () => Assert.Equal(
                (WorkState.Dead, 1, "InvalidOperationException: never"),
                await node.FindAsync("a") is { } a ? (a.State, a.Attempts, a.LastError) : default),
            Limit);

        Volatile.Write(ref works, true);
        Assert.True(await node.Operations.RetryAsync((await node.FindAsync("a"))!.Id));

        await Eventually.AssertAsync(async () => Assert.Null(await node.FindAsync("a")), Limit);
    }

    [Fact]
    public async Task Attempt_ShouldBeCancelledAndFail_WhenItTakesTooLong()
    {
        var cancelled = new TaskCompletionSource();
        await using var node = await WorkNode.StartAsync(
            new TestHandler((_, token) => WaitAsync(cancelled, token)) { TimeLimit = TimeSpan.FromMilliseconds(100), MaxAttempts = 1 });

        await node.Queue.AddAsync([New("a")]);

        await cancelled.Task.WaitAsync(Limit);
        await Eventually.AssertAsync(
            async () => Assert.Contains("longer than", (await node.FindAsync("a"))?.LastError, StringComparison.Ordinal), Limit);
    }

    [Fact]
    public async Task Attempt_ShouldBeGivenBackUncounted_WhenTheNodeStops()
    {
        var cancelled = new TaskCompletionSource();
        await using var node = await StartRunningAsync("a", cancelled);

        await node.StopAsync().WaitAsync(Limit);

        await cancelled.Task.WaitAsync(Limit);
        var entry = await node.FindAsync("a");
        Assert.Equal((WorkState.Waiting, 0), (entry!.State, entry.Attempts));
    }

    [Fact]
    public async Task Attempt_ShouldBeCancelled_WhenAnotherNodeHasTakenTheWork()
    {
        var cancelled = new TaskCompletionSource();
        await using var node = await StartRunningAsync("a", cancelled);

        await node.SqlAsync("UPDATE work SET owner = 'another', attempts = 2");

        await cancelled.Task.WaitAsync(Limit);
        Assert.Equal((WorkState.Running, 2), await node.FindAsync("a") is { } a ? (a.State, a.Attempts) : default);
    }

    [Fact]
    public async Task Meter_ShouldTellDepthsAndRuns()
    {
        var measured = new ConcurrentQueue<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == WorkMetrics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => measured.Enqueue((i.Name, value, Print(tags))));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => measured.Enqueue((i.Name, value, Print(tags))));
        listener.Start();
        await using var node = await WorkNode.StartAsync(new TestHandler((_, _) => throw new InvalidOperationException("no")) { MaxAttempts = 1 });
        await node.Queue.AddAsync([New("a")]);

        await Eventually.AssertAsync(() => Assert.Contains(("akkachat.work.runs", 1d, "kind=test outcome=dead"), measured), Limit);
        await Eventually.AssertAsync(
            () =>
            {
                listener.RecordObservableInstruments();
                Assert.Contains(("akkachat.work.depth", 1d, "kind=test state=dead"), measured);
                Assert.Contains(measured, m => m is { Name: "akkachat.work.oldest_age", Tags: "kind=test state=dead", Value: >= 0 });
            },
            TimeSpan.FromSeconds(30));
        Assert.Contains(measured, m => m is { Name: "akkachat.work.duration", Tags: "kind=test" });
    }

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1.5)]
    [InlineData(5, 0.5, 16)]
    [InlineData(200, 0.5, 600)]
    public void BackOff_ShouldDoubleUpToTenMinutes_AndBeSpread(int attempt, double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), WorkBackOff.After(attempt, random));

    private static NewWork New(string key) => new("test", key, $"payload of {key}");

    /// <summary>A node that runs the item until its attempt is cancelled.</summary>
    private static async Task<WorkNode> StartRunningAsync(string key, TaskCompletionSource cancelled)
    {
        var started = new TaskCompletionSource();
        var node = await WorkNode.StartAsync(new TestHandler((_, token) =>
        {
            started.TrySetResult();
            return WaitAsync(cancelled, token);
        }));
        await node.Queue.AddAsync([New(key)]);
        await started.Task.WaitAsync(Limit);
        return node;
    }

    private static async Task WaitAsync(TaskCompletionSource cancelled, CancellationToken token)
    {
        var forever = new TaskCompletionSource();
        await using var _ = token.Register(() =>
        {
            cancelled.TrySetResult();
            forever.TrySetCanceled(token);
        });
        await forever.Task;
    }

    private static string Print(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new List<string>();
        foreach (var tag in tags)
        {
            text.Add($"{tag.Key}={tag.Value}");
        }

        return string.Join(' ', text);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
