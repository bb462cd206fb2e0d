using System.Text.Json;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Measuring;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Driving;

/// <summary>Whoever shows how a run goes on. Called from any thread.</summary>
internal interface IRunObserver
{
    void SetUp(string what, int done, int total);

    void Phase(string what);

    void Second(Sample sample, RunContext context);

    void Limit(Notice notice);
}

/// <summary>
/// One run: sets up, plays the plan, waits for what is under way, reads every room's history back, and says what was found. When it is
/// asked to end, what was sent until then is checked as in a full run.
/// </summary>
internal sealed class LoadRun(RunContext context, IRunObserver observer)
{
    /// <summary>Above this the load test itself is what is slow.</summary>
    private const double LateMs = 50;
    private const int HistoryReads = 8;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = context.Clock.Time;
    private readonly List<Storm> _storms = [];
    private int _unread;
    private string? _unreadBecause;

    /// <param name="end">Ends the sending; what follows is done all the same. Before the load has begun it ends the run.</param>
    public async Task<RunResult> RunAsync(CancellationToken end)
    {
        var began = _time.GetTimestamp();
        await context.Api.ProbeAsync(end);
        using var sockets = new ChatSockets(context.Api.Server);
        using var stop = new CancellationTokenSource();
        var setUp = new SetUp(context, sockets, observer);
        var accounts = await setUp.RegisterAsync(end);
        var rooms = await setUp.MakeRoomsAsync(accounts, end);
        try
        {
            var (users, running) = await setUp.ConnectAsync(accounts, rooms, stop.Token, end);
            WarnOfLimits(users);
            var setUpTook = _time.GetElapsedTime(began);
            var startedAt = _time.GetUtcNow();
            context.Clock.Start();
            var due = await PlayAsync(users, end);
            var loadTook = TimeSpan.FromMicroseconds(context.Clock.Now);
            await SettleAsync(users, accounts, rooms, due);
            var result = Conclude(users, due, end.IsCancellationRequested) with { StartedAt = startedAt, SetUpTook = setUpTook, LoadTook = loadTook };
            await stop.CancelAsync();
            await running;
            return result;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private void WarnOfLimits(VirtualUser[] users)
    {
        var each = context.Options.Rate / Math.Max(1, context.Plan.Senders);
        if (users[0].SendsPerSecond is { } allowed && each > allowed)
        {
            context.Notices.Add(Limit.Sends, $"{each:0.#} messages a second for each of {context.Plan.Senders} users; the server allows {allowed:0.#}");
        }
    }

    /// <returns>How many messages of the plan became due.</returns>
    private async Task<int> PlayAsync(VirtualUser[] users, CancellationToken end)
    {
        observer.Phase("Load");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        var beside = Task.WhenAll(WatchAsync(users, over.Token), StormAsync(users, over.Token), StallAsync(users, over.Token));
        var due = await Task.Factory.StartNew(() => Pace(users, end), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (end.IsCancellationRequested)
        {
            observer.Phase("Interrupted: what was sent is checked all the same");
        }

        await over.CancelAsync();
        await beside;
        return due;
    }

    /// <summary>
    /// On a thread of its own: the timers of the thread pool are up to 4 ms late on Linux, which would be a good part of what is measured.
    /// </summary>
    private int Pace(VirtualUser[] users, CancellationToken end)
    {
        var due = 0;
        for (; due < context.Plan.Messages && IsTime(context.Plan.DueOf(due), end); due++)
        {
            users[context.Plan.SenderOf(due)].Send(due);
        }

        _ = IsTime(context.Plan.LoadEnd, end);
        return due;
    }

    /// <summary>Blocks until then; false if the load is ended before.</summary>
    private bool IsTime(long due, CancellationToken end)
    {
        for (var wait = due - context.Clock.Now; wait > 0 && !end.IsCancellationRequested; wait = due - context.Clock.Now)
        {
            end.WaitHandle.WaitOne(wait < 2_000 ? 1 : (int)(wait / 1000) - 1);
        }

        return !end.IsCancellationRequested;
    }

    private async ValueTask UntilAsync(long due, CancellationToken end)
    {
        for (var wait = due - context.Clock.Now; wait > 0; wait = due - context.Clock.Now)
        {
            await Task.Delay(wait > 10_000 ? TimeSpan.FromMicroseconds(wait - 5_000) : Tick, _time, end);
        }

        end.ThrowIfCancellationRequested();
    }

    /// <summary>Once a second: a sample, and signs of life.</summary>
    private async Task WatchAsync(VirtualUser[] users, CancellationToken over)
    {
        try
        {
            for (long second = 1; ; second++)
            {
                await UntilAsync(second * 1_000_000, over);
                observer.Second(context.Measurements.EndSecond(context.Clock.Now), context);
                foreach (var user in users)
                {
                    user.Beat(context.Clock.Now);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
    }

    private async Task StormAsync(VirtualUser[] users, CancellationToken over)
    {
        foreach (var at in context.Plan.Storms())
        {
            double? backAfter = null;
            try
            {
                await UntilAsync(at, over);
                foreach (var user in users)
                {
                    user.Break();
                }

                while (users.Any(static user => user.IsReturning))
                {
                    await Task.Delay(Tick, _time, over);
                }

                backAfter = (context.Clock.Now - at) / 1e6;
            }
            catch (OperationCanceledException)
            {
                if (context.Clock.Now < at)
                {
                    return;
                }
            }

            _storms.Add(new Storm(at / 1e6, users.Length, backAfter));
        }
    }

    private async Task StallAsync(VirtualUser[] users, CancellationToken over)
    {
        var slow = users.Where(static user => user.IsSlow).ToList();
        var (from, to) = context.Plan.Stall;
        try
        {
            await UntilAsync(from, over);
            slow.ForEach(static user => user.Stall());
            await UntilAsync(to, over);
        }
        catch (OperationCanceledException)
        {
            // They read again now, as they would have later.
        }

        slow.ForEach(static user => user.Unstall());
    }

    /// <summary>Waits for replies, reads the histories, and waits until the members have got what is in them.</summary>
    private async Task SettleAsync(VirtualUser[] users, Account[] accounts, RoomRecord[] rooms, int due)
    {
        observer.Phase("Waiting for the last replies");
        var began = _time.GetTimestamp();
        await WaitAsync(() => users.All(static user => user.IsSettled || user.OutBecause is not null), users, context.Options.Settle);
        observer.Phase("Reading the histories back");
        var reading = CheckHistoriesAsync(accounts, rooms, due);
        await WaitAsync(() => reading.IsCompleted, users, TimeSpan.MaxValue);
        await reading;
        observer.Phase("Waiting for the last deliveries");
        var left = context.Options.Settle - _time.GetElapsedTime(began);
        await WaitAsync(() => users.All(static user => user.IsComplete && (user.IsConnected || user.OutBecause is not null)), users, left > AtLeast ? left : AtLeast);
    }

    /// <summary>A history that cannot be read makes the run a failure; the others are checked, and all is reported.</summary>
    private async Task CheckHistoriesAsync(Account[] accounts, RoomRecord[] rooms, int due)
    {
        // One read has waited long enough for a server that is gone.
        using var gone = new CancellationTokenSource();
        await Parallel.ForEachAsync(rooms, new ParallelOptions { MaxDegreeOfParallelism = HistoryReads }, async (room, _) =>
        {
            try
            {
                room.Check(await ReadAsync(accounts[context.Plan.MembersOf(room.Index)[0]], room, gone.Token), from: 1, due);
            }
            catch (Exception e) when (e is UnusableServerException or JsonException || (e is OperationCanceledException && gone.IsCancellationRequested))
            {
                Interlocked.Increment(ref _unread);
                if (e is not OperationCanceledException)
                {
                    Interlocked.CompareExchange(ref _unreadBecause, e.Message, null);
                }

                if (e is UnusableServerException { IsGone: true })
                {
                    await gone.CancelAsync();
                }
            }
        });
    }

    /// <summary>Meanwhile the connections are kept.</summary>
    private async Task WaitAsync(Func<bool> isDone, VirtualUser[] users, TimeSpan limit)
    {
        for (var started = _time.GetTimestamp(); !isDone() && _time.GetElapsedTime(started) < limit;)
        {
            await Task.Delay(Poll, _time);
            foreach (var user in users)
            {
                user.Beat(context.Clock.Now);
            }
        }
    }

    private async Task<List<RoomEvent>> ReadAsync(Account reader, RoomRecord room, CancellationToken end)
    {
        var all = new List<RoomEvent>();
        while (true)
        {
            var after = all.Count == 0 ? 0 : all[^1].Seq;
            var page = await context.Api.EventsAsync(reader, room.Id, after, end);
            var events = context.Frames.Events(page, out _, out _);
            all.AddRange(events);
            if (events.Count == 0)
            {
                return all;
            }
        }
    }

    private RunResult Conclude(VirtualUser[] users, int due, bool isInterrupted)
    {
        if (context.Measurements.Lag.Percentile(99) / 1000.0 is var late and > LateMs)
        {
            context.Notices.Add(Limit.Busiest, $"p99 of its lateness: {late:0} ms");
        }

        foreach (var user in users)
        {
            user.Finish();
        }

        var unanswered = 0;
        var deliveries = 0L;
        for (var k = 0; k < due; k++)
        {
            var state = context.Messages[k].State;
            deliveries += state == SendState.Acked ? context.Plan.MembersOf(context.Plan.RoomOf(k)).Count : 0;
            unanswered += state is SendState.NotSent or SendState.Unknown ? 1 : 0;
        }

        if (context.Plan.SlowUsers > 0 && due > 0 && context.Notices.All.All(notice => notice.Limit != Limit.SlowReader))
        {
            context.Notices.Add(Limit.Buffers, $"{context.Plan.SlowUsers} slow readers.");
        }

        return new RunResult(
            context,
            default,
            default,
            default,
            isInterrupted,
            due,
            users.Count(static user => user.IsConnected),
            _storms,
            users.FirstOrDefault(static user => !user.IsConnected) is { } lost ? lost.OutBecause ?? lost.LastFailure : null)
        {
            Unanswered = unanswered,
            UnreadHistories = _unread,
            UnreadBecause = _unreadBecause,
            ExpectedDeliveries = deliveries,
            Measured = [.. context.Measurements.Samples.Where(sample => sample.T * 1e6 > context.Plan.RampEnd + 1_000_000 && sample.T * 1e6 <= context.Plan.LoadEnd + 100_000)],
        };
    }
}
