using System.Net;
using System.Text;
using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Rooms;

public abstract class RoomRestSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Create_ShouldAnswerTheRoomAndListItAtOnce_WhenTheBodyIsGood()
    {
        var ana = await Host.PersonAsync();

        var answer = await ana.PostAsync("/api/rooms", new { name = "  Rosen & Dornen ", topic = "Über alles", visibility = "private" });

        Assert.Equal(201, answer.Status);
        var room = answer.Json;
        Assert.Equal(
            [
                "id", "name", "topic", "visibility", "memberCount", "onlineCount", "lastMessage", "unread", "mentions", "joined", "role", "head",
                "readN", "createdAt", "linkCards", "picture", "preferences", "people", "hidden", "archived",
            ],
            room.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("Rosen & Dornen", "Über alles", "private", 1, 0, true, "owner"), (
            room.GetProperty("name").GetString(), room.GetProperty("topic").GetString(), room.GetProperty("visibility").GetString(),
            room.GetProperty("memberCount").GetInt32(), room.GetProperty("unread").GetInt32(), room.GetProperty("joined").GetBoolean(),
            room.GetProperty("role").GetString()));
        Assert.Equal((2, 0), (room.GetProperty("head").GetProperty("seq").GetInt32(), room.GetProperty("head").GetProperty("n").GetInt32()));
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$", room.GetProperty("createdAt").GetString());
        Assert.Equal([room.GetProperty("id").GetString()!], await IdsAsync(ana, "filter=joined"));
    }

    public static TheoryData<string, string> BadRooms => new()
    {
        { "{}", "name,visibility" },
        { """{"name":"","visibility":"public"}""", "name" },
        { """{"name":"   ","visibility":"public"}""", "name" },
        { """{"name":"a\nb","visibility":"public"}""", "name" },
        { """{"name":"a\u0000b","visibility":"public"}""", "name" },
        { $$"""{"name":"{{new string('x', 81)}}","visibility":"public"}""", "name" },
        { $$"""{"name":"ok","topic":"{{new string('x', 251)}}","visibility":"public"}""", "topic" },
        { """{"name":"ok","topic":"a\tb","visibility":"public"}""", "topic" },
        { """{"name":"ok","visibility":"secret"}""", "visibility" },
        { """{"name":"ok","visibility":"PUBLIC"}""", "visibility" },
        { """{"name":"ok"}""", "visibility" },
        { $$"""{"name":"","topic":"{{new string('x', 251)}}","visibility":""}""", "name,topic,visibility" },
    };

    [Theory]
    [MemberData(nameof(BadRooms))]
    public async Task Create_ShouldNameEveryBadField_WhenTheBodyIsNot(string body, string fields)
    {
        var ana = await Host.PersonAsync();

        var answer = await ana.PostAsync("/api/rooms", new StringContent(body, Encoding.UTF8, "application/json"));

        AssertProblem(answer, 400, "invalid");
        Assert.Equal(fields, string.Join(',', answer.Errors));
        Assert.All(answer.Json.GetProperty("errors").EnumerateObject(), field => Assert.NotEmpty(field.Value[0].GetString()!));
        Assert.Empty(await IdsAsync(ana, "filter=joined"));
    }

    [Theory]
    [InlineData("nonsense", "application/json", 400, "invalid")]
    [InlineData("""{"name":5,"visibility":"public"}""", "application/json", 400, "invalid")]
    [InlineData("""{"name":"\ud800","visibility":"public"}""", "application/json", 400, "invalid")]
    [InlineData("name=x", "application/x-www-form-urlencoded", 415, "invalid")]
    [InlineData("", "application/json", 400, "invalid")]
    public async Task Create_ShouldBeAProblem_WhenTheBodyIsNoSuchJson(string body, string type, int status, string code)
    {
        var ana = await Host.PersonAsync();
        AssertProblem(await ana.PostAsync("/api/rooms", new StringContent(body, Encoding.UTF8, type)), status, code);
    }

    [Fact]
    public async Task Create_ShouldBeTooLarge_WhenTheBodyIsOverAMebibyte()
    {
        var ana = await Host.PersonAsync();
        var body = new StringContent($$"""{"name":"{{new string('x', 1024 * 1024)}}"}""", Encoding.UTF8, "application/json");
        AssertProblem(await ana.PostAsync("/api/rooms", body), 413, "too_large");
    }

    [Fact]
    public async Task Name_ShouldBeCountedAsPeopleCount_WhenItHasCombinedCharacters()
    {
        var ana = await Host.PersonAsync();
        var family = string.Concat(Enumerable.Repeat("👨‍👩‍👧", 80));
        Assert.Equal(201, (await ana.PostAsync("/api/rooms", new { name = family, visibility = "public" })).Status);
        Assert.Equal(400, (await ana.PostAsync("/api/rooms", new { name = family + "x", visibility = "public" })).Status);
    }

    /// <summary>To people it is one character, however many marks it has, and every list of rooms would carry it.</summary>
    [Fact]
    public async Task NameAndTopic_ShouldBeRefused_WhenOneLetterHasMarksWithoutEnd()
    {
        var ana = await Host.PersonAsync();
        foreach (var marks in new[] { 3_000, 100_000 })
        {
            var letter = $"a{new string('\u0301', marks)}";
            Assert.Equal(["name"], (await ana.PostAsync("/api/rooms", new { name = letter, visibility = "public" })).Errors);
            Assert.Equal(["topic"], (await ana.PostAsync("/api/rooms", new { name = "room", topic = letter, visibility = "public" })).Errors);
        }
    }

    [Fact]
    public async Task Discover_ShouldFindPublicRoomsInAnyScript_WhenSearched()
    {
        var (ana, eve) = (await Host.PersonAsync(), await Host.PersonAsync("eve"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        var rooms = new Dictionary<string, string>();
        foreach (var name in new[] { "Café Zürich", "Обсуждение Котиков", "日本語の部屋", "100% _sure_", "Łódź" })
        {
            rooms[name] = await ana.CreateRoomAsync($"{name} {mark}", topic: name == "Łódź" ? "ΣΊΣΥΦΟΣ" : null);
        }

        var hidden = await ana.CreateRoomAsync($"Café privé {mark}", "private");
        foreach (var (search, expected) in new[]
        {
            ("cafe", "Café Zürich"), ("ZURICH", "Café Zürich"), ("caf\u0065\u0301", "Café Zürich"), ("КОТИКОВ", "Обсуждение Котиков"), ("обсуж", "Обсуждение Котиков"),
            ("部屋", "日本語の部屋"), ("日本", "日本語の部屋"), ("100%", "100% _sure_"), ("_sure_", "100% _sure_"), ("lodz", "Łódź"), ("σίσυφος", "Łódź"),
        })
        {
            var found = (await IdsAsync(eve, $"filter=discover&limit=200&search={WebUtility.UrlEncode(search)}")).ToList();
            Assert.True(found.Contains(rooms[expected]), $"{search} does not find {expected}");
            Assert.DoesNotContain(hidden, found);
        }

        Assert.Equal(5, (await IdsAsync(eve, $"filter=discover&search={mark}")).Count);
        Assert.Empty(await IdsAsync(ana, $"filter=discover&search={mark}"));
        Assert.Equal(6, (await IdsAsync(ana, $"filter=joined&search={mark}")).Count);
        Assert.Equal([rooms["100% _sure_"]], await IdsAsync(eve, $"filter=discover&search={WebUtility.UrlEncode($"%  _sure_ {mark}")}".Replace("++", "+", StringComparison.Ordinal)));
        Assert.Empty(await IdsAsync(eve, $"filter=discover&search={mark}%25"));
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("%ED%A0%80")]
    [InlineData("%5C%27%22%25")]
    [InlineData("%F0%9F%8E%89")]
    public async Task Search_ShouldAnswer_WhenTheTextIsOdd(string search)
    {
        var ana = await Host.PersonAsync();
        Assert.Equal(200, (await ana.GetAsync($"/api/rooms?filter=discover&search={search}")).Status);
        Assert.Equal(200, (await ana.GetAsync($"/api/rooms?filter=joined&search={search}")).Status);
    }

    [Fact]
    public async Task List_ShouldGoThroughAllPagesOnce_WhenTheCursorIsFollowed()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            made.Add(await ana.CreateRoomAsync($"room {i} {mark}"));
        }

        await ben.JoinAsync(made[3]);
        Assert.Equal(made.AsEnumerable().Reverse(), (await AllAsync(ana, $"filter=joined&search={mark}&limit=3")).OrderByDescending(made.IndexOf));
        var eve = await Host.PersonAsync("eve");
        var discovered = await AllAsync(eve, $"filter=discover&search={mark}&limit=2");
        Assert.Equal(made[3], discovered[0]);
        Assert.Equal(made.Order(), discovered.Order());

        // The last active comes first.
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(made[1], "news");
        Assert.Equal(made[1], (await IdsAsync(ana, "filter=joined&limit=1"))[0]);
        AssertProblem(await ana.GetAsync("/api/rooms?filter=other"), 400, "invalid");
        AssertProblem(await ana.GetAsync("/api/rooms?limit=x"), 400, "invalid");
        foreach (var odd in new[] { "limit=0", "limit=-5", "limit=100000", "cursor=nonsense", "cursor=%00" })
        {
            Assert.Equal(200, (await ana.GetAsync($"/api/rooms?{odd}")).Status);
        }
    }

    [Fact]
    public async Task JoinAndLeave_ShouldBeReadableAtOnceAndTheSameAgain_WhenAcknowledged()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        for (var round = 0; round < 3; round++)
        {
            foreach (var _ in new[] { 1, 2 })
            {
                var joined = await ben.PostAsync($"/api/rooms/{room}/join");
                Assert.Equal(200, joined.Status);
                Assert.Equal((2, true, "member"), (
                    joined.Json.GetProperty("memberCount").GetInt32(), joined.Json.GetProperty("joined").GetBoolean(), joined.Json.GetProperty("role").GetString()));
                Assert.Equal([room], await IdsAsync(ben, "filter=joined"));
                Assert.Equal([ana.Id, ben.Id], await MembersAsync(ana, room));
                Assert.Equal(200, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
            }

            foreach (var _ in new[] { 1, 2 })
            {
                await ben.LeaveAsync(room);
                Assert.Empty(await IdsAsync(ben, "filter=joined"));
                Assert.Equal([ana.Id], await MembersAsync(ana, room));
                Assert.Equal(403, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
                Assert.False((await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("joined").GetBoolean());
            }
        }

        Assert.Equal(8, (await ana.GetAsync($"/api/rooms/{room}/events")).Json.GetProperty("head").GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task Members_ShouldComeInPagesInTheOrderOfJoining_WhenListed()
    {
        var ana = await Host.PersonAsync("ana");
        var room = await ana.CreateRoomAsync();
        var all = new List<string> { ana.Id };
        for (var i = 0; i < 4; i++)
        {
            var next = await Host.PersonAsync("next");
            await next.JoinAsync(room);
            all.Add(next.Id);
        }

        var found = new List<string>();
        for (string? cursor = "", query; cursor is not null;)
        {
            query = cursor.Length == 0 ? "" : $"&cursor={cursor}";
            var page = (await ana.GetAsync($"/api/rooms/{room}/members?limit=2{query}")).Json;
            Assert.All(page.GetProperty("items").EnumerateArray(), member => Assert.Equal(
                ["user", "role", "online", "joinedAt"], member.EnumerateObject().Select(property => property.Name)));
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(member => member.GetProperty("user").GetProperty("id").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(all, found);
    }

    [Fact]
    public async Task Messages_ShouldBePagedByN_WhenAskedBeforeAfterAndAround()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        Assert.Empty(await NsAsync(ana, room, ""));
        for (var i = 1; i <= 12; i++)
        {
            await socket.SayAsync(room, $"{i}");
            Assert.Equal(i, (await NsAsync(ana, room, "limit=1"))[0]);
        }

        foreach (var (query, from, to) in new[]
        {
            ("", 1, 12), ("limit=5", 8, 12), ("before=8&limit=5", 3, 7), ("before=1", 1, 0), ("before=0", 1, 0), ("before=99&limit=2", 11, 12),
            ("after=8", 9, 12), ("after=8&limit=2", 9, 10), ("after=12", 1, 0), ("after=0&limit=3", 1, 3), ("after=-5&limit=3", 1, 3),
            ("around=6&limit=5", 4, 8), ("around=1&limit=4", 1, 4), ("around=12&limit=4", 9, 12), ("around=999&limit=4", 9, 12),
            ("limit=0", 12, 12), ("limit=-1", 12, 12), ("limit=9999", 1, 12), ("before=9223372036854775807&limit=1", 12, 12),
            ("after=9223372036854775807", 1, 0), ("around=-9223372036854775808&limit=2", 1, 2),
        })
        {
            Assert.Equal((query, string.Join(',', Enumerable.Range(from, to - from + 1))), (query, string.Join(',', await NsAsync(ana, room, query))));
        }

        var message = (await ana.GetAsync($"/api/rooms/{room}/messages?limit=1")).Json.GetProperty("items")[0];
        Assert.Equal(
            ["room", "seq", "n", "id", "cid", "author", "text", "ts", "editedAt", "deleted", "replyTo", "files", "preview", "reactions", "mentions"],
            message.EnumerateObject().Select(property => property.Name));
        AssertProblem(await ana.GetAsync($"/api/rooms/{room}/messages?before=1&after=1"), 400, "invalid");
        AssertProblem(await ana.GetAsync($"/api/rooms/{room}/messages?before=x"), 400, "invalid");
        Assert.Equal("12", (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("lastMessage").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Messages_ShouldBeAtMost200_WhenMoreAreAskedFor()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 210);

        Assert.Equal(50, (await NsAsync(ana, room, "")).Count);
        Assert.Equal(200, (await NsAsync(ana, room, "limit=201")).Count);
    }

    [Fact]
    public async Task Events_ShouldBeContiguousFramesOfTheWebSocket_WhenRead()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        await ben.JoinAsync(room);
        await socket.SayManyAsync(room, 5);
        await ben.LeaveAsync(room);
        await socket.SayAsync(room, "the end");
        await socket.MessageAsync(room, "the end");

        var events = (await ana.GetAsync($"/api/rooms/{room}/events")).Json;

        Assert.Equal(Enumerable.Range(1, 10), events.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("seq").GetInt32()));
        Assert.Equal((10, 6), (events.GetProperty("head").GetProperty("seq").GetInt32(), events.GetProperty("head").GetProperty("n").GetInt32()));
        Assert.Equal(
            socket.Durable(room).Select(frame => frame.GetRawText()),
            events.GetProperty("items").EnumerateArray().Skip(2).Select(frame => frame.GetRawText()));
        Assert.All(
            events.GetProperty("items").EnumerateArray(),
            frame => Assert.Equal("", Contract.AsyncApi.Document.CheckEvent(Socket.Name(frame)!, frame.GetRawText())));
        var part = (await ana.GetAsync($"/api/rooms/{room}/events?after=4&limit=2")).Json.GetProperty("items");
        Assert.Equal([5, 6], part.EnumerateArray().Select(e => e.GetProperty("seq").GetInt32()));
        Assert.Empty((await ana.GetAsync($"/api/rooms/{room}/events?after=99")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(10, (await ana.GetAsync($"/api/rooms/{room}/events?after=-1&limit=99999")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Events_ShouldBeBoundedInBytes_WhenMessagesAreLong()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 150, _ => new string('x', 16 * 1024));

        var seqs = new List<int>();
        for (var pages = 0; seqs.Count < 152; pages++)
        {
            Assert.InRange(pages, 0, 4);
            var page = await ana.GetAsync($"/api/rooms/{room}/events?after={seqs.LastOrDefault()}&limit=1000");
            Assert.InRange(page.Text.Length, 1, 2 * 1024 * 1024);
            seqs.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("seq").GetInt32()));
        }

        Assert.Equal(Enumerable.Range(1, 152), seqs);
    }

    [Fact]
    public async Task Answers_ShouldHoldNoPrivateFieldOfOthers_WhenLookedThrough()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(ben);
        await one.SayAsync(room, $"@{ben.Username}");
        await one.OkAsync("presence.watch", room);
        await ben.LeaveAsync(room);
        await ben.JoinAsync(room);
        await two.SayAsync(room, "bye");
        await one.MessageAsync(room, "bye");

        var texts = one.Frames.Select(frame => frame.GetRawText()).ToList();
        foreach (var path in new[] { "", $"/{room}", $"/{room}/members", $"/{room}/presence", $"/{room}/messages", $"/{room}/events" })
        {
            texts.Add((await ana.GetAsync($"/api/rooms{path}")).Text);
        }

        var all = string.Join('\n', texts);
        Assert.Contains(ben.Id, all, StringComparison.Ordinal);
        Assert.DoesNotContain("private.example", all, StringComparison.Ordinal);
        Assert.DoesNotContain("email", all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("locale", all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("password", all, StringComparison.OrdinalIgnoreCase);
    }

    internal static void AssertProblem(Answer answer, int status, string code)
    {
        Assert.True(answer.Status == status, $"{answer.Status}, not {status}: {answer.Text}");
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(code, answer.Code);
        Assert.Equal(status, answer.Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(answer.Json.GetProperty("title").GetString()!);
        Assert.NotEmpty(answer.Json.GetProperty("detail").GetString()!);
    }

    private static async Task<List<string>> IdsAsync(Person person, string query)
    {
        var answer = await person.GetAsync($"/api/rooms?{query}");
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(room => room.GetProperty("id").GetString()!)];
    }

    private static async Task<List<string>> AllAsync(Person person, string query)
    {
        var all = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await person.GetAsync($"/api/rooms?{query}{(cursor.Length == 0 ? "" : $"&cursor={cursor}")}")).Json;
            all.AddRange(page.GetProperty("items").EnumerateArray().Select(room => room.GetProperty("id").GetString()!));
            Assert.True(all.Count <= 100);
            cursor = page.GetProperty("nextCursor").GetString();
        }

        return all;
    }

    private static async Task<List<string>> MembersAsync(Person person, string room) =>
        [.. (await person.GetAsync($"/api/rooms/{room}/members")).Json.GetProperty("items").EnumerateArray()
            .Select(member => member.GetProperty("user").GetProperty("id").GetString()!)];

    private static async Task<List<long>> NsAsync(Person person, string room, string query)
    {
        var answer = await person.GetAsync($"/api/rooms/{room}/messages?{query}");
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(message => message.GetProperty("n").GetInt64())];
    }
}

[Collection(OnSqlite.Name)]
public sealed class RoomRestOnSqliteSpecs(SqliteChat chat) : RoomRestSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class RoomRestOnPostgresSpecs(PostgresChat chat) : RoomRestSpecs(chat);
