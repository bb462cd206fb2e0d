using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Rooms;

public abstract class PreferenceSpecs(ChatFixture chat)
{
    private const string Defaults = """{"notify":null,"muted":false,"favourite":false,"order":0}""";

    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Preferences_ShouldReachAllDevicesOfTheUserAndNobodyElse_WhenChanged()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        Assert.Equal(Defaults, await ShownAsync(ben, room));
        await using var one = await Socket.OpenAsync(ben);
        await using var two = await Socket.OpenAsync(await ben.OtherSessionAsync());
        await using var other = await Socket.OpenAsync(ana);

        var answer = await ben.PutAsync($"/api/rooms/{room}/preferences", new { notify = "mentions", favourite = true, order = 7 });

        const string Changed = """{"notify":"mentions","muted":false,"favourite":true,"order":7}""";
        Assert.Equal((200, Changed), (answer.Status, answer.Text));
        foreach (var device in new[] { one, two })
        {
            var frame = await device.EventAsync("preferences.updated");
            Assert.Equal((room, Changed), (frame.GetProperty("room").GetString(), Printed(frame.GetProperty("d"))));
        }

        Assert.Equal(Changed, await ShownAsync(ben, room));
        Assert.Equal(Changed, Printed((await ben.GetAsync("/api/rooms")).Json.GetProperty("items")[0].GetProperty("preferences")));
        Assert.Equal(Defaults, await ShownAsync(ana, room));
        await other.SayAsync(room, "a message after the change");
        Assert.DoesNotContain(other.Frames, frame => Socket.Name(frame) == "preferences.updated");
    }

    [Fact]
    public async Task Preferences_ShouldKeepWhatIsAbsent_AndComeWithTheNextHello()
    {
        var ana = await Host.PersonAsync();
        var (room, untouched) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync("another"));
        await using var socket = await Socket.OpenAsync(ana);
        Assert.Equal(200, (await ana.PutAsync($"/api/rooms/{room}/preferences", new { muted = true })).Status);
        Assert.Equal(200, (await ana.PutAsync($"/api/rooms/{room}/preferences", new { notify = "none" })).Status);
        // The same again is answered alike, and tells nobody.
        Assert.Equal(200, (await ana.PutAsync($"/api/rooms/{room}/preferences", new { notify = "none", muted = true })).Status);
        var answer = await ana.PutAsync($"/api/rooms/{room}/preferences", Json("""{"notify":null}"""));
        const string Last = """{"notify":null,"muted":true,"favourite":false,"order":0}""";
        Assert.Equal(Last, answer.Text);

        await socket.WaitAsync(_ => Changes(socket) == 3, "three changes");
        await socket.SayAsync(room, "a message after them");
        Assert.Equal(3, Changes(socket));
        Assert.Equal(Last, Printed(socket.Frames.Last(frame => Socket.Name(frame) == "preferences.updated").GetProperty("d")));
        await using var back = await Socket.OpenAsync(ana, ResumeSpecs.Resume((room, 3)));
        var digest = back.Frames.Single(frame => Socket.Name(frame) == "room.digest").GetProperty("d").EnumerateArray()
            .ToDictionary(line => line.GetProperty("room").GetString()!);
        Assert.Equal(Last, Printed(digest[room].GetProperty("preferences")));
        Assert.False(digest[untouched].TryGetProperty("preferences", out _));
    }

    [Theory]
    [InlineData("{}", "notify")]
    [InlineData("""{"notify":"loud"}""", "notify")]
    [InlineData("""{"notify":5}""", "notify")]
    [InlineData("""{"order":-1}""", "order")]
    [InlineData("""{"order":9007199254740992}""", "order")]
    [InlineData("""{"muted":true,"color":"red"}""", "color")]
    public async Task Preferences_ShouldNameEveryBadField_AndChangeNothing(string body, string fields)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();

        var answer = await ana.PutAsync($"/api/rooms/{room}/preferences", Json(body));

        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal(fields, string.Join(',', answer.Errors));
        Assert.Equal(Defaults, await ShownAsync(ana, room));
    }

    [Fact]
    public async Task ReadSet_ShouldMoveBack_OnlyWhereThatIsAskedFor()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayManyAsync(room, 5, n => n == 4 ? $"@{ben.Username}" : $"{n}");
        await using var one = await Socket.OpenAsync(ben);
        await using var two = await Socket.OpenAsync(await ben.OtherSessionAsync());
        Assert.Equal((5, 0, 0), Cursor(await one.OkAsync("read.set", room, new JsonObject { ["n"] = 5 })));
        Assert.Equal((5, 0, 0), Cursor(await one.OkAsync("read.set", room, new JsonObject { ["n"] = 2, ["back"] = false })));

        Assert.Equal((2, 3, 1), Cursor(await one.OkAsync("read.set", room, new JsonObject { ["n"] = 2, ["back"] = true })));

        var moved = await two.EventAsync("read.updated", frame => frame.GetProperty("d").TryGetProperty("back", out _));
        Assert.Equal((2, 3, 1), Cursor(moved.GetProperty("d")));
        Assert.True(moved.GetProperty("d").GetProperty("back").GetBoolean());
        Assert.Equal(3, (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("unread").GetInt32());
        // One's own message is read with all before it; what is then marked as unread stays so.
        await two.SayAsync(room, "mine");
        Assert.Equal((4, 2, 0), Cursor(await two.OkAsync("read.set", room, new JsonObject { ["n"] = 4, ["back"] = true })));
        await sender.SayAsync(room, "later");
        await two.MessageAsync(room, "later");
        var shown = (await ben.GetAsync($"/api/rooms/{room}")).Json;
        Assert.Equal((4, 3), (shown.GetProperty("readN").GetInt32(), shown.GetProperty("unread").GetInt32()));
    }

    private static int Changes(Socket socket) => socket.Frames.Count(frame => Socket.Name(frame) == "preferences.updated");

    private static (int N, int Unread, int Mentions) Cursor(JsonElement d) =>
        (d.GetProperty("n").GetInt32(), d.GetProperty("unread").GetInt32(), d.GetProperty("mentions").GetInt32());

    private static async Task<string> ShownAsync(Person person, string room) =>
        Printed((await person.GetAsync($"/api/rooms/{room}")).Json.GetProperty("preferences"));

    private static string Printed(JsonElement element) => JsonSerializer.Serialize(element);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

[Collection(OnSqlite.Name)]
public sealed class PreferenceOnSqliteSpecs(SqliteChat chat) : PreferenceSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class PreferenceOnPostgresSpecs(PostgresChat chat) : PreferenceSpecs(chat);
