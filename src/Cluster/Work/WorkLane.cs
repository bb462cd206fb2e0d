using System.Collections.Concurrent;
using System.Data.Common;
using System.Threading.Channels;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Work;

/// <summary>Runs the work of one kind on this node: claims as many due items as the handler may run, and records how each ended.</summary>
internal sealed partial class WorkLane(
    IWorkHandler handler,
    WorkTable table,
    WorkOptions options,
    WorkMetrics metrics,
    TimeProvider time,
    ILogger<WorkLane> logger) : IDisposable
{
    /// <summary>A database that does not answer must not keep the node from stopping: its lease then expires.</summary>
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    // Machine and process for operators; the GUID, since a process id can be reused.
    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly SemaphoreSlim _free = new(handler.Parallelism, handler.Parallelism);

    // Capacity 1: one waiting signal is enough.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly WorkShares _shares = new(time);

    // Bounded by the handler's parallelism.
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _running = new();

    /// <summary>When a failed item of this node is due again, in ticks, so that it need not wait for the next poll.</summary>
    private long _retryAt = long.MaxValue;

    public string Kind => handler.Kind;

    /// <summary>Work of this kind may be due: look now.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Runs until it is stopped, then releases the items in progress.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewals = RenewAsync(renewing.Token);
        try
        {
            while (true)
            {
                var slots = await TakeSlotsAsync(stopping);
                var items = await ClaimAsync(slots, stopping);
                foreach (var item in items)
                {
                    _ = RunItemAsync(item, stopping);
                }

                if (items.Count < slots)
                {
                    _free.Release(slots - items.Count);
                    await WaitForMoreAsync(stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            for (var slot = 0; slot < handler.Parallelism; slot++)
            {
                await _free.WaitAsync(CancellationToken.None);
            }
        }
        finally
        {
            await renewing.CancelAsync();
            await renewals.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Waits for a free slot, and takes all that are free.</summary>
    private async Task<int> TakeSlotsAsync(CancellationToken stopping)
    {
        await _free.WaitAsync(stopping);
        var slots = 1;
        while (_free.Wait(0, CancellationToken.None))
        {
            slots++;
        }

        return slots;
    }

    private async Task<IReadOnlyList<WorkItem>> ClaimAsync(int count, CancellationToken stopping)
    {
        try
        {
            return await table.ClaimAsync(handler.Kind, _owner, count, handler.MaxAttempts, options.Lease, _shares.Last(), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nothing was claimed: the slots must be given back, since the lane ends only with all of them.
            return [];
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogUnreachable(logger, e, handler.Kind);
            return [];
        }
    }

    private async Task WaitForMoreAsync(CancellationToken stopping)
    {
        var delay = options.PollInterval * (0.8 + (0.4 * Random.Shared.NextDouble()));
        var retry = TimeSpan.FromTicks(Math.Max(0, Interlocked.Exchange(ref _retryAt, long.MaxValue) - time.GetUtcNow().UtcTicks));
        using var wake = new CancellationTokenSource(retry < delay ? retry : delay, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, wake.Token);
        try
        {
            await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // Time for the next poll.
        }
    }

    private async Task RunItemAsync(WorkItem item, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(handler.TimeLimit, time);
        using var lost = new CancellationTokenSource();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lost.Token, stopping);
        var started = time.GetTimestamp();
        _running[item.Id] = lost;
        _shares.Begin(item.Id, item.Subject);
        var run = RunHandlerAsync(item, ended.Token);
        await run.WaitAsync(ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // If the handler has finished, its result counts, even if a token was cancelled meanwhile.
        var outcome = run switch
        {
            { IsCompletedSuccessfully: true } => await SettleAsync(item, WorkOutcome.Done, table.CompleteAsync(item, _owner)),
            _ when lost.IsCancellationRequested => WorkOutcome.Lost,
            _ when stopping.IsCancellationRequested =>
                await SettleAsync(item, WorkOutcome.Released, table.ReleaseAsync(item, _owner).WaitAsync(ReleaseTimeout, time, CancellationToken.None)),
            _ when limit.IsCancellationRequested => await FailAsync(item, $"It took longer than {handler.TimeLimit.TotalSeconds:0} s."),
            _ => await FailAsync(item, run.Exception?.InnerException),
        };
        _running.TryRemove(item.Id, out _);
        metrics.Ended(handler.Kind, outcome, time.GetElapsedTime(started));
        // A handler that ignores its cancellation keeps its slot. Otherwise more would run than allowed.
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shares.End(item.Id);
        _free.Release();
    }

    /// <summary>Yields first, so that a handler that throws synchronously fails like any other.</summary>
    private async Task RunHandlerAsync(WorkItem item, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await handler.RunAsync(item, cancellationToken);
    }

    private Task<WorkOutcome> FailAsync(WorkItem item, Exception? cause)
    {
        LogFailed(logger, cause, handler.Kind, item.Id, item.Attempt);
        return FailAsync(item, cause is null ? "It was cancelled." : $"{cause.GetType().Name}: {cause.Message}");
    }

    private async Task<WorkOutcome> FailAsync(WorkItem item, string error)
    {
        var delay = WorkBackOff.After(item.Attempt, Random.Shared.NextDouble());
        var outcome = await SettleAsync(
            item,
            item.Attempt < handler.MaxAttempts ? WorkOutcome.Failed : WorkOutcome.Dead,
            table.FailAsync(item, _owner, handler.MaxAttempts, delay, error));
        if (outcome == WorkOutcome.Dead)
        {
            LogDead(logger, handler.Kind, item.Id, item.Attempt, error);
        }
        else if (delay < options.PollInterval)
        {
            Interlocked.Exchange(ref _retryAt, (time.GetUtcNow() + delay).UtcTicks);
            Signal();
        }

        return outcome;
    }

    private async Task<WorkOutcome> SettleAsync(WorkItem item, WorkOutcome outcome, Task<bool> settling)
    {
        try
        {
            return await settling ? outcome : WorkOutcome.Lost;
        }
        catch (Exception e)
        {
            // The lease expires, and the work runs again.
            LogUnsettled(logger, e, handler.Kind, item.Id);
            return WorkOutcome.Lost;
        }
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var running = _running.ToArray();
            if (running.Length == 0)
            {
                continue;
            }

            try
            {
                var kept = await table.RenewAsync([.. running.Select(item => item.Key)], _owner, options.Lease, stopping);
                foreach (var (id, lost) in running.Where(item => !kept.Contains(item.Key)))
                {
                    CancelIfLost(id, lost);
                }
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                LogUnreachable(logger, e, handler.Kind);
            }
        }
    }

    private void CancelIfLost(long id, CancellationTokenSource lost)
    {
        // An item that has just been settled is no longer in the dictionary, and is not lost.
        if (_running.TryGetValue(id, out var current) && current == lost)
        {
            lost.Cancel();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Claiming or renewing work of kind {Kind} failed: the database is unreachable")]
    private static partial void LogUnreachable(ILogger logger, Exception cause, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Attempt {Attempt} of work {Kind} {Id} failed")]
    private static partial void LogFailed(ILogger logger, Exception? cause, string kind, long id, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work {Kind} {Id} is dead after {Attempts} attempts: {Error}")]
    private static partial void LogDead(ILogger logger, string kind, long id, int attempts, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outcome of work {Kind} {Id} was not stored; the work will run again")]
    private static partial void LogUnsettled(ILogger logger, Exception cause, string kind, long id);
}
