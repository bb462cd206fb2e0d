using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Rooms;

public abstract class ModerationSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Theory]
    [InlineData("kick", "kicked")]
    [InlineData("ban", "banned")]
    public async Task Removal_ShouldEndTheMembershipAtOnce_OnAllDevices(string verb, string reason)
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await RoomAsync(ana, ben, cy);
        await using var removed = await Socket.OpenAsync(ben);
        await using var witness = await Socket.OpenAsync(cy);

        var answer = await ana.PostAsync($"/api/rooms/{room}/{verb}", new { userId = ben.Id, reason = " off topic " });

        Assert.Equal(204, answer.Status);
        Assert.Equal(403, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
        var d = (await witness.EventAsync($"member.{reason}")).GetProperty("d");
        Assert.Equal((ben.Id, ana.Id, "off topic"), (
            d.GetProperty("user").GetProperty("id").GetString(), d.GetProperty("by").GetProperty("id").GetString(), d.GetProperty("reason").GetString()));
        var end = await removed.EventAsync("membership.removed");
        Assert.Equal((room, reason), (end.GetProperty("d").GetProperty("room").GetString(), end.GetProperty("d").GetProperty("reason").GetString()));

        // Nothing that comes after reaches whoever was removed: not live, not by a resume.
        await ana.FillAsync(room, 3);
        await witness.EventAsync("message.created");
        Assert.Equal("forbidden", await SendErrorAsync(removed, room));
        Assert.DoesNotContain(removed.Frames, frame => Socket.Name(frame) == "message.created");
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 4)));
        Assert.DoesNotContain(back.Frames, frame => Socket.Name(frame) is "message.created" or "room.sync");
        Assert.Contains(back.Frames, frame => Socket.Name(frame) == "membership.removed");
        Assert.Equal(verb == "kick" ? 200 : 403, (await ben.PostAsync($"/api/rooms/{room}/join")).Status);
    }

    [Fact]
    public async Task Ban_ShouldBeListedWithItsReason_UntilItIsLifted()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await RoomAsync(ana);
        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/ban", new { userId = ben.Id, reason = "spam" })).Status);

        var ban = (await ana.GetAsync($"/api/rooms/{room}/bans")).Json.GetProperty("items").EnumerateArray().Single();
        Assert.Equal((ben.Id, ana.Id, "spam"), (
            ban.GetProperty("user").GetProperty("id").GetString(), ban.GetProperty("by").GetProperty("id").GetString(), ban.GetProperty("reason").GetString()));
        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/rooms/{room}/join"), 403, "forbidden");

        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/unban", new { userId = ben.Id })).Status);

        Assert.Empty((await ana.GetAsync($"/api/rooms/{room}/bans")).Json.GetProperty("items").EnumerateArray());
        await ben.JoinAsync(room);
    }

    [Fact]
    public async Task Role_ShouldTakeEffectAtOnce_AndBeSeenByAll()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await RoomAsync(ana, ben, cy);
        await using var socket = await Socket.OpenAsync(cy);

        Assert.Equal(204, (await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "admin" })).Status);

        Assert.Equal("admin", (await socket.EventAsync("member.role")).GetProperty("d").GetProperty("role").GetString());
        Assert.Equal("admin", (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("role").GetString());
        Assert.Contains((await cy.GetAsync($"/api/rooms/{room}/members")).Json.GetProperty("items").EnumerateArray(), member =>
            member.GetProperty("user").GetProperty("id").GetString() == ben.Id && member.GetProperty("role").GetString() == "admin");
        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/rooms/{room}/kick", new { userId = ana.Id }), 403, "forbidden");
        Assert.Equal(204, (await ben.PostAsync($"/api/rooms/{room}/kick", new { userId = cy.Id })).Status);
    }

    [Fact]
    public async Task LastOwner_ShouldStay_WhileOthersAreInTheRoom()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await RoomAsync(ana, ben);

        RoomRestSpecs.AssertProblem(await ana.PostAsync($"/api/rooms/{room}/leave"), 409, "last_owner");
        RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/rooms/{room}/members/{ana.Id}/role", new { role = "member" }), 409, "last_owner");
        Assert.Equal(204, (await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "owner" })).Status);

        await ana.LeaveAsync(room);
        Assert.Equal("owner", (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("role").GetString());
    }

    [Fact]
    public async Task Audit_ShouldListWhoDidWhat_TheNewestFirst()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await RoomAsync(ana, ben);
        await ana.PatchAsync($"/api/rooms/{room}", new { topic = "new" });
        await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "admin" });
        await ana.PostAsync($"/api/rooms/{room}/ban", new { userId = ben.Id, reason = "spam" });
        await ana.PostAsync($"/api/rooms/{room}/unban", new { userId = ben.Id });

        var first = (await ana.GetAsync($"/api/rooms/{room}/audit?limit=3")).Json;
        var rest = (await ana.GetAsync($"/api/rooms/{room}/audit?cursor={first.GetProperty("nextCursor").GetString()}")).Json;

        var entries = first.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).ToList();
        Assert.Equal(
            ["member.unbanned ", "member.banned spam", "member.role admin", "room.topicChanged new", "room.created public"],
            entries.Select(entry => $"{entry.GetProperty("action").GetString()} {entry.GetProperty("detail").GetString()}"));
        Assert.All(entries, entry => Assert.Equal(ana.Id, entry.GetProperty("by").GetProperty("id").GetString()));
        Assert.Equal(3, entries.Count(entry => entry.GetProperty("subject").ValueKind != System.Text.Json.JsonValueKind.Null));
    }

    [Theory]
    [InlineData("kick", "{}", "userId")]
    [InlineData("kick", """{"userId":"ben"}""", "userId")]
    [InlineData("ban", """{"userId":"u_00000000000000000000000000000000"}""", "userId")]
    [InlineData("unban", """{"userId":null,"reason":"a\nb"}""", "reason,userId")]
    public async Task Removal_ShouldNameEveryBadField(string verb, string body, string fields)
    {
        var ana = await Host.PersonAsync("ana");
        var room = await RoomAsync(ana);
        var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        var answer = await Host.SendAsync("POST", $"/api/rooms/{room}/{verb}", content, ana.Token);

        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal(fields, string.Join(',', answer.Errors));
    }

    [Fact]
    public async Task Role_ShouldBeRefused_WhenThereIsNoSuchRoleOrMember()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await RoomAsync(ana);
        RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "king" }), 400, "invalid");
        RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/rooms/{room}/members/{ben.Id}/role", new { role = "admin" }), 404, "not_found");
    }

    private static async Task<string> RoomAsync(Person owner, params Person[] members)
    {
        var room = await owner.CreateRoomAsync();
        foreach (var member in members)
        {
            await member.JoinAsync(room);
        }

        return room;
    }

    private static async Task<string> SendErrorAsync(Socket socket, string room) => (await socket.RefusedAsync(
        "message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "still here" })).Code;
}

[Collection(OnSqlite.Name)]
public sealed class ModerationOnSqliteSpecs(SqliteChat chat) : ModerationSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class ModerationOnPostgresSpecs(PostgresChat chat) : ModerationSpecs(chat);
