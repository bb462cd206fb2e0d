using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace AkkaChat.Support.Processes;

/// <summary>The signals that tests send.</summary>
public enum Signal
{
    Term,
    Kill,
    Stop,
    Cont,
    Usr1,
    Quit,
}

/// <summary>
/// A real process of the product (or HAProxy), started with an environment of its own, its output in a file. It may be killed, frozen, and
/// started again with the same ports; it never outlives the test process.
/// </summary>
public sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = TimeSpan.FromSeconds(3),
    };

    private static long _starts;

    private readonly string[] _command;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _folder;
    private Process? _process;

    public NodeProcess(string name, IEnumerable<string> command, IReadOnlyDictionary<string, string> environment, Uri url, string logFolder, string folder)
    {
        Name = name;
        Url = url;
        LogFile = Path.Combine(logFolder, $"{name}.log");
        _command = [.. command];
        _environment = environment;
        _folder = folder;
    }

    public string Name { get; }

    /// <summary>Where /health answers; of an edge also everything else.</summary>
    public Uri Url { get; }

    /// <summary>Where pbm connects: the node's management port.</summary>
    public Uri? Management { get; init; }

    /// <summary>The port of remoting, as in the node's address in the cluster.</summary>
    public int ClusterPort { get; init; }

    public string LogFile { get; }

    /// <summary>Grows with each start in this test process: the process with the least is the oldest member.</summary>
    public long StartedAs { get; private set; }

    /// <summary>Of the running process, or of the last one.</summary>
    public int? ProcessId => _process?.Id;

    public bool IsRunning => _process is { HasExited: false };

    public int? ExitCode => _process is { HasExited: true } ? _process.ExitCode : null;

    public void Start()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} is running.");
        }

        // The last process is left to the collector: whoever killed it may still wait for it.
        // The shell becomes the process itself, so that the id is its own.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "node", LogFile, .. _command])
        {
            WorkingDirectory = _folder,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsProductSetting).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var (key, value) in _environment)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Name} did not start.");
        StartedAs = Interlocked.Increment(ref _starts);
        ProcessGuard.Add(_process.Id);
    }

    /// <summary>Waits until /health/ready answers 200; fails at once where the process has ended.</summary>
    public async Task ReadyAsync(TimeSpan? timeout = null)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(90);
        var last = "no answer";
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < limit;)
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{Name} ended with {ExitCode} before it was ready.\n{LogTail()}");
            }

            try
            {
                using var answer = await Http.GetAsync(new Uri(Url, "health/ready"));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }

                last = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                last = e.Message;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"{Name} was not ready in {limit}: {last}\n{LogTail()}");
    }

    /// <summary>Sends the signal to the process if it runs. Without a process of its own for that, which a busy machine may be slow to start.</summary>
    public Task SendAsync(Signal signal)
    {
        if (_process is { HasExited: false } process)
        {
            _ = Kill(process.Id, NumberOf(signal));
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

    /// <summary>SIGTERM; returns when the process has ended by itself, and fails where it has not in time.</summary>
    public async Task StopAsync(TimeSpan? timeout = null)
    {
        var process = _process;
        await SendAsync(Signal.Term);
        await ExitAsync(process, timeout ?? TimeSpan.FromSeconds(40));
    }

    public Task ExitAsync(TimeSpan timeout) => ExitAsync(_process, timeout);

    /// <summary>Waits for this one: a supervisor may have started the next already.</summary>
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
            throw new TimeoutException($"{Name} had not ended after {timeout}.\n{LogTail()}");
        }

        ProcessGuard.Drop(process.Id);
    }

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
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    /// <summary>As Linux counts them.</summary>
    private static int NumberOf(Signal signal) => signal switch
    {
        Signal.Quit => 3,
        Signal.Kill => 9,
        Signal.Usr1 => 10,
        Signal.Term => 15,
        Signal.Cont => 18,
        Signal.Stop => 19,
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };

    private static bool IsProductSetting(string key) =>
        key is "PORT" or "DATA" || key.StartsWith("AkkaChat__", StringComparison.OrdinalIgnoreCase)
                                || key.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
                                || key.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);
}
