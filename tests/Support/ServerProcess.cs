using System.Net;
using System.Net.Sockets;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.Support;

public static class FreePort
{
    // Outgoing connections take their ports from the range the kernel calls ephemeral (32768 upward). A port below it stays free between the
    // moment it is chosen and the start of the server that is to listen on it.
    private const int First = 12_000;
    private const int Ports = 20_000;
    private const int Attempts = 3;

    // Test processes that run at the same time begin at different places.
    private static int _next = Environment.ProcessId * 397 % Ports;

    /// <summary>
    /// A TCP port that nothing listens on, on either loopback, and that this process has not given out before. Another process may still take
    /// it first, so a start on it is retried where that is cheap.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Ports);
            if (IsFree(IPAddress.Loopback, port) && IsFree(IPAddress.IPv6Loopback, port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException e)
        {
            // A machine without IPv6 has nothing that listens there.
            return e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }

    /// <summary>Starts a server on a free port, and on another where it does not start: that one may have been taken meanwhile.</summary>
    public static async Task<T> TryAsync<T>(Func<int, Task<T>> start)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await start(Next());
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException && attempt < Attempts)
            {
                // another process took the port
            }
        }
    }
}

/// <summary>
/// A server of the tests' own in a folder of its own. When it is disposed of, or the test process ends in whatever way, the server is stopped
/// and the folder removed.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ManagedProcess _process;
    private readonly string _folder;

    private ServerProcess(ManagedProcess process, string folder) => (_process, _folder) = (process, folder);

    public string Output => File.Exists(_process.LogFile) ? File.ReadAllText(_process.LogFile) : "";

    /// <param name="stopSignal">As <c>kill</c> calls it: TERM, INT, QUIT.</param>
    public static ServerProcess Start(string folder, string stopSignal, IEnumerable<string> command)
    {
        ProcessGuard.RemoveAtEnd(folder);
        var plan = new ProcessPlan("server", [.. command], folder)
        {
            WorkingFolder = folder,
            StopSignal = stopSignal == "INT" ? Signal.Interrupt : Enum.Parse<Signal>(stopSignal, ignoreCase: true),
        };
        var process = new ManagedProcess(plan, () => Task.FromResult<string?>(null));
        process.Start();
        return new ServerProcess(process, folder);
    }

    /// <summary>Runs a command to its end; throws with its output where it fails or takes too long.</summary>
    public static Task RunAsync(params string[] command) => Command.RunAsync(command);

    /// <summary>Stops the server, whose folder stays.</summary>
    public async Task StopAsync()
    {
        if (_process.IsRunning)
        {
            await _process.StopAsync(StopTimeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
