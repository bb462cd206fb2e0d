using System.Collections.Concurrent;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Hostile;

/// <summary>How large an attack is.</summary>
internal sealed record AttackSizes
{
    /// <summary>What a review found to harm others.</summary>
    public static readonly AttackSizes Large = new();

    /// <summary>What shows the same limits at work within seconds.</summary>
    public static readonly AttackSizes Small = new() { Rooms = 1, EventsPerRoom = 30, EventBytes = 4_000, Parallel = 3, Waiting = 60, Fillers = 2 };

    /// <summary>What is ready within seconds and still takes work to serve.</summary>
    public static readonly AttackSizes Medium = new() { Rooms = 1, EventsPerRoom = 200, EventBytes = 8_000, Parallel = 4, Waiting = 500, Fillers = 8 };

    /// <summary>Rooms full of events, for those who ask for all of them.</summary>
    public int Rooms { get; init; } = 3;

    public int EventsPerRoom { get; init; } = 1_000;

    public int EventBytes { get; init; } = 16_000;

    /// <summary>Accounts that fill the rooms, each at the rate that one may send.</summary>
    public int Fillers { get; init; } = 10;

    /// <summary>Sockets or requests at once.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>Sockets that never say hello.</summary>
    public int Waiting { get; init; } = 4_000;
}

/// <summary>Counts what a hostile client was answered, by the answer: a status, an error code, a close code.</summary>
internal sealed class Answers
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public long this[string answer] => _counts.GetValueOrDefault(answer);

    public void Count(string answer) => _counts.AddOrUpdate(answer, 1, (_, count) => count + 1);

    public override string ToString() =>
        _counts.IsEmpty ? "nothing" : string.Join(", ", _counts.OrderByDescending(count => count.Value).Take(5).Select(count => $"{count.Value} × {count.Key}"));
}

/// <summary>What hostile clients are turned on.</summary>
/// <param name="Edge">Where all of them connect.</param>
/// <param name="Room">A room that others talk in, and that anybody may join.</param>
internal sealed record Target(Uri Edge, string Room, AttackSizes Sizes)
{
    /// <summary>The rooms of <see cref="AttackSizes.Rooms"/>, and the account that owns them.</summary>
    public IReadOnlyList<string> Full { get; init; } = [];

    public required ChatRest Owner { get; init; }

    /// <summary>Makes the account and the rooms, and fills those.</summary>
    /// <param name="name">Ends the names of the accounts, which must be new.</param>
    public static async Task<Target> PrepareAsync(Uri edge, string room, AttackSizes sizes, string name = "")
    {
        var owner = new ChatRest(edge);
        await Patiently.DoAsync(() => owner.RegisterAsync($"hostile{name}", ChatClient.Password));
        var full = new List<string>();
        for (var i = 0; i < sizes.Rooms; i++)
        {
            full.Add((await Patiently.DoAsync(() => owner.CreateRoomAsync($"Full {i}"))).GetProperty("id").GetString()!);
        }

        await Task.WhenAll(Enumerable.Range(0, sizes.Fillers).Select(i => FillAsync(edge, full, sizes, i, name)));
        return new Target(edge, room, sizes) { Full = full, Owner = owner };
    }

    /// <summary>One account's share of the events. Each is of characters that JSON writes as six.</summary>
    private static async Task FillAsync(Uri edge, IReadOnlyList<string> rooms, AttackSizes sizes, int filler, string name)
    {
        using var rest = new ChatRest(edge);
        await Patiently.DoAsync(() => rest.RegisterAsync($"filler{filler}{name}", ChatClient.Password));
        await using var socket = await ChatSocket.ConnectAsync(edge, rest, ChatCredential.Bearer, _ => { });
        await socket.RequestAsync("hello");
        foreach (var room in rooms)
        {
            await Patiently.DoAsync(() => rest.JoinAsync(room));
            for (var i = filler; i < sizes.EventsPerRoom; i += sizes.Fillers)
            {
                await HostileSocket.SendAsync(socket, room, new string('\u0001', sizes.EventBytes));
            }
        }
    }
}

/// <summary>One kind of hostile client.</summary>
/// <param name="Run">Goes on until it is cancelled.</param>
internal sealed record Attack(string Name, string What, Func<Target, Answers, CancellationToken, Task> Run)
{
    public static readonly IReadOnlyList<Attack> All =
    [
        new("hello-storm", "hellos that resume full rooms from their beginning, and hang up", SocketAttacks.StormAsync),
        new("waiting", "sockets of one address that never say hello", SocketAttacks.WaitAsync),
        new("junk", "frames that are no requests, as fast as they go", SocketAttacks.JunkAsync),
        new("flood", "messages of one user over three sockets, as fast as they go", SocketAttacks.FloodAsync),
        new("stalled-reader", "members of the others' room who do not read", SocketAttacks.StallAsync),
        new("rooms", "rooms made one after the other", RestAttacks.MakeRoomsAsync),
        new("events", "pages of 1,000 events of full rooms", RestAttacks.ReadEventsAsync),
        new("moves", "joins and leaves of the others' room", RestAttacks.MoveAsync),
    ];
}
