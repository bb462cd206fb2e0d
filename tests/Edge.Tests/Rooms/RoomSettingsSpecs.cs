using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Rooms;

public abstract class RoomSettingsSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Rename_ShouldBeSeenByAll_AndFoundByTheNewName()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        var room = await ana.CreateRoomAsync($"old {mark}", topic: "kept");
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ben);

        var answer = await ana.PatchAsync($"/api/rooms/{room}", new { name = $"  new {mark} " });

        Assert.Equal((200, $"new {mark}", "kept"), (answer.Status, answer.Json.GetProperty("name").GetString(), answer.Json.GetProperty("topic").GetString()));
        var d = (await socket.EventAsync("room.renamed")).GetProperty("d");
        Assert.Equal(($"new {mark}", ana.Id), (d.GetProperty("name").GetString(), d.GetProperty("by").GetProperty("id").GetString()));
        Assert.Single((await ben.GetAsync($"/api/rooms?search=new+{mark}")).Json.GetProperty("items").EnumerateArray());
        Assert.Empty((await ben.GetAsync($"/api/rooms?search=old+{mark}")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(204, (await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "admin" })).Status);
        Assert.Equal(200, (await ben.PatchAsync($"/api/rooms/{room}", new { name = "an admin may" })).Status);
        RoomRestSpecs.AssertProblem(await ben.PatchAsync($"/api/rooms/{room}", new { archived = true }), 403, "forbidden");
    }

    [Fact]
    public async Task Visibility_ShouldHideTheRoomAtOnce_AndShowItAgain()
    {
        var (ana, ben, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ben);

        Assert.Equal("private", (await ana.PatchAsync($"/api/rooms/{room}", new { visibility = "private" })).Json.GetProperty("visibility").GetString());

        Assert.Equal("private", (await socket.EventAsync("room.visibilityChanged")).GetProperty("d").GetProperty("visibility").GetString());
        Assert.Equal((404, 404), ((await eve.GetAsync($"/api/rooms/{room}")).Status, (await eve.PostAsync($"/api/rooms/{room}/join")).Status));
        Assert.Equal(200, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { visibility = "public" })).Status);
        await eve.JoinAsync(room);
    }

    [Fact]
    public async Task Archive_ShouldLeaveTheRoomToBeReadOnly_UntilItIsLifted()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        var room = await ana.CreateRoomAsync($"old {mark}");
        await ben.JoinAsync(room);
        await ben.FillAsync(room, 1);
        await using var socket = await Socket.OpenAsync(ben);
        var message = (await ben.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items")[0].GetProperty("id").GetString();

        Assert.True((await ana.PatchAsync($"/api/rooms/{room}", new { archived = true })).Json.GetProperty("archived").GetBoolean());

        Assert.True((await socket.EventAsync("room.archived")).GetProperty("d").GetProperty("archived").GetBoolean());
        Assert.Equal("archived", await SendErrorAsync(socket, room));
        RoomRestSpecs.AssertProblem(await ben.PatchAsync($"/api/rooms/{room}/messages/{message}", new { text = "new" }), 403, "archived");
        RoomRestSpecs.AssertProblem(await ben.PutAsync($"/api/rooms/{room}/messages/{message}/pin"), 403, "archived");
        Assert.Single((await ben.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items").EnumerateArray());
        var eve = await Host.PersonAsync("eve");
        Assert.Empty((await eve.GetAsync($"/api/rooms?filter=discover&search={mark}")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { archived = false })).Status);
        await socket.SayAsync(room, "again");
    }

    [Fact]
    public async Task Delete_ShouldEndTheRoomForEverybodyAtOnce()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await cy.JoinAsync(room);
        await ben.FillAsync(room, 2);
        var invite = (await ana.PostAsync($"/api/rooms/{room}/invites", new { })).Json.GetProperty("code").GetString();
        await using var socket = await Socket.OpenAsync(ben);
        RoomRestSpecs.AssertProblem(await ben.DeleteAsync($"/api/rooms/{room}"), 403, "forbidden");

        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}")).Status);

        await socket.EventAsync("room.deleted");
        Assert.Equal("deleted", (await socket.EventAsync("membership.removed")).GetProperty("d").GetProperty("reason").GetString());
        Assert.Equal("not_found", await SendErrorAsync(socket, room));
        foreach (var person in new[] { ana, ben, cy })
        {
            foreach (var path in new[] { "", "/messages", "/events", "/members", "/audit" })
            {
                RoomRestSpecs.AssertProblem(await person.GetAsync($"/api/rooms/{room}{path}"), 404, "not_found");
            }

            Assert.Empty((await person.GetAsync("/api/rooms")).Json.GetProperty("items").EnumerateArray());
            RoomRestSpecs.AssertProblem(await person.PostAsync($"/api/rooms/{room}/join"), 404, "not_found");
        }

        RoomRestSpecs.AssertProblem(await cy.GetAsync($"/api/invites/{invite}"), 404, "not_found");
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}")).Status); // as a client does that did not get the answer
        RoomRestSpecs.AssertProblem(await ben.DeleteAsync($"/api/rooms/{room}"), 404, "not_found");
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 3)));
        Assert.DoesNotContain(back.Frames, frame => Socket.Name(frame) is "message.created" or "room.sync");
    }

    [Fact]
    public async Task Audit_ShouldHaveTheSettings_AndTheDeletionOfAnothersMessage()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await ben.FillAsync(room, 2);
        var messages = (await ben.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("id").GetString()!).ToList();
        await ana.PatchAsync($"/api/rooms/{room}", new { name = "new", visibility = "private", archived = true });
        Assert.Equal(204, (await ben.DeleteAsync($"/api/rooms/{room}/messages/{messages[0]}")).Status);
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/messages/{messages[1]}")).Status);

        var entries = (await ana.GetAsync($"/api/rooms/{room}/audit")).Json.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            [$"message.deleted {messages[1]}", "room.archived on", "room.visibilityChanged private", "room.renamed new", "room.created public"],
            entries.Select(entry => $"{entry.GetProperty("action").GetString()} {entry.GetProperty("detail").GetString()}"));
        Assert.Equal((ana.Id, ben.Id), (
            entries[0].GetProperty("by").GetProperty("id").GetString(), entries[0].GetProperty("subject").GetProperty("id").GetString()));
    }

    private static async Task<string> SendErrorAsync(Socket socket, string room) =>
        (await socket.RefusedAsync("message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "hi" })).Code;
}

[Collection(OnSqlite.Name)]
public sealed class RoomSettingsOnSqliteSpecs(SqliteChat chat) : RoomSettingsSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class RoomSettingsOnPostgresSpecs(PostgresChat chat) : RoomSettingsSpecs(chat);
