using System.Diagnostics;
using System.Text.Json.Nodes;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Tests;

/// <summary>G10 on a real node: more than a room can take is refused in time, nothing of it is lost or stored twice, and after it all is as before.</summary>
public sealed class OverloadSpecs : IAsyncLifetime
{
    private const int People = 8;
    private const int SendsEach = 150;
    private const int Pending = 16;
    private static readonly TimeSpan BackToNormal = TimeSpan.FromSeconds(5);

    private SingleNode? _node;

    public async Task InitializeAsync() => _node = await SingleNode.StartAsync(new Dictionary<string, string>
    {
        // A room that is soon full, and sockets that are not what slows people down.
        ["AkkaChat__Rooms__MaxPending"] = $"{Pending}",
        ["AkkaChat__Sockets__SendPerSecond"] = "10000",
        ["AkkaChat__Sockets__SendBurst"] = "10000",
    });

    public async Task DisposeAsync() => await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Fact]
    public async Task Room_ShouldSayThatItIsBusyAndLoseNothing_WhenMoreIsSentThanItCanTake()
    {
        var people = new List<(ChatRest Api, ChatSocket Socket)>();
        var room = "";
        for (var i = 0; i < People; i++)
        {
            var rest = new ChatRest(_node!.Url);
            await Patiently.DoAsync(() => rest.RegisterAsync($"eager{i}", ChatClient.Password));
            room = i == 0 ? (await rest.CreateRoomAsync("Full")).GetProperty("id").GetString()! : room;
            await rest.JoinAsync(room);
            var socket = await ChatSocket.ConnectAsync(_node.Url, rest, ChatCredential.Bearer, _ => { });
            await socket.RequestAsync("hello");
            people.Add((rest, socket));
        }

        var sends = people.SelectMany(person => Enumerable.Range(0, SendsEach).Select(_ => SendAsync(person.Socket, room))).ToList();
        var outcomes = await Task.WhenAll(sends);

        Assert.True(outcomes.Sum(outcome => outcome.Busy) > 0, "nobody was refused");
        var stored = (await people[0].Api.EventsAsync(room)).Where(e => e.GetProperty("ev").GetString() == "message.created")
            .Select(e => (Cid: e.GetProperty("d").GetProperty("cid").GetString()!, Seq: e.GetProperty("seq").GetInt64())).ToList();
        Assert.Equal(outcomes.Select(outcome => (outcome.Cid, outcome.Seq)).OrderBy(sent => sent.Seq), stored);

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, (await SendAsync(people[0].Socket, room)).Busy);
        Assert.True(watch.Elapsed < BackToNormal, $"a send took {watch.Elapsed} after the load");
        foreach (var (rest, socket) in people)
        {
            Assert.True(socket.IsOpen);
            await socket.DisposeAsync();
            rest.Dispose();
        }
    }

    /// <summary>Sends under one cid until it is stored; how often the room was busy.</summary>
    private static async Task<(string Cid, long Seq, int Busy)> SendAsync(ChatSocket socket, string room)
    {
        var cid = Guid.CreateVersion7().ToString();
        for (var busy = 0; ; busy++)
        {
            try
            {
                var reply = await socket.RequestAsync("message.send", room, new JsonObject { ["cid"] = cid, ["text"] = "eager" });
                // What was refused as busy was not stored, so its retry is no repetition.
                Assert.False(reply.GetProperty("dup").GetBoolean());
                return (cid, reply.GetProperty("seq").GetInt64(), busy);
            }
            catch (ChatException e)
            {
                Assert.True(e is { Code: "busy", Retryable: true, RetryAfterMs: > 0 }, e.Message);
                await Task.Delay(e.RetryAfterMs + Random.Shared.Next(50));
            }
        }
    }
}
