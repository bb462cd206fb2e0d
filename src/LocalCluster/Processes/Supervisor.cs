namespace AkkaChat.LocalCluster.Processes;

/// <summary>How long a process that ended waits before it is started again.</summary>
/// <param name="Longest">The pause is none the first time, then one second, and doubles up to this; zero is no pause ever.</param>
/// <param name="Healthy">A process that was up for this long begins again with no pause.</param>
public sealed record RestartPolicy(TimeSpan Longest, TimeSpan Healthy)
{
    public static RestartPolicy AtOnce { get; } = new(TimeSpan.Zero, TimeSpan.Zero);

    public static RestartPolicy BackOff { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

    /// <param name="last">The pause before the start that has ended now; null where that was the first.</param>
    /// <param name="uptime">How long it was up.</param>
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
/// Starts processes again that have ended. A node relies on it: it exits when it has lost the cluster. Whoever else starts one in the
/// meantime is welcome to.
/// </summary>
public sealed class Supervisor(IEnumerable<ManagedProcess> processes, RestartPolicy policy, Action<string>? report = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly List<Charge> _charges = [.. processes.Select(process => new Charge(process))];

    /// <summary>Looks at each of them twice a second until <paramref name="end"/>.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var charge in _charges)
            {
                Look(charge);
            }

            await Task.Delay(Interval, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(Charge charge)
    {
        var process = charge.Process;
        if (process.IsRunning)
        {
            charge.EndedAt = null;
            return;
        }

        if (charge.EndedAt is null)
        {
            charge.EndedAt = TimeProvider.System.GetTimestamp();
            charge.Pause = policy.Next(charge.Pause, process.SinceStart);
            report?.Invoke($"{process.Name} exited; restarting in {charge.Pause.Value.TotalSeconds:F0} s (log: {process.LogFile})");
        }

        if (TimeProvider.System.GetElapsedTime(charge.EndedAt.Value) >= charge.Pause && process.StartIfEnded())
        {
            charge.EndedAt = null;
            report?.Invoke($"{process.Name} started, pid {process.ProcessId}");
        }
    }

    private sealed class Charge(ManagedProcess process)
    {
        public ManagedProcess Process => process;

        public TimeSpan? Pause { get; set; }

        public long? EndedAt { get; set; }
    }
}
