namespace AkkaChat.LocalCluster.Processes;

/// <summary>The delay before an exited process is restarted.</summary>
/// <param name="Longest">The longest delay. The first restart has none, the next one second, then it doubles; zero means never any.</param>
/// <param name="Healthy">After this uptime the delays start over.</param>
public sealed record RestartPolicy(TimeSpan Longest, TimeSpan Healthy)
{
    public static RestartPolicy AtOnce { get; } = new(TimeSpan.Zero, TimeSpan.Zero);

    public static RestartPolicy BackOff { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

    /// <param name="last">The delay before the run that has ended; null if that was the first.</param>
    /// <param name="uptime">The uptime of that run.</param>
    public TimeSpan Next(TimeSpan? last, TimeSpan uptime)
    {
        if (last is not { } pause || uptime >= Healthy)
        {
            return TimeSpan.Zero;
        }

        var next = pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : pause * 2;
        return next < Longest ? next : Longest;
    }
}

/// <summary>
/// Restarts processes that have exited. A node relies on this: it exits when it has lost the cluster. Others may start them in the
/// meantime.
/// </summary>
public sealed class Supervisor(IEnumerable<ManagedProcess> processes, RestartPolicy policy, Action<string>? report = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly List<Watched> _watched = [.. processes.Select(process => new Watched(process))];

    /// <summary>Checks each of them twice a second until <paramref name="end"/>.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var watched in _watched)
            {
                Check(watched);
            }

            await Task.Delay(Interval, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Check(Watched watched)
    {
        var process = watched.Process;
        if (process.IsRunning)
        {
            watched.EndedAt = null;
            return;
        }

        if (watched.EndedAt is null)
        {
            watched.EndedAt = TimeProvider.System.GetTimestamp();
            watched.Pause = policy.Next(watched.Pause, process.SinceStart);
            report?.Invoke($"{process.Name} exited; restarting in {watched.Pause.Value.TotalSeconds:F0} s (log: {process.LogFile})");
        }

        if (TimeProvider.System.GetElapsedTime(watched.EndedAt.Value) >= watched.Pause && process.StartIfEnded())
        {
            watched.EndedAt = null;
            report?.Invoke($"{process.Name} started, pid {process.ProcessId}");
        }
    }

    private sealed class Watched(ManagedProcess process)
    {
        public ManagedProcess Process => process;

        public TimeSpan? Pause { get; set; }

        public long? EndedAt { get; set; }
    }
}
