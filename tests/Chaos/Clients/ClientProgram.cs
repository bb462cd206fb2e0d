using System.Collections.Concurrent;
using System.Text.Json;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>What a client process has counted so far.</summary>
internal sealed class ClientCounters
{
    private readonly ConcurrentDictionary<string, long> _rooms = new();
    private long _acked;
    private long _delivered;
    private int _pending;

    public void Began() => Interlocked.Increment(ref _pending);

    public void Settled() => Interlocked.Decrement(ref _pending);

    public void Acked(string room, long began, bool dup)
    {
        if (!dup)
        {
            Interlocked.Increment(ref _acked);
            _rooms.AddOrUpdate(room, began, (_, old) => Math.Max(old, began));
        }
    }

    public void Delivered(bool applied)
    {
        if (applied)
        {
            Interlocked.Increment(ref _delivered);
        }
    }

    public ClientStatus ToStatus(string state, int connected) => new()
    {
        State = state,
        Acked = Interlocked.Read(ref _acked),
        Delivered = Interlocked.Read(ref _delivered),
        Pending = _pending,
        Connected = connected,
        Rooms = new Dictionary<string, long>(_rooms),
    };
}

/// <summary>
/// The process of the verb <c>client</c>: several users who talk until they are told to stop. Commands come as lines of the standard input
/// (<c>start</c>, <c>break</c>, <c>stall ms</c>, <c>flood ms</c>, <c>stop</c>, <c>finish</c>); its end ends the process.
/// </summary>
internal static class ClientProgram
{
    public static async Task<int> RunAsync(string settingsPath)
    {
        var settings = ClientSettings.Read(settingsPath);
        using var history = new HistoryWriter(settings.History);
        var counters = new ClientCounters();
        var known = new KnownFiles();
        var threads = new KnownThreads();
        using var moderator = new Moderator(settings);
        await Patiently.DoAsync(moderator.LogInAsync);
        var first = int.Parse(settings.Name[1..], System.Globalization.CultureInfo.InvariantCulture) * settings.Users;
        var users = Enumerable.Range(0, settings.Users)
            .Select(i => new ChaosUser(settings, $"{settings.Name}.u{i}", new Random(settings.Seed + first + i), history, counters, known, threads, moderator))
            .ToList();
        for (var i = 0; i < users.Count; i++)
        {
            await Patiently.DoAsync(users[i].RegisterAsync);
            await users[i].JoinAsync(first + i);
        }

        var connections = users.Select(user => Task.Run(user.ConnectAsync)).ToList();
        using var stop = new CancellationTokenSource();
        var work = new List<Task>();
        var state = "ready";
        using var ticking = new CancellationTokenSource();
        var status = ReportAsync(() => counters.ToStatus(state, users.Count(user => user.IsUp)), history, ticking.Token);
        while (await Console.In.ReadLineAsync() is { } line && line != "finish")
        {
            var words = line.Split(' ');
            var time = words.Length > 1 ? TimeSpan.FromMilliseconds(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture)) : default;
            switch (words[0])
            {
                case "start":
                    state = "running";
                    work.AddRange(users.SelectMany(user => new[]
                    {
                        Task.Run(() => user.TalkAsync(stop.Token)), Task.Run(() => user.LiveAsync(stop.Token)), Task.Run(() => user.ShareAsync(stop.Token)),
                        Task.Run(() => user.ChangeMessagesAsync(stop.Token)), Task.Run(() => user.UseThreadsAsync(stop.Token)),
                    }));
                    break;
                case "break":
                    users.ForEach(user => user.Break());
                    break;
                case "stall":
                    work.Add(users[0].StallAsync(time));
                    break;
                case "flood":
                    work.AddRange(users.Skip(1).Take(4).Select(user => user.FloodAsync(time)));
                    break;
                case "stop":
                    await stop.CancelAsync();
                    _ = Task.WhenAll(work).ContinueWith(_ => state = "stopped", TaskScheduler.Default);
                    break;
            }
        }

        users.ForEach(user => user.WriteFinal());
        await Task.WhenAll(users.Select(user => user.WriteUnreadAsync()));
        await Task.WhenAll(users.Select(user => user.EndAsync()));
        await Task.WhenAll(connections);
        await ticking.CancelAsync();
        await status;
        state = "finished";
        Console.WriteLine(JsonSerializer.Serialize(counters.ToStatus(state, 0)));
        return 0;
    }

    private static async Task ReportAsync(Func<ClientStatus> status, HistoryWriter history, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            Console.WriteLine(JsonSerializer.Serialize(status()));
            history.Flush();
            await Task.Delay(1_000, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
