using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Files;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Search;

/// <summary>Search through the whole product: what is found, by whom, and what bad input gets.</summary>
public abstract class SearchSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Message_ShouldBeFoundWithItsRoomAndItsMatches()
    {
        var (ana, ben, room) = await RoomOfTwoAsync("Garden club");
        await using var socket = await Socket.OpenAsync(ana);
        var id = (await socket.SayAsync(room, "Roses are Röt and rot")).GetProperty("id").GetString();
        await socket.SayAsync(room, "nothing");

        var hit = Assert.Single(await ItemsAsync(ben, "q=ROT"));

        Assert.Equal((id, "Garden club", room), (
            hit.GetProperty("message").GetProperty("id").GetString(), hit.GetProperty("room").GetProperty("name").GetString(),
            hit.GetProperty("room").GetProperty("id").GetString()));
        Assert.Equal("[{\"start\":10,\"length\":3},{\"start\":18,\"length\":3}]", hit.GetProperty("matches").GetRawText());
        Assert.Equal("Roses are Röt and rot", hit.GetProperty("snippet").GetProperty("text").GetString());
        Assert.False(hit.GetProperty("snippet").GetProperty("cutBefore").GetBoolean());
    }

    [Fact]
    public async Task Change_ShouldBeFoundAtOnce()
    {
        var (ana, ben, room) = await RoomOfTwoAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var first = (await socket.SayAsync(room, "original wording")).GetProperty("id").GetString();
        var second = (await socket.SayAsync(room, "<b>secret</b> plan")).GetProperty("id").GetString();
        Assert.Equal(["<b>secret</b> plan"], await TextsAsync(ben, "q=%3Cb%3Esecret"));

        await ana.PatchAsync($"/api/rooms/{room}/messages/{first}", new { text = "other phrase" });
        await ana.DeleteAsync($"/api/rooms/{room}/messages/{second}");

        Assert.Empty(await TextsAsync(ben, "q=original"));
        Assert.Equal(["other phrase"], await TextsAsync(ben, "q=phrase"));
        Assert.Empty(await TextsAsync(ben, "q=secret"));
        await ben.LeaveAsync(room);
        Assert.Empty(await TextsAsync(ben, "q=phrase"));
    }

    [Fact]
    public async Task Filters_ShouldComeInWordsOrAsParameters()
    {
        var (ana, ben, room) = await RoomOfTwoAsync("Köln");
        var other = await ana.CreateRoomAsync("Other");
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        await anas.SayAsync(room, "tea");
        await bens.SayAsync(room, "tea with https://example.org");
        await anas.SayAsync(other, "tea elsewhere");
        var file = await ana.UploadAsync(room, "x"u8.ToArray(), "ledger.txt");
        await anas.OkAsync("message.send", room, JsonSerializer.SerializeToNode(new { cid = Guid.CreateVersion7(), text = "", files = new[] { file } }));

        foreach (var (words, parameters, expected) in new[]
        {
            ($"tea from:{ben.Username}", $"q=tea&from={ben.Username}", "tea with https://example.org"),
            ("tea in:koln from:me", "q=tea&in=K%C3%B6ln&from=me", "tea"),
            ("has:link", "has=link", "tea with https://example.org"),
            ("ledger has:file", "q=ledger&has=file", ""),
            ("elsewhere after:2020-01-01", "q=elsewhere&after=2020-01-01", "tea elsewhere"),
        })
        {
            Assert.Equal([expected], await TextsAsync(ana, $"q={Uri.EscapeDataString(words)}"));
            Assert.Equal([expected], await TextsAsync(ana, parameters));
        }

        Assert.Equal(["tea elsewhere"], await TextsAsync(ana, $"q=tea&room={other}"));
        Assert.Empty(await TextsAsync(ana, "q=tea&before=2020-01-01"));
    }

    [Fact]
    public async Task Pages_ShouldFollowEachOther()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 7, i => $"page word {i}");

        var texts = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var answer = await ana.GetAsync($"/api/search?q=word&limit=3&cursor={cursor}");
            texts.AddRange(answer.Json.GetProperty("items").EnumerateArray().Select(TextOf));
            cursor = answer.Json.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(Enumerable.Range(1, 7).Reverse().Select(i => $"page word {i}"), texts);
    }

    [Fact]
    public async Task RoomsAndPeople_ShouldBeFoundByName()
    {
        var (ana, ben) = (await Host.PersonAsync("zacharias"), await Host.PersonAsync("ben"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        var (mine, open, closed) = (await ana.CreateRoomAsync($"A {mark}"), await ben.CreateRoomAsync($"B {mark}"), await ben.CreateRoomAsync($"C {mark}", "private"));

        var rooms = await ItemsAsync(ana, $"type=rooms&q={mark}");
        Assert.Equal([mine, open], rooms.Select(room => room.GetProperty("id").GetString()));
        Assert.DoesNotContain(closed, rooms.Select(room => room.GetRawText()));
        var first = (await ana.GetAsync($"/api/search?type=rooms&q={mark}&limit=1")).Json;
        var second = (await ana.GetAsync($"/api/search?type=rooms&q={mark}&limit=1&cursor={first.GetProperty("nextCursor").GetString()}")).Json;
        Assert.Equal(open, Assert.Single(second.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());

        await ana.PatchAsync("/api/auth/me", new { displayName = $"José {mark}" });
        var person = Assert.Single(await ItemsAsync(ben, $"type=people&q={mark.ToUpperInvariant()}%20jose"));
        Assert.Equal((ana.Id, ana.Username), (person.GetProperty("id").GetString(), person.GetProperty("username").GetString()));
        Assert.False(person.TryGetProperty("email", out _));
    }

    public static TheoryData<string, string> Bad() => new()
    {
        { "", "q" },
        { "q=", "q" },
        { "q=%20", "q" },
        { $"q={new string('x', 10_000)}", "q" },
        { $"q={string.Concat(Enumerable.Repeat("%CC%81", 390))}", "q" },
        { "q=-a", "q" },
        { "q=author:x", "q" },
        { "q=x&has=cheese", "q" },
        { "q=x&on=tomorrow", "q" },
        { "q=x&type=files", "type" },
        { "q=x&cursor=nonsense", "cursor" },
        { "q=x&utcOffset=1000", "utcOffset" },
        { "q=&type=rooms", "q" },
        { "q=%CC%81&type=people", "q" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task BadInput_ShouldBeInvalid_AtItsField(string parameters, string field)
    {
        var ana = await Host.PersonAsync();
        var answer = await ana.GetAsync($"/api/search?{parameters}");
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal([field], answer.Errors);
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\"a\" NEAR(b) AND NOT c*")]
    [InlineData("%' ESCAPE '\\")]
    [InlineData("a & b | !c <-> (d)")]
    [InlineData("\ud83d\udc4d\ud83c\udffd")]
    [InlineData("שלום עולם")]
    [InlineData("\u202Eabc")]
    public async Task Operators_ShouldBeText(string query)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 1, _ => "nothing of the kind");

        Assert.Empty(await TextsAsync(ana, $"q={Uri.EscapeDataString(query)}"));
        await ana.FillAsync(room, 1, _ => $"here: {query}");
        Assert.Equal([$"here: {query}"], await TextsAsync(ana, $"q={Uri.EscapeDataString(query)}"));
    }

    private async Task<(Person Ana, Person Ben, string Room)> RoomOfTwoAsync(string name = "a room")
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync(name);
        await ben.JoinAsync(room);
        return (ana, ben, room);
    }

    private static async Task<List<JsonElement>> ItemsAsync(Person person, string parameters)
    {
        var answer = await person.GetAsync($"/api/search?{parameters}");
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(Person person, string parameters) =>
        [.. (await ItemsAsync(person, parameters)).Select(TextOf)];

    private static string TextOf(JsonElement hit) => hit.GetProperty("message").GetProperty("text").GetString()!;
}

[Collection(OnSqlite.Name)]
public sealed class SearchOnSqliteSpecs(SqliteChat chat) : SearchSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SearchOnPostgresSpecs(PostgresChat chat) : SearchSpecs(chat);

public sealed class SearchLimitSpecs
{
    [Fact]
    public async Task Searches_ShouldBeLimited_ForEachUser()
    {
        await using var host = await ChatHost.StartAsync(new() { ["AkkaChat:Search:PerUserPerMinute"] = "2" });
        var (ana, ben) = (await host.PersonAsync("ana"), await host.PersonAsync("ben"));
        Assert.Equal(200, (await ana.GetAsync("/api/search?q=x")).Status);
        Assert.Equal(400, (await ana.GetAsync("/api/search?q=")).Status);

        var refused = await ana.GetAsync("/api/search?q=x");

        RoomRestSpecs.AssertProblem(refused, 429, "rate_limited");
        Assert.True(refused.Headers.ContainsKey("Retry-After"));
        Assert.Equal(200, (await ben.GetAsync("/api/search?q=x")).Status);
    }
}
