using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Threads;

/// <summary>Threads through the whole product, by WebSocket and REST.</summary>
public abstract class ThreadSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Reply_ShouldReachMembersLive_AndStandInTheThreadOnly()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var root = await SayAsync(anas, room, "root");
        var send = Json(new { cid = Guid.CreateVersion7(), text = "in the thread", thread = root });

        var sent = await bens.OkAsync("message.send", room, send);
        Assert.Equal(2, sent.GetProperty("n").GetInt32());
        Assert.Equal(root, D(await anas.MessageAsync(room, "in the thread"), "thread").GetString());
        Assert.True((await bens.OkAsync("message.send", room, send.DeepClone())).GetProperty("dup").GetBoolean());
        var without = send.DeepClone().AsObject();
        without.Remove("thread");
        Assert.Equal("idempotency_conflict", (await bens.RefusedAsync("message.send", room, without)).Code);

        // She follows: the root is hers. Her devices learn it, and the counts are those of the thread alone.
        var told = await anas.EventAsync("thread.updated");
        Assert.Equal((root, true, 1, 0), (D(told, "thread").GetString(), D(told, "following").GetBoolean(), D(told, "unread").GetInt32(), D(told, "mentions").GetInt32()));
        var seen = (await ana.GetAsync($"/api/rooms/{room}")).Json;
        Assert.Equal((0, "root"), (seen.GetProperty("unread").GetInt32(), seen.GetProperty("lastMessage").GetProperty("text").GetString()));
        var listed = Assert.Single((await ana.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(listed.GetRawText(), (await ana.GetAsync($"/api/rooms/{room}/messages/{root}")).Json.GetRawText());
        var replies = listed.GetProperty("replies");
        Assert.Equal((1, true, 1, ben.Id), (
            replies.GetProperty("count").GetInt32(), replies.GetProperty("following").GetBoolean(), replies.GetProperty("unread").GetInt32(),
            replies.GetProperty("authors")[0].GetProperty("id").GetString()));
        var thread = (await ana.GetAsync($"/api/rooms/{room}/messages/{root}/thread")).Json;
        Assert.Equal(replies.GetRawText(), thread.GetProperty("root").GetProperty("replies").GetRawText());
        var reply = Assert.Single(thread.GetProperty("items").EnumerateArray());
        Assert.Equal(("in the thread", root), (reply.GetProperty("text").GetString(), reply.GetProperty("thread").GetString()));
        var found = (await ana.GetAsync($"/api/search?q=thread&room={room}")).Json.GetProperty("items")[0].GetProperty("message");
        Assert.Equal(root, found.GetProperty("thread").GetString());
        await using var back = await Socket.OpenAsync(ana, ResumeSpecs.Resume((room, 4)));
        Assert.Equal(root, back.Frames.First(frame => Socket.Name(frame) == "room.sync").GetProperty("d").GetProperty("events")[0]
            .GetProperty("d").GetProperty("thread").GetString());
    }

    [Fact]
    public async Task Reading_ShouldMarkTheThreadReadOnEveryDevice_AndComeBackWithHello()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var phone = await Socket.OpenAsync(ana);
        await using var desk = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var root = await SayAsync(phone, room, "root");
        await ReplyAsync(bens, room, root, "one");
        await ReplyAsync(bens, room, root, $"two @{ana.Username}");

        await using (var late = await Socket.OpenAsync(ana))
        {
            var digest = late.Frames.Single(frame => Socket.Name(frame) == "thread.digest").GetProperty("d")[0];
            Assert.Equal((room, root, 2), (
                digest.GetProperty("room").GetString(), digest.GetProperty("thread").GetString(), digest.GetProperty("unread").GetInt32()));
        }

        Assert.Equal(1, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("mentions").GetInt32());
        await phone.OkAsync("read.set", room, Json(new { n = 3 }));
        Assert.Equal(1, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("mentions").GetInt32());
        var read = await phone.OkAsync("thread.read", room, Json(new { thread = root, n = 3 }));
        Assert.Equal((3, 0, 0), (read.GetProperty("readN").GetInt32(), read.GetProperty("unread").GetInt32(), read.GetProperty("mentions").GetInt32()));
        await desk.EventAsync("thread.updated", frame => D(frame, "unread").GetInt32() == 0);
        await phone.OkAsync("thread.read", room, Json(new { thread = root, n = 2, back = true }));
        await desk.EventAsync("thread.updated", frame => D(frame, "unread").GetInt32() == 1 && D(frame, "mentions").GetInt32() == 1);
        Assert.Equal("not_found", (await phone.RefusedAsync("thread.read", room, Json(new { thread = $"{room}.99", n = 1 }))).Code);
        Assert.Equal("invalid", (await phone.RefusedAsync("thread.read", room, Json(new { thread = root, n = -1 }))).Code);
        Assert.Equal("not_found", (await phone.RefusedAsync("thread.read", room, Json(new { n = 1 }))).Code);
    }

    [Fact]
    public async Task List_ShouldShowTheThreadsThatOneFollows_AndFollowingEndWhereOneWants()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        var other = await ana.CreateRoomAsync("another");
        await ben.JoinAsync(other);
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var (first, second) = (await SayAsync(anas, room, "first"), await SayAsync(anas, other, "second"));
        await ReplyAsync(bens, room, first, "a");
        await ReplyAsync(anas, other, second, "b");

        Assert.Equal(["first a 1", "second b 0"], await ListAsync(ana));
        Assert.Equal(["first a 0"], await ListAsync(ben));
        Assert.Equal(204, (await ben.PutAsync($"/api/rooms/{other}/messages/{second}/follow")).Status);
        Assert.Equal(204, (await ben.DeleteAsync($"/api/rooms/{room}/messages/{first}/follow")).Status);
        await bens.EventAsync("thread.updated", frame => !D(frame, "following").GetBoolean());
        Assert.Equal(["second b 0"], await ListAsync(ben));
        await ReplyAsync(anas, other, second, "c");
        Assert.Equal(["second c 1"], await ListAsync(ben));

        // What is gone is gone here too, at once.
        await anas.OkAsync("message.delete", other, Json(new { message = second }));
        Assert.Equal([" c 1"], await ListAsync(ben));
        Assert.Equal("not_found", (await bens.RefusedAsync(
            "message.send", other, Json(new { cid = Guid.CreateVersion7(), text = "late", thread = second }))).Code);
        Assert.Equal(2, (await ben.GetAsync($"/api/rooms/{other}/messages/{second}/thread")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{other}/kick", new { userId = ben.Id })).Status);
        Assert.Empty(await ListAsync(ben));
    }

    [Fact]
    public async Task Reply_ShouldBeRefused_WhereThereIsNoSuchRoot()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        var other = await ana.CreateRoomAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var (root, elsewhere) = (await SayAsync(anas, room, "root"), await SayAsync(anas, other, "elsewhere"));
        var reply = await ReplyAsync(bens, room, root, "a reply");

        foreach (var bad in new[] { elsewhere, $"{room}.1", $"{room}.99", reply, "nonsense" })
        {
            var refused = await bens.RequestAsync(
                "message.send", room, Json(new { cid = Guid.CreateVersion7(), text = "x", thread = bad }), isChecked: false);
            Assert.Equal("invalid", refused.GetProperty("err").GetProperty("code").GetString());
        }

        foreach (var bad in new[] { $"{room}.1", reply })
        {
            RoomRestSpecs.AssertProblem(await ana.GetAsync($"/api/rooms/{room}/messages/{bad}/thread"), 404, "not_found");
            RoomRestSpecs.AssertProblem(await ana.PutAsync($"/api/rooms/{room}/messages/{bad}/follow"), 404, "not_found");
        }

        RoomRestSpecs.AssertProblem(await ana.GetAsync($"/api/rooms/{room}/messages/{root}/thread?before=1&after=2"), 400, "invalid");
        Assert.Equal(5, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("seq").GetInt32());
    }

    /// <summary>Who may see what of a thread: role × room × what is asked.</summary>
    [Theory]
    [InlineData("anonymous", "public", "401,401,401", null)]
    [InlineData("outsider", "public", "403,403,403", "forbidden")]
    [InlineData("outsider", "private", "404,404,404", "not_found")]
    [InlineData("left", "public", "403,403,403", "forbidden")]
    [InlineData("left", "private", "404,404,404", "not_found")]
    [InlineData("kicked", "private", "404,404,404", "not_found")]
    [InlineData("banned", "public", "403,403,403", "forbidden")]
    [InlineData("member", "public", "200,204,204", "")]
    [InlineData("member", "private", "200,204,204", "")]
    public async Task Thread_ShouldBeSeenByMembersAlone(string role, string visibility, string expected, string? code)
    {
        var (owner, person) = (await Host.PersonAsync("owner"), await Host.PersonAsync("person"));
        var room = await owner.CreateRoomAsync(visibility: visibility);
        await using var owners = await Socket.OpenAsync(owner);
        var root = await SayAsync(owners, room, "root");
        if (role is "member" or "left" or "kicked" or "banned")
        {
            await person.JoinInvitedAsync(room);
            await using var persons = await Socket.OpenAsync(person);
            await ReplyAsync(persons, room, root, "was here");
        }

        await ReplyAsync(owners, room, root, "a secret");
        switch (role)
        {
            case "left":
                await person.LeaveAsync(room);
                break;
            case "kicked":
                await owner.PostAsync($"/api/rooms/{room}/kick", new { userId = person.Id });
                break;
            case "banned":
                await owner.PostAsync($"/api/rooms/{room}/ban", new { userId = person.Id });
                break;
        }

        var path = $"/api/rooms/{room}/messages/{root}";
        var got = new List<Answer>();
        foreach (var (method, end) in new[] { ("GET", "/thread"), ("DELETE", "/follow"), ("PUT", "/follow") })
        {
            got.Add(await Host.SendAsync(method, path + end, null, role == "anonymous" ? null : person.Token));
        }

        Assert.Equal(expected, string.Join(',', got.Select(answer => answer.Status)));
        var list = await Host.SendAsync("GET", "/api/threads", null, role == "anonymous" ? null : person.Token);
        Assert.Equal(role == "anonymous" ? 401 : 200, list.Status);
        Assert.Equal(role == "member", list.Text.Contains("a secret", StringComparison.Ordinal));
        Assert.Equal(role == "member", got.Exists(answer => answer.Text.Contains("a secret", StringComparison.Ordinal)));
        if (code is null)
        {
            return;
        }

        await using var socket = await Socket.OpenAsync(person);
        Assert.Equal(role == "member", socket.Frames.Any(frame => Socket.Name(frame) == "thread.digest"));
        var read = await socket.RequestAsync("thread.read", room, Json(new { thread = root, n = 1 }));
        Assert.Equal(code, code.Length == 0 ? read.TryGetProperty("ok", out _) ? "" : read.GetRawText() : read.GetProperty("err").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Thread_ShouldBeReadAndNotWritten_WhereTheRoomIsArchived()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var root = await SayAsync(anas, room, "root");
        await ReplyAsync(bens, room, root, "kept");
        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { archived = true })).Status);

        Assert.Equal("archived", (await bens.RefusedAsync(
            "message.send", room, Json(new { cid = Guid.CreateVersion7(), text = "late", thread = root }))).Code);
        Assert.Equal(["root kept 1"], await ListAsync(ana));
        await anas.OkAsync("thread.read", room, Json(new { thread = root, n = 2 }));
        Assert.Equal(["root kept 0"], await ListAsync(ana));
    }

    private async Task<(Person Ana, Person Ben, string Room)> RoomOfTwoAsync()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        return (ana, ben, room);
    }

    private static async Task<string> SayAsync(Socket socket, string room, string text) =>
        (await socket.SayAsync(room, text)).GetProperty("id").GetString()!;

    private static async Task<string> ReplyAsync(Socket socket, string room, string thread, string text) =>
        (await socket.OkAsync("message.send", room, Json(new { cid = Guid.CreateVersion7(), text, thread }))).GetProperty("id").GetString()!;

    private static async Task<IEnumerable<string>> ListAsync(Person person) =>
        (await person.GetAsync("/api/threads?limit=10")).Json.GetProperty("items").EnumerateArray().Select(entry =>
            $"{entry.GetProperty("root").GetProperty("text").GetString()} {entry.GetProperty("last").GetProperty("text").GetString()} "
            + $"{entry.GetProperty("root").GetProperty("replies").GetProperty("unread").GetInt32()}");

    private static JsonElement D(JsonElement frame, string property) => frame.GetProperty("d").GetProperty(property);

    private static JsonNode Json<T>(T value) => JsonSerializer.SerializeToNode(value)!;
}

[Collection(OnSqlite.Name)]
public sealed class ThreadOnSqliteSpecs(SqliteChat chat) : ThreadSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class ThreadOnPostgresSpecs(PostgresChat chat) : ThreadSpecs(chat);
