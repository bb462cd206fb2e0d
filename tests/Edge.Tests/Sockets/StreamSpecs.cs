using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>The user's stream: what all devices of one user hear of memberships and of what was read.</summary>
public abstract class StreamSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Memberships_ShouldReachAllDevicesByADenseNumber_WhenRoomsAreJoinedAndLeft()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync("a room", topic: "of things");
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(room, "before");
        await using var one = await Socket.OpenAsync(ben);
        await using var two = await Socket.OpenAsync(await ben.OtherSessionAsync());
        var start = one.Frames[0].GetProperty("d").GetProperty("userSeq").GetInt64();

        await ben.JoinAsync(room);
        var own = await ben.CreateRoomAsync("own");
        await ben.LeaveAsync(room);

        foreach (var socket in new[] { one, two })
        {
            await socket.EventAsync("membership.removed");
            var stream = socket.Frames.Where(frame => frame.TryGetProperty("useq", out _)).ToList();
            Assert.Equal([start + 1, start + 2, start + 3], stream.Select(frame => frame.GetProperty("useq").GetInt64()));
            Assert.Equal(["membership.added", "membership.added", "membership.removed"], stream.Select(Socket.Name));
            Assert.Equal(own, stream[1].GetProperty("d").GetProperty("room").GetProperty("id").GetString());
            Assert.Equal(room, stream[2].GetProperty("d").GetProperty("room").GetString());
            Assert.Equal("left", stream[2].GetProperty("d").GetProperty("reason").GetString());
        }
    }

    /// <summary>In a rolling upgrade a newer node writes what this edge does not know: the stream goes on, without a gap.</summary>
    [Fact]
    public async Task UnknownEvent_ShouldHoldItsPlace_AndLetTheNextCome()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        var before = await ben.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ben);
        var start = socket.Frames[0].GetProperty("d").GetProperty("userSeq").GetInt64();
        await Host.Services.GetRequiredService<IDatabase>().WriteAsync(
            async (connection, transaction) =>
            {
                var values = new { user = ben.Id, room = before, useq = start + 1 };
                await connection.ExecuteAsync("UPDATE user_stream SET useq = @useq WHERE user_id = @user", values, transaction);
                return await connection.ExecuteAsync(
                    "INSERT INTO user_event (user_id, useq, kind, room_id, n, ts) VALUES (@user, @useq, 999, @room, 0, 0)", values, transaction);
            },
            CancellationToken.None);

        await ben.JoinAsync(room);

        await socket.EventAsync("membership.added");
        var stream = socket.Frames.Where(frame => frame.TryGetProperty("useq", out _)).ToList();
        Assert.Equal([("user.unknown", start + 1), ("membership.added", start + 2)], stream.Select(frame => (Socket.Name(frame), frame.GetProperty("useq").GetInt64())));
    }

    [Fact]
    public async Task Added_ShouldShowTheRoomAndWhatFollowsComesLive_WhenAUserJoins()
    {
        var ana = await Host.PersonAsync("ana");
        var room = await ana.CreateRoomAsync("a room", topic: "of things");
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(room, "before");
        for (var round = 0; round < 10; round++)
        {
            var ben = await Host.PersonAsync("ben");
            await using var one = await Socket.OpenAsync(ben);
            await using var two = await Socket.OpenAsync(await ben.OtherSessionAsync());

            await ben.JoinAsync(room);
            var sent = await sender.SayAsync(room, $"right after {round}");

            foreach (var socket in new[] { one, two })
            {
                await socket.MessageAsync(room, $"right after {round}");
                var added = (await socket.EventAsync("membership.added")).GetProperty("d").GetProperty("room");
                Assert.Equal(("a room", "of things", true, "member"), (
                    added.GetProperty("name").GetString(), added.GetProperty("topic").GetString(), added.GetProperty("joined").GetBoolean(),
                    added.GetProperty("role").GetString()));
                Assert.Equal(
                    Contiguous(added.GetProperty("head").GetProperty("seq").GetInt64(), sent.GetProperty("seq").GetInt64()),
                    socket.Durable(room).Select(e => e.GetProperty("seq").GetInt64()));
            }
        }
    }

    [Fact]
    public async Task ReadSet_ShouldMoveTheCursorForwardOnEveryDevice_WhenSaidOnOne()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayManyAsync(room, 5, n => n == 4 ? $"@{ben.Username}" : $"{n}");
        await using var one = await Socket.OpenAsync(ben);
        await using var two = await Socket.OpenAsync(await ben.OtherSessionAsync());

        Assert.Equal((3, 2, 1), Cursor(await one.OkAsync("read.set", room, new JsonObject { ["n"] = 3 })));
        Assert.Equal((3, 2, 1), Cursor((await two.EventAsync("read.updated")).GetProperty("d")));
        Assert.Equal((3, 2, 1), Cursor(await two.OkAsync("read.set", room, new JsonObject { ["n"] = 1 })));
        Assert.Equal((5, 0, 0), Cursor(await two.OkAsync("read.set", room, new JsonObject { ["n"] = 999 })));
        Assert.Equal((5, 0, 0), Cursor((await one.EventAsync("read.updated", e => e.GetProperty("d").GetProperty("n").GetInt64() == 5)).GetProperty("d")));

        foreach (var bad in new JsonNode?[] { null, -1, "x" })
        {
            Assert.Equal("invalid", (await one.RefusedAsync("read.set", room, new JsonObject { ["n"] = bad })).Code);
        }

        var shown = (await ben.GetAsync($"/api/rooms/{room}")).Json;
        Assert.Equal((5, 0, 0), (shown.GetProperty("readN").GetInt32(), shown.GetProperty("unread").GetInt32(), shown.GetProperty("mentions").GetInt32()));
        Assert.DoesNotContain(sender.Frames, frame => Socket.Name(frame) == "read.updated" && frame.GetProperty("d").GetProperty("unread").GetInt64() == 2);
    }

    /// <summary>Whoever leaves gets the event of the leaving at most, whatever is sent meanwhile; whoever comes back misses nothing.</summary>
    [Fact]
    public async Task Leave_ShouldEndDelivery_WhenItRacesWithSends()
    {
        const int Rounds = 50;
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await using var sender = await Socket.OpenAsync(ana);
        await using var socket = await Socket.OpenAsync(ben);
        for (var round = 0; round < Rounds; round++)
        {
            await ben.JoinAsync(room);
            await socket.WaitAsync(_ => CountOf(socket, "membership.added") == round + 1, "membership.added");
            var before = sender.SayManyAsync(room, 3, i => $"{round} first {i}");
            await ben.LeaveAsync(room);
            await before;
            await sender.SayManyAsync(room, 3, i => $"{round} then {i}");
        }

        await ben.JoinAsync(room);
        await sender.SayAsync(room, "the end");
        await socket.MessageAsync(room, "the end");

        var log = (await ana.GetAsync($"/api/rooms/{room}/events?limit=1000")).Json.GetProperty("items").EnumerateArray().ToList();
        var allowed = new HashSet<long>();
        var isIn = false;
        foreach (var @event in log)
        {
            var seq = @event.GetProperty("seq").GetInt64();
            var isBen = @event.GetProperty("d").TryGetProperty("user", out var user) && user.GetProperty("id").GetString() == ben.Id;
            isIn |= isBen && @event.GetProperty("ev").GetString() == "member.joined";
            if (isIn)
            {
                allowed.Add(seq);
            }

            isIn &= !isBen || @event.GetProperty("ev").GetString() != "member.left";
        }

        Assert.All(socket.Durable(room), e => Assert.Contains(e.GetProperty("seq").GetInt64(), allowed));
        AssertContiguousSinceEachJoin(socket, room);
    }

    private static void AssertContiguousSinceEachJoin(Socket socket, string room)
    {
        long? next = null;
        foreach (var frame in socket.Frames)
        {
            if (Socket.Name(frame) == "membership.added")
            {
                next = frame.GetProperty("d").GetProperty("room").GetProperty("head").GetProperty("seq").GetInt64() + 1;
            }
            else if (Socket.Name(frame) == "membership.removed")
            {
                next = null;
            }
            else if (frame.TryGetProperty("seq", out var seq) && frame.GetProperty("room").GetString() == room)
            {
                Assert.Equal(next, seq.GetInt64());
                next++;
            }
        }
    }

    private static int CountOf(Socket socket, string ev) => socket.Frames.Count(frame => Socket.Name(frame) == ev);

    private static IEnumerable<long> Contiguous(long after, long to) => Enumerable.Range((int)after + 1, (int)(to - after)).Select(i => (long)i);

    private static (int N, int Unread, int Mentions) Cursor(JsonElement d) =>
        (d.GetProperty("n").GetInt32(), d.GetProperty("unread").GetInt32(), d.GetProperty("mentions").GetInt32());
}

[Collection(OnSqlite.Name)]
public sealed class StreamOnSqliteSpecs(SqliteChat chat) : StreamSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class StreamOnPostgresSpecs(PostgresChat chat) : StreamSpecs(chat);
