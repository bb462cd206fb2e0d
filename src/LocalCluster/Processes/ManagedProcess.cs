using System.Diagnostics;

namespace AkkaChat.LocalCluster.Processes;

/// <summary>Checks once whether a process is ready: null if it is, else the reason.</summary>
public delegate Task<string?> ReadinessProbe();

/// <summary>How a process is started.</summary>
/// <param name="LogFolder">The folder of the file to which its output is appended.</param>
public sealed record ProcessPlan(string Name, IReadOnlyList<string> Command, string LogFolder)
{
    public Launcher Launcher { get; init; } = Launcher.Plain;

    public string WorkingFolder { get; init; } = "/";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it inherits the product's own variables (<c>PORT</c>, <c>AkkaChat__…</c>); it inherits all others.</summary>
    public bool InheritsSettings { get; init; }

    /// <summary>The signal that asks it to stop, also sent when this process ends first.</summary>
    public Signal StopSignal { get; init; } = Signal.Term;
}

/// <summary>
/// A real process that may be killed, frozen and started again, with its output in a file. It has a session of its own, so that a
/// terminal's Ctrl-C does not reach it, and never outlives this process.
/// </summary>
public class ManagedProcess(ProcessPlan plan, ReadinessProbe probe) : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A node that cannot stop in order ends by itself after 45 s, and says so in its log.</summary>
    private static readonly TimeSpan DefaultStopTimeout = TimeSpan.FromSeconds(60);

    private static long _starts;

    private readonly Lock _starting = new();
    private Process? _process;
    private long _startedAt;

    public string Name => plan.Name;

    public string LogFile { get; } = Path.Combine(plan.LogFolder, $"{plan.Name}.log");

    /// <summary>Grows with each start of any process: of two processes, the one with the smaller number has been up longer.</summary>
    public long StartedAs { get; private set; }

    /// <summary>The number of restarts.</summary>
    public int Restarts { get; private set; }

    /// <summary>Of the running process, or of the last one.</summary>
    public int? ProcessId => _process?.Id;

    public bool IsRunning => _process is { HasExited: false };

    public int? ExitCode => _process is { HasExited: true } ? _process.ExitCode : null;

    /// <summary>Since the last start.</summary>
    public TimeSpan SinceStart => TimeProvider.System.GetElapsedTime(_startedAt);

    public void Start()
    {
        if (!StartIfEnded())
        {
            throw new InvalidOperationException($"{Name} is running.");
        }
    }

    /// <summary>Starts it unless it runs. True for the one caller that started it.</summary>
    public bool StartIfEnded()
    {
        lock (_starting)
        {
            if (IsRunning)
            {
                return false;
            }

            // The previous process is not disposed here: whoever killed it may still wait for it.
            if (_process is { } last)
            {
                ProcessGuard.Drop(last.Id);
                Restarts++;
            }

            _process = Process.Start(StartInfo()) ?? throw new InvalidOperationException($"{Name} did not start.");
            _startedAt = TimeProvider.System.GetTimestamp();
            StartedAs = Interlocked.Increment(ref _starts);
            ProcessGuard.Add(_process.Id, plan.StopSignal);
            return true;
        }
    }

    /// <summary>Waits until it is ready; throws <see cref="InvalidOperationException"/> at once if it has exited.</summary>
    public async Task ReadyAsync(TimeSpan? timeout = null)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(90);
        string? last = null;
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < limit;)
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{Name} exited with {ExitCode} before it was ready.\n{LogTail()}");
            }

            last = await probe();
            if (last is null)
            {
                return;
            }

            await Task.Delay(ProbeInterval);
        }

        throw new TimeoutException($"{Name} was not ready in {limit}: {last}\n{LogTail()}");
    }

    /// <summary>Sends the signal to the process if it runs.</summary>
    public Task SendAsync(Signal signal)
    {
        if (_process is { HasExited: false } process)
        {
            Signals.Send(process.Id, signal);
        }

        return Task.CompletedTask;
    }

    /// <summary>kill -9; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        process.Kill();
        await ExitAsync(process, TimeSpan.FromSeconds(30));
    }

    /// <summary>Asks it to stop and waits for that; throws <see cref="TimeoutException"/> if it does not in time.</summary>
    public async Task StopAsync(TimeSpan? timeout = null)
    {
        var process = _process;
        await SendAsync(plan.StopSignal);
        await ExitAsync(process, timeout ?? DefaultStopTimeout);
    }

    public Task ExitAsync(TimeSpan timeout) => ExitAsync(_process, timeout);

    public string LogTail(int lines = 40) =>
        File.Exists(LogFile)
            ? $"--- the end of {LogFile}\n{string.Join('\n', File.ReadLines(LogFile).TakeLast(lines))}"
            : $"--- {LogFile} was not written";

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        _process?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits for this process: a supervisor may already have started the next.</summary>
    private async Task ExitAsync(Process? process, TimeSpan timeout)
    {
        if (process is null)
        {
            return;
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(timeout);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} had not exited after {timeout}.\n{LogTail()}");
        }

        ProcessGuard.Drop(process.Id);
    }

    private ProcessStartInfo StartInfo()
    {
        // exec: the shell becomes the process, so the id is the process's own.
        const string Script = "log=$1; shift; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null";
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, plan.Name, LogFile, .. plan.Launcher.Prefix, .. plan.Command])
        {
            WorkingDirectory = plan.WorkingFolder,
        };
        if (!plan.InheritsSettings)
        {
            foreach (var inherited in start.Environment.Keys.Where(IsProductSetting).ToList())
            {
                start.Environment.Remove(inherited);
            }
        }

        foreach (var (key, value) in plan.Environment)
        {
            start.Environment[key] = value;
        }

        return start;
    }

    private static bool IsProductSetting(string key) =>
        key is "PORT" or "DATA" || key.StartsWith("AkkaChat__", StringComparison.OrdinalIgnoreCase)
                                || key.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
                                || key.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);
}
