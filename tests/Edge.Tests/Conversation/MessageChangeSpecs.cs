using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Files;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Conversation;

/// <summary>Edits, deletions, replies, reactions and pins through the whole product, by WebSocket and REST.</summary>
public abstract class MessageChangeSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Edit_ShouldReachMembersLive_AndBeAllThatIsLeftOfTheFormerText()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var id = await SayAsync(anas, room, "frist @nobody");

        Assert.Empty((await anas.OkAsync("message.edit", room, Json(new { message = id, text = $"first @{ben.Username}" }))).EnumerateObject());

        var edited = await bens.EventAsync("message.edited");
        Assert.Equal((id, 1, $"first @{ben.Username}", ben.Id), (
            D(edited, "id").GetString(), D(edited, "n").GetInt32(), D(edited, "text").GetString(), D(edited, "mentions")[0].GetString()));
        var message = await MessageAsync(ben, room, id);
        Assert.Equal($"first @{ben.Username}", message.GetProperty("text").GetString());
        Assert.Equal(D(edited, "editedAt").GetString(), message.GetProperty("editedAt").GetString());
        Assert.Equal(1, (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("mentions").GetInt32());
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 3)));
        Assert.DoesNotContain(back.Frames, frame => frame.GetRawText().Contains("frist", StringComparison.Ordinal));
        Assert.DoesNotContain("frist", (await ben.GetAsync($"/api/rooms/{room}/events")).Text, StringComparison.Ordinal);

        var again = await ana.PatchAsync($"/api/rooms/{room}/messages/{id}", new { text = $"first @{ben.Username}" });
        Assert.Equal((200, 5), (again.Status, await HeadAsync(ana, room)));
        var rest = await ana.PatchAsync($"/api/rooms/{room}/messages/{id}", new { text = "by REST" });
        Assert.Equal(("by REST", id, 6), (
            rest.Json.GetProperty("text").GetString(), rest.Json.GetProperty("id").GetString(), await HeadAsync(ana, room)));
    }

    [Fact]
    public async Task Delete_ShouldLeaveNothingOfTheMessage_ForAnybody()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var file = await ana.UploadAsync(room, "hush"u8.ToArray(), "hush.txt");
        var cid = Guid.CreateVersion7();
        var send = Json(new { cid, text = "a secret", files = new[] { file } });
        var id = (await anas.OkAsync("message.send", room, send)).GetProperty("id").GetString()!;
        await SayAsync(anas, room, "kept");
        await bens.OkAsync("reaction.set", room, Json(new { message = id, emoji = "👍", on = true }));
        using (var seen = await ben.ViewAsync(file))
        {
            Assert.Equal("hush", await seen.Content.ReadAsStringAsync());
        }

        await anas.OkAsync("message.delete", room, Json(new { message = id }));

        // At once: the reply comes when nobody gets the file any more.
        using (var gone = await ben.SendAsync("GET", $"/api/files/{file}"))
        {
            Assert.Equal(404, (int)gone.StatusCode);
        }

        Assert.Equal(id, D(await bens.EventAsync("message.deleted"), "id").GetString());
        var seenByBen = await ben.GetAsync($"/api/rooms/{room}");
        Assert.Equal(1, seenByBen.Json.GetProperty("unread").GetInt32());
        var message = await MessageAsync(ben, room, id);
        Assert.Equal((true, "", 0, 0), (
            message.GetProperty("deleted").GetBoolean(), message.GetProperty("text").GetString(), message.GetProperty("files").GetArrayLength(),
            message.GetProperty("reactions").GetArrayLength()));
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 3)));
        var pulled = await back.OkAsync("room.sync", room, Json(new { from = 0 }));
        Assert.Equal(7, pulled.GetProperty("to").GetInt32());
        foreach (var text in back.Frames.Select(frame => frame.GetRawText()).Append((await ben.GetAsync($"/api/rooms/{room}/events")).Text))
        {
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain("hush.txt", text, StringComparison.Ordinal);
        }

        // Once more each: nothing changes, and the retry of the send is still known.
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/messages/{id}")).Status);
        Assert.Equal("not_found", (await anas.RefusedAsync("message.edit", room, Json(new { message = id, text = "back" }))).Code);
        Assert.Equal("not_found", (await bens.RefusedAsync("reaction.set", room, Json(new { message = id, emoji = "👍", on = true }))).Code);
        Assert.Equal("not_found", (await bens.RefusedAsync("message.pin", room, Json(new { message = id, on = true }))).Code);
        Assert.True((await anas.OkAsync("message.send", room, send.DeepClone())).GetProperty("dup").GetBoolean());
        Assert.Equal(7, await HeadAsync(ana, room));
    }

    [Fact]
    public async Task Change_ShouldBeRefused_ToThoseWhoMayNot()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        var eve = await Host.PersonAsync("eve");
        await using var bens = await Socket.OpenAsync(ben);
        await using var anas = await Socket.OpenAsync(ana);
        var (anasId, bensId) = (await SayAsync(anas, room, "of Ana"), await SayAsync(bens, room, "of Ben"));
        var other = await ana.CreateRoomAsync();

        Assert.Equal("forbidden", (await anas.RefusedAsync("message.edit", room, Json(new { message = bensId, text = "x" }))).Code);
        Assert.Equal("forbidden", (await bens.RefusedAsync("message.delete", room, Json(new { message = anasId }))).Code);
        Assert.Equal("invalid", (await anas.RefusedAsync("message.delete", other, Json(new { message = anasId }))).Code);
        Assert.Equal("not_found", (await anas.RefusedAsync("message.delete", room, Json(new { message = $"{room}.1" }))).Code);
        Assert.Equal("not_found", (await anas.RefusedAsync("message.delete", room, Json(new { message = $"{room}.99" }))).Code);
        RoomRestSpecs.AssertProblem(await eve.DeleteAsync($"/api/rooms/{room}/messages/{anasId}"), 403, "forbidden");
        RoomRestSpecs.AssertProblem(await ana.DeleteAsync($"/api/rooms/{other}/messages/{anasId}"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.PatchAsync($"/api/rooms/{room}/messages/{anasId}", new { text = " " }), 400, "invalid");
        RoomRestSpecs.AssertProblem(
            await ana.PatchAsync($"/api/rooms/{room}/messages/{anasId}", new { text = new string('x', 16_385) }), 413, "too_large");
        Assert.Equal(5, await HeadAsync(ana, room));

        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/messages/{bensId}")).Status); // she owns the room
        Assert.Equal(ana.Id, D(await bens.EventAsync("message.deleted"), "by").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Reaction_ShouldSayWhoReacts_AndBeTakenBack()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var id = await SayAsync(anas, room, "hi");
        var path = $"/api/rooms/{room}/messages/{id}/reactions/{Uri.EscapeDataString("👩🏽‍❤️‍💋‍👨🏿")}";

        Assert.Equal((204, 204), ((await ana.PutAsync(path)).Status, (await ben.PutAsync(path)).Status));
        Assert.Equal(204, (await ben.PutAsync(path)).Status);
        await bens.OkAsync("reaction.set", room, Json(new { message = id, emoji = "👍", on = true }));

        var live = await anas.EventAsync("reaction.set", frame => D(frame, "user").GetProperty("id").GetString() == ben.Id);
        Assert.Equal((2, true), (D(live, "count").GetInt32(), D(live, "on").GetBoolean()));
        Assert.Equal($"👩🏽‍❤️‍💋‍👨🏿 2 {ben.Id},{ana.Id} · 👍 1 {ben.Id}", Printed(await MessageAsync(ben, room, id)));
        Assert.Equal($"👩🏽‍❤️‍💋‍👨🏿 2 {ana.Id},{ben.Id} · 👍 1 {ben.Id}", Printed(await MessageAsync(ana, room, id)));
        Assert.Equal(204, (await ben.DeleteAsync(path)).Status);
        Assert.Equal($"👩🏽‍❤️‍💋‍👨🏿 1 {ana.Id} · 👍 1 {ben.Id}", Printed(await MessageAsync(ben, room, id)));
        Assert.Equal("invalid", (await bens.RefusedAsync("reaction.set", room, Json(new { message = id, emoji = "no", on = true }))).Code);
        RoomRestSpecs.AssertProblem(await ben.PutAsync($"/api/rooms/{room}/messages/{id}/reactions/{new string('x', 2_000)}"), 400, "invalid");

        static string Printed(JsonElement message) => string.Join(" · ", message.GetProperty("reactions").EnumerateArray().Select(reaction =>
            $"{reaction.GetProperty("emoji").GetString()} {reaction.GetProperty("count").GetInt32()} "
            + string.Join(',', reaction.GetProperty("users").EnumerateArray().Select(user => user.GetString()))));
    }

    [Fact]
    public async Task Pins_ShouldBeListed_TheLastFirst()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        var (first, second) = (await SayAsync(anas, room, "one"), await SayAsync(anas, room, "two"));

        Assert.Equal(204, (await ben.PutAsync($"/api/rooms/{room}/messages/{first}/pin")).Status);
        await anas.OkAsync("message.pin", room, Json(new { message = second, on = true }));

        Assert.Equal((first, true), (D(await anas.EventAsync("message.pinned"), "id").GetString(), true));
        Assert.Equal(["two", "one"], await PinsAsync());
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/messages/{second}/pin")).Status);
        Assert.Equal(["one"], await PinsAsync());
        await ana.DeleteAsync($"/api/rooms/{room}/messages/{first}");
        Assert.Empty(await PinsAsync());

        async Task<IEnumerable<string?>> PinsAsync() => (await ben.GetAsync($"/api/rooms/{room}/pins")).Json.GetProperty("items")
            .EnumerateArray().Select(message => message.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Reply_ShouldNameItsMessage_AndBeRefused_WhereThatIsNoneOfTheRoom()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        var other = await ana.CreateRoomAsync();
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        var (id, elsewhere) = (await SayAsync(anas, room, "question"), await SayAsync(anas, other, "elsewhere"));

        await bens.OkAsync("message.send", room, Json(new { cid = Guid.CreateVersion7(), text = "answer", replyTo = id }));

        Assert.Equal(id, D(await anas.MessageAsync(room, "answer"), "replyTo").GetString());
        foreach (var bad in new[] { elsewhere, $"{room}.1", $"{room}.2", $"{room}.99", "nonsense" })
        {
            Assert.Equal("invalid", (await RefusedSendAsync(bad)).GetProperty("err").GetProperty("code").GetString());
        }

        Task<JsonElement> RefusedSendAsync(string replyTo) => bens.RequestAsync(
            "message.send", room, Json(new { cid = Guid.CreateVersion7(), text = "x", replyTo }), isChecked: false);
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

    private static async Task<JsonElement> MessageAsync(Person person, string room, string id)
    {
        var single = (await person.GetAsync($"/api/rooms/{room}/messages/{id}")).Json;
        var paged = (await person.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items").EnumerateArray()
            .Single(message => message.GetProperty("id").GetString() == id);
        Assert.Equal(paged.GetRawText(), single.GetRawText());
        return single;
    }

    private static async Task<int> HeadAsync(Person person, string room) =>
        (await person.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("seq").GetInt32();

    private static JsonElement D(JsonElement frame, string property) => frame.GetProperty("d").GetProperty(property);

    private static JsonNode Json<T>(T value) => JsonSerializer.SerializeToNode(value)!;
}

[Collection(OnSqlite.Name)]
public sealed class MessageChangeOnSqliteSpecs(SqliteChat chat) : MessageChangeSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class MessageChangeOnPostgresSpecs(PostgresChat chat) : MessageChangeSpecs(chat);
