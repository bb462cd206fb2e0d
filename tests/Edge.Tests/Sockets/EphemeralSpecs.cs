using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class EphemeralSpecs(ChatFixture chat)
{
    protected ChatHost Host => chat.Host;

    [Fact]
    public async Task Typing_ShouldReachMembersWithoutASeq_WhenSaid()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        var eve = await Host.PersonAsync("eve");
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(ben);
        await using var outside = await Socket.OpenAsync(eve);

        await FollowedAsync(one, two, room);
        await one.OkAsync("typing", room);
        var typing = await two.EventAsync("typing");

        Assert.Equal(room, typing.GetProperty("room").GetString());
        Assert.Equal([ana.Id], typing.GetProperty("d").GetProperty("users").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(6000, typing.GetProperty("d").GetProperty("ttlMs").GetInt32());
        Assert.False(typing.TryGetProperty("seq", out _));
        await outside.DrainedAsync();
        Assert.DoesNotContain(outside.Frames, frame => Socket.Name(frame) == "typing");
    }

    [Fact]
    public async Task Typing_ShouldBeToldOnce_WhenSaidOften()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(ben);
        await FollowedAsync(one, two, room);
        var started = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 50; i++)
        {
            await one.OkAsync("typing", room);
        }

        await one.SayAsync(room, "said");
        await two.MessageAsync(room, "said");
        await two.DrainedAsync();
        var most = 1 + (int)(TimeProvider.System.GetElapsedTime(started).TotalSeconds / 2);
        Assert.InRange(two.Frames.Count(frame => Socket.Name(frame) == "typing"), 1, most);
    }

    [Fact]
    public async Task Presence_ShouldTellWhoComesGoesAndLeaves_WhenWatched()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        var cleo = await Host.PersonAsync("cleo");
        await using var watcher = await Socket.OpenAsync(ana);
        // The store has to answer once after the host's start.
        await Eventually.AssertAsync(async () => Assert.Equal(
            "ok", (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("state").GetString()));

        var first = await watcher.OkAsync("presence.watch", room);
        Assert.Equal("ok", first.GetProperty("state").GetString());
        Assert.Equal([ana.Id], first.GetProperty("online").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(1, first.GetProperty("onlineCount").GetInt32());

        await using (await Socket.OpenAsync(ben))
        {
            var came = await DeltaAsync(watcher, "joined", ben);
            Assert.Equal(2, came.GetProperty("onlineCount").GetInt32());
            Assert.Equal(2, (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("onlineCount").GetInt32());
            var member = (await ana.GetAsync($"/api/rooms/{room}/members")).Json.GetProperty("items")[1];
            Assert.True(member.GetProperty("online").GetBoolean());
        }

        var went = await DeltaAsync(watcher, "left", ben);
        Assert.Equal(1, went.GetProperty("onlineCount").GetInt32());

        await using var third = await Socket.OpenAsync(cleo);
        await cleo.JoinAsync(room);
        await DeltaAsync(watcher, "joined", cleo);
        var from = watcher.Count;
        await cleo.LeaveAsync(room);
        Assert.Equal(1, (await DeltaAsync(watcher, "left", cleo, from)).GetProperty("onlineCount").GetInt32());

        await watcher.OkAsync("presence.unwatch", room);
        from = watcher.Count;
        await cleo.JoinAsync(room);
        await watcher.EventAsync("member.joined", from: from);
        Assert.DoesNotContain(watcher.Frames.Skip(from), frame => Socket.Name(frame) == "presence");
    }

    [Fact]
    public async Task Presence_ShouldHoldAUserOnline_WhileOneOfTheirDevicesIs()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var watcher = await Socket.OpenAsync(ana);
        await watcher.OkAsync("presence.watch", room);
        var one = await Socket.OpenAsync(ben);
        await DeltaAsync(watcher, "joined", ben);
        await using (await Socket.OpenAsync(await ben.OtherSessionAsync()))
        {
            await one.DisposeAsync();
            await watcher.SayAsync(room, "still here");
            Assert.Equal(2, (await watcher.OkAsync("presence.watch", room)).GetProperty("onlineCount").GetInt32());
        }

        await DeltaAsync(watcher, "left", ben);
    }

    protected async Task<(Person Ana, Person Ben, string Room)> TwoInARoomAsync()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        return (ana, ben, room);
    }

    /// <summary>A message has gone through: both sockets follow the room.</summary>
    private static async Task FollowedAsync(Socket one, Socket two, string room)
    {
        await one.SayAsync(room, "here");
        await one.MessageAsync(room, "here");
        await two.MessageAsync(room, "here");
    }

    private static async Task<JsonElement> DeltaAsync(Socket socket, string field, Person person, int from = 0) => (await socket.EventAsync(
        "presence",
        frame => frame.GetProperty("d").TryGetProperty(field, out var ids) && ids.EnumerateArray().Any(id => id.GetString() == person.Id),
        from)).GetProperty("d");
}

[Collection(OnSqlite.Name)]
public sealed class EphemeralOnSqliteSpecs(SqliteChat chat) : EphemeralSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class EphemeralOnPostgresSpecs(PostgresChat chat) : EphemeralSpecs(chat)
{
    [Fact]
    public async Task Presence_ShouldBeUnknownAndMessagesFlow_WhileRedisIsGone()
    {
        var (ana, ben, room) = await TwoInARoomAsync();
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(ben);
        await one.OkAsync("presence.watch", room);

        await chat.StopRedisAsync();
        try
        {
            var unknown = (await one.EventAsync("presence", frame => frame.GetProperty("d").GetProperty("state").GetString() == "unknown")).GetProperty("d");
            Assert.Empty(unknown.GetProperty("online").EnumerateArray());
            Assert.Equal(JsonValueKind.Null, unknown.GetProperty("onlineCount").ValueKind);
            await one.SayAsync(room, "without Redis");
            await two.MessageAsync(room, "without Redis");
            await using (await Socket.OpenAsync(await ben.OtherSessionAsync()))
            {
                var shown = (await ana.GetAsync($"/api/rooms/{room}")).Json;
                Assert.Equal(JsonValueKind.Null, shown.GetProperty("onlineCount").ValueKind);
                Assert.Equal("unknown", (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("state").GetString());
                var member = (await ana.GetAsync($"/api/rooms/{room}/members")).Json.GetProperty("items")[0];
                Assert.Equal(JsonValueKind.Null, member.GetProperty("online").ValueKind);
            }
        }
        finally
        {
            await chat.StartRedisAsync();
        }

        var known = (await one.EventAsync(
            "presence", frame => frame.GetProperty("d") is var d && d.GetProperty("state").GetString() == "ok" && d.TryGetProperty("online", out var online)
                && online.GetArrayLength() == 2)).GetProperty("d");
        Assert.Equal(2, known.GetProperty("onlineCount").GetInt32());
        await Eventually.AssertAsync(async () => Assert.Equal(
            "ok", (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("state").GetString()));
    }
}
