using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AkkaChat.Chaos.Clients;

namespace AkkaChat.Chaos.Stage;

/// <summary>The client processes, commanded through their standard input and heard through their standard output.</summary>
internal sealed class ClientGroup : IAsyncDisposable
{
    private readonly Dictionary<string, Process> _processes = [];
    private readonly ConcurrentDictionary<string, ClientStatus> _status = new();

    public IReadOnlyList<RoomPlan> Rooms { get; private init; } = [];

    public long Acked => _status.Values.Sum(status => status.Acked);

    public long Delivered => _status.Values.Sum(status => status.Delivered);

    public int Pending => _status.Values.Sum(status => status.Pending);

    public int Connected => _status.Values.Sum(status => status.Connected);

    public static ClientGroup Start(IEnumerable<ClientSettings> settings, string folder)
    {
        var group = new ClientGroup { Rooms = settings.First().Rooms };
        foreach (var one in settings)
        {
            var file = Path.Combine(folder, $"{one.Name}.json");
            one.Write(file);
            var start = new ProcessStartInfo("dotnet", [typeof(ClientGroup).Assembly.Location, "client", file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            start.Environment["DOTNET_gcServer"] = "0";
            var process = Process.Start(start) ?? throw new InvalidOperationException("A client process did not start.");
            process.OutputDataReceived += (_, line) => group.Hear(one.Name, line.Data);
            process.BeginOutputReadLine();
            group._processes.Add(one.Name, process);
        }

        return group;
    }

    /// <summary>Tells one process or all of them.</summary>
    public async Task SayAsync(string command, string? to = null)
    {
        foreach (var (name, process) in _processes)
        {
            if ((to is null || to == name) && !process.HasExited)
            {
                await process.StandardInput.WriteLineAsync(command);
                await process.StandardInput.FlushAsync();
            }
        }
    }

    /// <summary>Waits until every process is in the state and <paramref name="holds"/>; false where it is not in time.</summary>
    public async Task<bool> ReachAsync(string state, TimeSpan timeout, Func<bool>? holds = null)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
        {
            if (_processes.Keys.All(name => _status.TryGetValue(name, out var status) && status.State == state) && (holds?.Invoke() ?? true))
            {
                return true;
            }

            if (_processes.Values.Any(process => process is { HasExited: true, ExitCode: not 0 }))
            {
                return false;
            }

            await Task.Delay(100);
        }

        return false;
    }

    /// <summary>Waits until every busy room has acknowledged a message sent after <paramref name="time"/>; answers those that have not in time.</summary>
    public async Task<IReadOnlyList<string>> AllRoomsAckAsync(long time, TimeSpan timeout)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var silent = Rooms.Where(room => room.Use == RoomUse.Busy && _status.Values.All(status => status.Rooms.GetValueOrDefault(room.Id) < time))
                .Select(room => room.Id).ToList();
            if (silent.Count == 0 || TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                return silent;
            }

            await Task.Delay(250);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            process.StandardInput.Close();
            try
            {
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
            }
            catch (TimeoutException)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    private void Hear(string name, string? line)
    {
        if (line is ['{', ..])
        {
            _status[name] = JsonSerializer.Deserialize<ClientStatus>(line)!;
        }
        else if (line is not null)
        {
            Console.Error.WriteLine($"{name}: {line}");
        }
    }
}
