using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class SendSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Send_ShouldReachEveryMembersSocketsInOrder_WhenAcknowledged()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(await ana.OtherSessionAsync());
        await using var other = await Socket.OpenAsync(ben);

        var acks = new List<JsonElement>();
        for (var i = 0; i < 20; i++)
        {
            acks.Add(await one.SayAsync(room, $"text {i}"));
        }

        Assert.Equal(Enumerable.Range(1, 20), acks.Select(ack => ack.GetProperty("n").GetInt32()));
        Assert.All(acks, ack => Assert.False(ack.GetProperty("dup").GetBoolean()));
        foreach (var socket in new[] { one, two, other })
        {
            await socket.MessageAsync(room, "text 19");
            var events = socket.Durable(room);
            Assert.Equal(acks.Select(ack => ack.GetProperty("seq").GetInt64()), events.Select(e => e.GetProperty("seq").GetInt64()));
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"text {i}"), events.Select(e => e.GetProperty("d").GetProperty("text").GetString()));
            Assert.All(events, e => Assert.Equal(ana.Id, e.GetProperty("d").GetProperty("author").GetString()));
            Assert.Equal(
                acks.Select(ack => (ack.GetProperty("id").GetString(), ack.GetProperty("ts").GetString())),
                events.Select(e => (e.GetProperty("d").GetProperty("id").GetString(), e.GetProperty("d").GetProperty("ts").GetString())));
        }

        Assert.Equal(20, one.Frames.Count(frame => frame.TryGetProperty("re", out _)) - 1);
    }

    [Fact]
    public async Task Send_ShouldKeepTheOrderOfOneConnection_WhenNotWaitedFor()
    {
        var (ana, _, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);

        await socket.SayManyAsync(room, 150, i => $"{i}");

        await socket.MessageAsync(room, "150");
        Assert.Equal(
            Enumerable.Range(1, 150).Select(i => $"{i}"), socket.Durable(room).Select(e => e.GetProperty("d").GetProperty("text").GetString()));
    }

    /// <summary>A room that one has just created is not among the socket's rooms yet.</summary>
    [Fact]
    public async Task Send_ShouldKeepTheOrder_WhenTheSocketDoesNotFollowTheRoomYet()
    {
        var ana = await Host.PersonAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var room = await ana.CreateRoomAsync();

        await socket.SayManyAsync(room, 100, i => $"{i}");

        var page = await ana.GetAsync($"/api/rooms/{room}/messages?limit=200");
        Assert.Equal(
            Enumerable.Range(1, 100).Select(i => $"{i}"),
            page.Json.GetProperty("items").EnumerateArray().Select(message => message.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Send_ShouldBeAcknowledged_WhenTwoThousandComeAtOnce()
    {
        const int Sockets = 20;
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var sockets = await Task.WhenAll(Enumerable.Range(0, Sockets).Select(_ => Socket.OpenAsync(ana)));

        await Task.WhenAll(sockets.Select(socket => socket.SayManyAsync(room, 2_000 / Sockets)));

        Assert.Equal(2_000, await CountAsync(ana, room));
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task Send_ShouldAnswerTheFirstSeq_WhenTheCidIsUsedAgain()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        await using var device = await Socket.OpenAsync(await ana.OtherSessionAsync());
        await using var other = await Socket.OpenAsync(ben);
        var cid = Socket.NewCid();
        var first = await socket.SayAsync(room, "once", cid);

        foreach (var from in new[] { socket, device, socket })
        {
            var again = await from.SayAsync(room, "once", cid);
            Assert.True(again.GetProperty("dup").GetBoolean());
            Assert.Equal(first.GetProperty("seq").GetInt64(), again.GetProperty("seq").GetInt64());
            Assert.Equal(first.GetProperty("n").GetInt64(), again.GetProperty("n").GetInt64());
        }

        var (code, error) = await socket.RefusedAsync("message.send", room, new JsonObject { ["cid"] = cid, ["text"] = "twice" });
        Assert.Equal("idempotency_conflict", code);
        Assert.False(error.GetProperty("retryable").GetBoolean());

        // The cid is of this room and this user alone.
        Assert.False((await other.SayAsync(room, "twice", cid)).GetProperty("dup").GetBoolean());
        Assert.Equal(2, await CountAsync(ana, room));
    }

    [Fact]
    public async Task Send_ShouldBeInvalid_WhenTheCidIsNotANewUuidV7()
    {
        var (ana, _, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var cids = new JsonNode?[]
        {
            null, "", "x", 5, Guid.NewGuid().ToString(), Socket.NewCid().Replace("-", ""), $"{{{Socket.NewCid()}}}",
            Socket.NewCid(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1)), Socket.NewCid(-TimeSpan.FromMinutes(11)),
        };

        foreach (var cid in cids)
        {
            var (code, _) = await socket.RefusedAsync("message.send", room, new JsonObject { ["cid"] = cid, ["text"] = "hi" });
            Assert.True(code == "invalid", $"{cid}: {code}");
        }

        await socket.SayAsync(room, "old enough", Socket.NewCid(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1)));
        await socket.SayAsync(room, "new enough", Socket.NewCid(-TimeSpan.FromMinutes(9)));
        Assert.Equal(2, await CountAsync(ana, room));
    }

    [Fact]
    public async Task Send_ShouldBeInvalid_WhenAFieldIsMissingOrOfAnotherType()
    {
        var (ana, _, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var bad = new (string Name, JsonNode? Value)[]
        {
            ("text", null), ("text", 5), ("text", ""), ("text", "  \n"), ("text", "a\0b"), ("text", new JsonArray()),
            ("replyTo", 5), ("replyTo", "x"), ("replyTo", $"{room}.999"), ("replyTo", $"r_{new string('0', 32)}.1"),
            ("files", new JsonArray("f_1")), ("files", "f_1"),
        };

        foreach (var (name, value) in bad)
        {
            var d = new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "hi" };
            d[name] = value;
            var (code, _) = await socket.RefusedAsync("message.send", room, d);
            Assert.True(code == "invalid", $"{name} {value?.ToJsonString()}: {code}");
        }

        Assert.Equal("invalid", (await socket.RefusedAsync("message.send", room)).Code);
        Assert.Equal("invalid", (await socket.RefusedAsync("message.send", room, 5)).Code);
        Assert.Equal("invalid", (await socket.RefusedAsync("message.send", null, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "hi" })).Code);
        Assert.Equal(0, await CountAsync(ana, room));
    }

    [Fact]
    public async Task Send_ShouldBeTooLarge_WhenTheTextIsOver16KiBOfUtf8()
    {
        var (ana, _, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var full = new string('ж', 8 * 1024);

        await socket.SayAsync(room, full);
        await socket.SayAsync(room, full[1..] + "x");
        var (code, _) = await socket.RefusedAsync("message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = full + "x" });

        Assert.Equal("too_large", code);
        Assert.Equal(2, await CountAsync(ana, room));
        await socket.MessageAsync(room, full);
    }

    [Fact]
    public async Task Send_ShouldNameMentionsAndTheMessageAnswered_WhenTheTextHasThem()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var first = await socket.SayAsync(room, "first");

        await socket.OkAsync("message.send", room, new JsonObject
        {
            ["cid"] = Socket.NewCid(),
            ["text"] = $"@{ben.Username.ToUpperInvariant()}, @{ben.Username} and @nobody-of-that-name",
            ["replyTo"] = first.GetProperty("id").GetString(),
        });

        var d = (await socket.EventAsync("message.created", e => e.GetProperty("d").GetProperty("n").GetInt64() == 2)).GetProperty("d");
        Assert.Equal([ben.Id], d.GetProperty("mentions").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(first.GetProperty("id").GetString(), d.GetProperty("replyTo").GetString());
    }

    [Fact]
    public async Task EveryRoomRequest_ShouldBeRefusedAndStoreNothing_WhenTheUserIsNoMember()
    {
        var ana = await Host.PersonAsync();
        var (open, closed) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync(visibility: "private"));
        var eve = await Host.PersonAsync("eve");
        await using var socket = await Socket.OpenAsync(eve);

        foreach (var (op, d) in HandshakeSpecs.RoomRequests)
        {
            Assert.Equal((op, "forbidden"), (op, (await socket.RefusedAsync(op, open, d)).Code));
            var (code, error) = await socket.RefusedAsync(op, closed, d);
            Assert.Equal((op, "not_found"), (op, code));
            Assert.Equal(error.ToString(), (await socket.RefusedAsync(op, $"r_{new string('0', 32)}", d)).Error.ToString());
            Assert.Equal((op, "not_found"), (op, (await socket.RefusedAsync(op, "r_1", d)).Code));
            Assert.Equal((op, "not_found"), (op, (await socket.RefusedAsync(op, "'; DROP TABLE room", d)).Code));
            Assert.Equal((op, "invalid"), (op, (await socket.RefusedAsync(op, null, d)).Code));
        }

        Assert.Equal(2, (await ana.GetAsync($"/api/rooms/{open}/events")).Json.GetProperty("head").GetProperty("seq").GetInt64());
        Assert.Equal(2, (await ana.GetAsync($"/api/rooms/{closed}/events")).Json.GetProperty("head").GetProperty("seq").GetInt64());
    }

    private static async Task<long> CountAsync(Person person, string room) =>
        (await person.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("head").GetProperty("n").GetInt64();

    private async Task<(Person Ana, Person Ben, string Room)> TwoInARoomAsync()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        return (ana, ben, room);
    }
}

[Collection(OnSqlite.Name)]
public sealed class SendOnSqliteSpecs(SqliteChat chat) : SendSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SendOnPostgresSpecs(PostgresChat chat) : SendSpecs(chat);
