using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.People;

public abstract class DirectSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Direct_ShouldBeOneRoom_HoweverManyAskForItAtOnce()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            i % 2 == 0 ? ana.PostAsync("/api/direct", new { userId = ben.Id }) : ben.PostAsync("/api/direct", new { userIds = new[] { ana.Id } })));

        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 201, answer.Text));
        Assert.InRange(answers.Count(answer => answer.Status == 201), 0, 1); // none where the room's first answer was lost and asked for again
        Assert.Single(answers.Select(answer => answer.Json.GetProperty("id").GetString()).Distinct());
        Assert.All(answers, answer => Assert.Equal(
            ("direct", "", 2, "member"),
            (Text(answer.Json, "visibility"), Text(answer.Json, "topic"), answer.Json.GetProperty("memberCount").GetInt32(), Text(answer.Json, "role"))));
        Assert.Equal("ben", Text(answers[0].Json, "name"));
        Assert.Equal("ana", Text(answers[1].Json, "name"));
        Assert.Equal(ben.Id, Text(answers[0].Json.GetProperty("people").EnumerateArray().Single(), "id"));
        Assert.DoesNotContain("private.example", answers[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_ShouldBeThatOfExactlyThesePeople()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var two = await DirectAsync(ana, ben);
        var three = await DirectAsync(ana, ben, cy);

        Assert.NotEqual(two, three);
        Assert.Equal(three, await DirectAsync(cy, ana, ben, ana, cy));
        Assert.Equal(["ana", "cy"], (await ben.GetAsync($"/api/rooms/{three}")).Json.GetProperty("people").EnumerateArray().Select(p => Text(p, "displayName")));
        Assert.Equal(404, (await cy.GetAsync($"/api/rooms/{two}")).Status);
    }

    [Fact]
    public async Task Message_ShouldCountAsAMention_AndBringTheRoomIntoTheList()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        await using var reader = await Socket.OpenAsync(ben);
        var room = await DirectAsync(ana, ben);
        Assert.True(Bool((await reader.EventAsync("membership.added")).GetProperty("d").GetProperty("room"), "hidden"));
        Assert.False(Bool((await ana.GetAsync($"/api/rooms/{room}")).Json, "hidden"));
        await using var writer = await Socket.OpenAsync(ana);

        await writer.SayAsync(room, "one");
        await writer.SayAsync(room, "two");

        await reader.MessageAsync(room, "two");
        var seen = (await ben.GetAsync("/api/rooms")).Json.GetProperty("items").EnumerateArray().Single();
        Assert.Equal((room, false, 2, 2), (Text(seen, "id"), Bool(seen, "hidden"), seen.GetProperty("unread").GetInt32(), seen.GetProperty("mentions").GetInt32()));
        var read = await reader.OkAsync("read.set", room, new JsonObject { ["n"] = 1 });
        Assert.Equal((1, 1), (read.GetProperty("unread").GetInt32(), read.GetProperty("mentions").GetInt32()));
        Assert.Equal(1, (await reader.EventAsync("read.updated")).GetProperty("d").GetProperty("mentions").GetInt32());
        await using var back = await Socket.OpenAsync(ben);
        Assert.Equal(1, (await back.EventAsync("room.digest")).GetProperty("d")[0].GetProperty("mentions").GetInt32());
    }

    [Fact]
    public async Task Hidden_ShouldLastUntilTheNextMessage_OnAllDevices()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await DirectAsync(ana, ben);
        await ben.FillAsync(room, 1);
        await using var device = await Socket.OpenAsync(await ana.OtherSessionAsync());

        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/hide")).Status);

        Assert.True(Bool((await device.EventAsync("direct.hidden")).GetProperty("d"), "hidden"));
        Assert.True(Bool((await ana.GetAsync($"/api/rooms/{room}")).Json, "hidden"));
        Assert.False(Bool((await ben.GetAsync($"/api/rooms/{room}")).Json, "hidden"));
        await ben.FillAsync(room, 1);
        Assert.False(Bool((await ana.GetAsync($"/api/rooms/{room}")).Json, "hidden"));
        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/hide")).Status);
        Assert.Equal(room, await DirectAsync(ana, ben));
        Assert.False(Bool((await ana.GetAsync($"/api/rooms/{room}")).Json, "hidden"));
        await AkkaChat.Support.Eventually.AssertAsync(() => Assert.Equal(
            [true, true, false],
            device.Frames.Where(frame => Socket.Name(frame) == "direct.hidden").Select(frame => Bool(frame.GetProperty("d"), "hidden"))));
    }

    [Fact]
    public async Task Rooms_ShouldBeFoundByTheNamesOfTheOthers()
    {
        var ana = await Host.PersonAsync("ana");
        var mark = Guid.NewGuid().ToString("N")[..8];
        var ben = await Host.PersonAsync($"Ben{mark}", isExact: true);
        var room = await DirectAsync(ana, ben);

        Assert.Equal(room, Text((await ana.GetAsync($"/api/rooms?search=BEN{mark}")).Json.GetProperty("items").EnumerateArray().Single(), "id"));
        Assert.Empty((await ben.GetAsync($"/api/rooms?search={mark}")).Json.GetProperty("items").EnumerateArray());
        Assert.Empty((await (await Host.PersonAsync()).GetAsync($"/api/rooms?filter=discover&search={mark}")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Open_ShouldSayWhatIsWrong()
    {
        var ana = await Host.PersonAsync("ana");
        var many = Enumerable.Range(0, 10).Select(i => $"u_{i:x32}").ToArray();
        object[] bodies =
        [
            new { }, new { userId = "ben" }, new { userId = ana.Id }, new { userIds = Array.Empty<string>() }, new { userIds = many },
            new { userId = many[0] }, new { userIds = new string?[] { null } },
        ];
        foreach (var body in bodies)
        {
            var answer = await ana.PostAsync("/api/direct", body);
            RoomRestSpecs.AssertProblem(answer, 400, "invalid");
            Assert.Equal("userIds", string.Join(',', answer.Errors));
        }

        RoomRestSpecs.AssertProblem(await Host.SendAsync("POST", "/api/direct", new { userId = ana.Id }), 401, "unauthenticated");
    }

    internal static async Task<string> DirectAsync(Person by, params Person[] others)
    {
        var answer = await by.PostAsync("/api/direct", new { userIds = others.Select(other => other.Id) });
        Assert.True(answer.Status is 200 or 201, answer.Text);
        return Text(answer.Json, "id");
    }

    internal static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    internal static bool Bool(JsonElement element, string name) => element.GetProperty(name).GetBoolean();
}

[Collection(OnSqlite.Name)]
public sealed class DirectOnSqliteSpecs(SqliteChat chat) : DirectSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class DirectOnPostgresSpecs(PostgresChat chat) : DirectSpecs(chat);
