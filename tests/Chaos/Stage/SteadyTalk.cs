using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Stage;

/// <summary>
/// People who talk at a fixed rate, whatever becomes of what they sent before: how long their sends take beside something else is what benches
/// compare. They share a few rooms and are spread over the edges.
/// </summary>
internal sealed class SteadyTalk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Person> _people = [];
    private readonly double _rate;

    private SteadyTalk(double rate) => _rate = rate;

    public IReadOnlyList<string> Rooms => [.. _people.Select(person => person.Room).Distinct()];

    /// <summary>People whose connection has ended.</summary>
    public int Dropped => _people.Count(person => !person.Socket.IsOpen);

    /// <summary>Error codes of sends that were not acknowledged.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    /// <param name="rate">Messages a second, of all together.</param>
    /// <param name="name">Begins the names of the accounts, which must be new.</param>
    public static async Task<SteadyTalk> OfAsync(IReadOnlyList<Uri> edges, int people, int rooms, double rate, string name = "bench")
    {
        var talk = new SteadyTalk(rate);
        for (var i = 0; i < people; i++)
        {
            var edge = edges[i % edges.Count];
            var rest = new ChatRest(edge);
            await Patiently.DoAsync(() => rest.RegisterAsync($"{name}{i}", ChatClient.Password));
            var room = i < rooms ? (await Patiently.DoAsync(() => rest.CreateRoomAsync($"Bench {i}"))).GetProperty("id").GetString()! : talk._people[i % rooms].Room;
            await Patiently.DoAsync(() => rest.JoinAsync(room));
            var socket = await ChatSocket.ConnectAsync(edge, rest, ChatCredential.Bearer, _ => { });
            var hello = await socket.RequestAsync("hello");
            socket.Beat(TimeSpan.FromMilliseconds(hello.GetProperty("heartbeatMs").GetInt32()));
            talk._people.Add(new Person(rest, socket, room));
        }

        return talk;
    }

    /// <summary>One window: message k is due at k / rate; from then to each acknowledgement.</summary>
    public async Task<IReadOnlyList<TimedSend>> SendAsync(TimeSpan window)
    {
        var sends = new List<Task<TimedSend?>>();
        var clock = Stopwatch.StartNew();
        for (var k = 0; k < _rate * window.TotalSeconds; k++)
        {
            var due = TimeSpan.FromSeconds(k / _rate);
            if (due - clock.Elapsed is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait);
            }

            sends.Add(SendAsync(_people[k % _people.Count], clock, due));
        }

        return [.. (await Task.WhenAll(sends)).OfType<TimedSend>()];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var person in _people)
        {
            await person.Socket.DisposeAsync();
            person.Rest.Dispose();
        }
    }

    private async Task<TimedSend?> SendAsync(Person person, Stopwatch clock, TimeSpan due)
    {
        // The timer is up to a few ms late: that is the bench's own.
        var late = clock.Elapsed - due;
        var sent = Clock.Now - (late < TimeSpan.FromMilliseconds(5) ? 0 : Clock.Of(late));
        try
        {
            await person.Socket.RequestAsync(
                "message.send", person.Room, new JsonObject { ["cid"] = Guid.CreateVersion7().ToString(), ["text"] = new string('x', 100) }, Patience);
            return new TimedSend(sent, Clock.Now);
        }
        catch (Exception e) when (e is ChatException or ChatConnectionLostException)
        {
            Refused.Enqueue((e as ChatException)?.Code ?? "lost");
            return null;
        }
    }

    private sealed record Person(ChatRest Rest, ChatSocket Socket, string Room);
}
