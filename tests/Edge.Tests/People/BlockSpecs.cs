using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using static AkkaChat.Edge.Tests.People.DirectSpecs;

namespace AkkaChat.Edge.Tests.People;

public abstract class BlockSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Blocked_ShouldNeitherOpenNorWriteInADirectRoom()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await DirectAsync(ana, ben);
        var group = await DirectAsync(ana, ben, cy);
        await using var socket = await Socket.OpenAsync(ben);
        var id = Text(await socket.SayAsync(room, "before"), "id");
        await using var device = await Socket.OpenAsync(await ana.OtherSessionAsync());

        Assert.Equal(204, (await ana.PutAsync($"/api/users/{ben.Id}/block")).Status);

        var told = (await device.EventAsync("user.blocked")).GetProperty("d");
        Assert.Equal((ben.Id, true), (Text(told, "user"), Bool(told, "on")));
        Assert.Equal([ben.Id], (await ana.GetAsync("/api/blocks")).Json.GetProperty("items").EnumerateArray().Select(person => Text(person, "id")));
        Assert.Equal("blocked", await SendErrorAsync(socket, room));
        RoomRestSpecs.AssertProblem(await ben.PatchAsync($"/api/rooms/{room}/messages/{id}", new { text = "after" }), 403, "blocked");
        await socket.SayAsync(group, "the group is not theirs alone");
        var dee = await Host.PersonAsync("dee");
        RoomRestSpecs.AssertProblem(await ben.PostAsync("/api/direct", new { userIds = new[] { ana.Id, dee.Id } }), 403, "blocked");
        await using var own = await Socket.OpenAsync(ana);
        await own.SayAsync(room, "the other way is open");
        var profile = (await ben.GetAsync($"/api/users/{ana.Id}")).Json;
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, false), (profile.GetProperty("online").ValueKind, profile.GetProperty("lastSeen").ValueKind, Bool(profile, "blocked")));
        Assert.True(Bool((await ana.GetAsync($"/api/users/{ben.Id}")).Json, "blocked"));
        Assert.DoesNotContain(socket.Frames, frame => Socket.Name(frame) == "user.blocked");

        Assert.Equal(204, (await ana.DeleteAsync($"/api/users/{ben.Id}/block")).Status);

        await socket.SayAsync(room, "again");
        Assert.Empty((await ana.GetAsync("/api/blocks")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Mentions_ShouldNotCount_WhereTheyAreByABlockedUser()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await ben.FillAsync(room, 2, _ => $"@{ana.Username}");
        Assert.Equal(2, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("mentions").GetInt32());

        Assert.Equal(204, (await ana.PutAsync($"/api/users/{ben.Id}/block")).Status);

        var seen = (await ana.GetAsync($"/api/rooms/{room}")).Json;
        Assert.Equal((0, 2), (seen.GetProperty("mentions").GetInt32(), seen.GetProperty("unread").GetInt32()));
        await using var socket = await Socket.OpenAsync(ana);
        Assert.Equal(0, (await socket.EventAsync("room.digest")).GetProperty("d")[0].GetProperty("mentions").GetInt32());
        Assert.Equal(0, (await socket.OkAsync("read.set", room, new JsonObject { ["n"] = 1 })).GetProperty("mentions").GetInt32());
    }

    [Fact]
    public async Task Retry_ShouldBeAnswered_WhenTheSendersBlockCameAfterTheMessage()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await DirectAsync(ana, ben);
        await using var socket = await Socket.OpenAsync(ben);
        var cid = Socket.NewCid();
        var first = await socket.SayAsync(room, "hi", cid);
        Assert.Equal(204, (await ana.PutAsync($"/api/users/{ben.Id}/block")).Status);

        var again = await socket.SayAsync(room, "hi", cid);

        Assert.Equal((Text(first, "id"), true), (Text(again, "id"), Bool(again, "dup")));
    }

    [Fact]
    public async Task Block_ShouldBeIdempotent_AndNameWhatIsWrong()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        await using var device = await Socket.OpenAsync(ana);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(204, (await ana.PutAsync($"/api/users/{ben.Id}/block")).Status);
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(204, (await ana.DeleteAsync($"/api/users/{ben.Id}/block")).Status);
        }

        await device.EventAsync("user.blocked", frame => !Bool(frame.GetProperty("d"), "on"));
        Assert.Equal([true, false], device.Frames.Where(frame => Socket.Name(frame) == "user.blocked").Select(frame => Bool(frame.GetProperty("d"), "on")));
        RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/users/{ana.Id}/block"), 400, "invalid");
        RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/users/u_{new string('0', 32)}/block"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.DeleteAsync("/api/users/ben/block"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await Host.SendAsync("GET", "/api/blocks"), 401, "unauthenticated");
        RoomRestSpecs.AssertProblem(await Host.SendAsync("PUT", $"/api/users/{ben.Id}/block"), 401, "unauthenticated");
    }

    private static async Task<string> SendErrorAsync(Socket socket, string room) =>
        (await socket.RefusedAsync("message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "hi" })).Code;
}

[Collection(OnSqlite.Name)]
public sealed class BlockOnSqliteSpecs(SqliteChat chat) : BlockSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class BlockOnPostgresSpecs(PostgresChat chat) : BlockSpecs(chat);
