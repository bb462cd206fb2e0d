using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Saved;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Saved;

/// <summary>Saved messages through the whole product: theirs alone, on all devices, as the messages are now.</summary>
public abstract class SavedSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Message_ShouldBeSavedOnAllDevicesOfTheUser_AndOnTheirsAlone()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        var ids = await SayAsync(anas, room, "one", "two", "three");
        await using var other = await Socket.OpenAsync(await ben.OtherSessionAsync());

        foreach (var id in new[] { ids[2], ids[0], ids[2] })
        {
            Assert.Equal(204, (await ben.PutAsync(Path(room, id))).Status);
        }

        var first = await other.EventAsync("message.saved");
        Assert.Equal((room, ids[2], true), (first.GetProperty("room").GetString(), D(first, "message").GetString(), D(first, "on").GetBoolean()));
        Assert.Equal(["one", "three"], await TextsAsync(ben));
        Assert.Equal([ids[0], ids[2]], (await ItemsAsync(ben, $"/api/rooms/{room}/saved")).Select(id => id.GetString()));
        Assert.Empty(await TextsAsync(ana));
        Assert.Empty(await ItemsAsync(ana, $"/api/rooms/{room}/saved"));

        Assert.Equal((204, 204), ((await ben.DeleteAsync(Path(room, ids[2]))).Status, (await ben.DeleteAsync(Path(room, ids[2]))).Status));
        var last = await other.EventAsync("message.saved", frame => !D(frame, "on").GetBoolean());
        Assert.Equal((3, ids[2]), (last.GetProperty("useq").GetInt32() - first.GetProperty("useq").GetInt32() + 1, D(last, "message").GetString()));
        Assert.Equal(["one"], await TextsAsync(ben));
        var item = Assert.Single(await ItemsAsync(ben, "/api/saved"));
        Assert.Equal((room, "public"), (item.GetProperty("room").GetProperty("id").GetString(), item.GetProperty("room").GetProperty("visibility").GetString()));
        Assert.Equal(
            (await ben.GetAsync($"/api/rooms/{room}/messages/{ids[0]}")).Json.GetRawText(), item.GetProperty("message").GetRawText());
    }

    [Fact]
    public async Task List_ShouldShowMessagesAsTheyAre_AndNothingOfARoomThatTheUserIsNotIn()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        var ids = await SayAsync(anas, room, "old words", "a secret");
        Assert.Equal(204, (await ben.PutAsync(Path(room, ids[0]))).Status);
        Assert.Equal(204, (await ben.PutAsync(Path(room, ids[1]))).Status);

        await ana.PatchAsync($"/api/rooms/{room}/messages/{ids[0]}", new { text = "new words" });
        await ana.DeleteAsync($"/api/rooms/{room}/messages/{ids[1]}");

        Assert.Equal(["", "new words"], await TextsAsync(ben));
        Assert.True((await ItemsAsync(ben, "/api/saved"))[0].GetProperty("message").GetProperty("deleted").GetBoolean());
        RoomRestSpecs.AssertProblem(await ana.PutAsync(Path(room, ids[1])), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.PutAsync(Path(room, $"{room}.99")), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.PutAsync(Path(await ana.CreateRoomAsync(), ids[0])), 404, "not_found");

        await ben.LeaveAsync(room);
        Assert.Empty(await TextsAsync(ben));
        RoomRestSpecs.AssertProblem(await ben.PutAsync(Path(room, ids[0])), 403, "forbidden");
        await ben.JoinAsync(room);
        Assert.Equal(2, (await TextsAsync(ben)).Count);
        await ana.DeleteAsync($"/api/rooms/{room}");
        Assert.Empty(await TextsAsync(ben));
    }

    [Fact]
    public async Task List_ShouldComeInPages_AndHaveABound()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var anas = await Socket.OpenAsync(ana);
        var ids = await SayAsync(anas, room, "1", "2", "3", "4", "5");
        foreach (var id in ids)
        {
            Assert.Equal(204, (await ben.PutAsync(Path(room, id))).Status);
        }

        var (texts, cursor) = (new List<string?>(), "");
        do
        {
            var page = (await ben.GetAsync($"/api/saved?limit=2&cursor={cursor}")).Json;
            texts.AddRange(page.GetProperty("items").EnumerateArray().Select(Text));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(["5", "4", "3", "2", "1"], texts);
        Assert.Equal(5, (await ItemsAsync(ben, "/api/saved?cursor=nonsense&limit=0")).Count + 4);

        await Host.Services.GetRequiredService<IDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                "INSERT INTO saved_message (user_id, room_id, seq, n, saved_at, place) VALUES (@user, @room, @seq, 1, 0, 0)",
                Enumerable.Range(5, SavedMessages.MaxSaved - 5).Select(i => new { user = ben.Id, room, seq = 10_000L + i }),
                transaction),
            CancellationToken.None);

        var more = await SayAsync(anas, room, "6");
        RoomRestSpecs.AssertProblem(await ben.PutAsync(Path(room, more[0])), 400, "invalid");
        Assert.Equal(204, (await ben.PutAsync(Path(room, ids[0]))).Status); // saved already
    }

    private async Task<(Person Ana, Person Ben, string Room)> RoomOfTwoAsync()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        return (ana, ben, room);
    }

    private static async Task<List<string>> SayAsync(Socket socket, string room, params string[] texts)
    {
        var ids = new List<string>();
        foreach (var text in texts)
        {
            ids.Add((await socket.SayAsync(room, text)).GetProperty("id").GetString()!);
        }

        return ids;
    }

    private static async Task<List<JsonElement>> ItemsAsync(Person person, string path)
    {
        var answer = await person.GetAsync(path);
        Assert.Equal(200, answer.Status);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }

    private static async Task<List<string?>> TextsAsync(Person person) => [.. (await ItemsAsync(person, "/api/saved")).Select(Text)];

    private static string? Text(JsonElement item) => item.GetProperty("message").GetProperty("text").GetString();

    private static string Path(string room, string message) => $"/api/rooms/{room}/messages/{message}/saved";

    private static JsonElement D(JsonElement frame, string property) => frame.GetProperty("d").GetProperty(property);
}

[Collection(OnSqlite.Name)]
public sealed class SavedOnSqliteSpecs(SqliteChat chat) : SavedSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SavedOnPostgresSpecs(PostgresChat chat) : SavedSpecs(chat);
