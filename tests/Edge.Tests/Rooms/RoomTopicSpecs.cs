using System.Text;
using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Rooms;

public abstract class RoomTopicSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Topic_ShouldBeReadableAtOnceAndReachMembersLive_WhenTheOwnerChangesIt()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync(topic: "first");
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ben);

        var answer = await ana.PatchAsync($"/api/rooms/{room}", new { topic = "  second \"topic\" 🦊 " });

        Assert.Equal(200, answer.Status);
        Assert.Equal(("second \"topic\" 🦊", 4), (
            answer.Json.GetProperty("topic").GetString(), answer.Json.GetProperty("head").GetProperty("seq").GetInt32()));
        Assert.Equal("second \"topic\" 🦊", (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("topic").GetString());
        var changed = await socket.EventAsync("room.topicChanged");
        AssertChanged(changed, room, 4, "second \"topic\" 🦊", ana);
        Assert.Equal(
            Printed(changed),
            Printed((await ben.GetAsync($"/api/rooms/{room}/events?after=3")).Json.GetProperty("items").EnumerateArray().Single()));
    }

    [Fact]
    public async Task Topic_ShouldComeWithTheResume_WhenItWasChangedMeanwhile()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync(topic: "first");
        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { topic = "second" })).Status);

        await using var back = await Socket.OpenAsync(ana, ResumeSpecs.Resume((room, 2)));

        var sync = back.Frames.Single(frame => Socket.Name(frame) == "room.sync").GetProperty("d");
        Assert.Equal((2, 3, true), (
            sync.GetProperty("from").GetInt32(), sync.GetProperty("to").GetInt32(), sync.GetProperty("complete").GetBoolean()));
        AssertChanged(sync.GetProperty("events").EnumerateArray().Single(), room, 3, "second", ana);
    }

    [Fact]
    public async Task Topic_ShouldMakeNoEvent_WhenItIsTheSame()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync(topic: "first");

        var same = await ana.PatchAsync($"/api/rooms/{room}", new { topic = " first " });
        var none = await ana.PatchAsync($"/api/rooms/{room}", new { topic = "" });

        Assert.Equal((200, 2), (same.Status, same.Json.GetProperty("head").GetProperty("seq").GetInt32()));
        Assert.Equal((200, "", 3), (
            none.Status, none.Json.GetProperty("topic").GetString(), none.Json.GetProperty("head").GetProperty("seq").GetInt32()));
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { "{}", "topic" },
        { """{"topic":null}""", "topic" },
        { $$"""{"topic":"{{new string('x', 251)}}"}""", "topic" },
        { $$"""{"topic":"e{{new string('\u0301', 2_500)}}"}""", "topic" },
        { """{"topic":"a\nb"}""", "topic" },
        { """{"topic":"a\u0000b"}""", "topic" },
        { """{"topic":"good","owner":"new"}""", "owner" },
        { """{"owner":"new"}""", "owner,topic" },
        { """{"name":" ","visibility":"direct"}""", "name,visibility" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Update_ShouldNameEveryBadField_AndChangeNothing(string body, string fields)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync(topic: "first");

        var answer = await ana.PatchAsync($"/api/rooms/{room}", new StringContent(body, Encoding.UTF8, "application/json"));

        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal(fields, string.Join(',', answer.Errors));
        Assert.Equal("first", (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task Update_ShouldBeRefused_WhenAMemberIsNoAdmin()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync(topic: "first");
        await ben.JoinAsync(room);

        RoomRestSpecs.AssertProblem(await ben.PatchAsync($"/api/rooms/{room}", new { topic = "mine" }), 403, "forbidden");

        Assert.Equal("first", (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("topic").GetString());
    }

    private static void AssertChanged(JsonElement frame, string room, int seq, string topic, Person by)
    {
        Assert.Equal(("room.topicChanged", room, seq), (
            Socket.Name(frame), frame.GetProperty("room").GetString(), frame.GetProperty("seq").GetInt32()));
        var d = frame.GetProperty("d");
        Assert.Equal(["topic", "by", "ts"], d.EnumerateObject().Select(property => property.Name));
        Assert.Equal((topic, by.Id), (d.GetProperty("topic").GetString(), d.GetProperty("by").GetProperty("id").GetString()));
    }

    private static string Printed(JsonElement element) => JsonSerializer.Serialize(element);
}

[Collection(OnSqlite.Name)]
public sealed class RoomTopicOnSqliteSpecs(SqliteChat chat) : RoomTopicSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class RoomTopicOnPostgresSpecs(PostgresChat chat) : RoomTopicSpecs(chat);
