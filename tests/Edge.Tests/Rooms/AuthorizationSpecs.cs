using AkkaChat.Edge.Tests.Hosting;

namespace AkkaChat.Edge.Tests.Rooms;

/// <summary>Who may do what: role × room × endpoint.</summary>
[Collection(OnSqlite.Name)]
public sealed class AuthorizationSpecs(SqliteChat chat)
{
    private static readonly (string Method, string Path)[] Endpoints =
    [
        ("GET", ""), ("GET", "/members"), ("GET", "/presence"), ("GET", "/messages"), ("GET", "/events"), ("PATCH", ""),
        ("DELETE", "/messages/{id}.1/preview"), ("GET", "/messages/{id}.1"), ("PATCH", "/messages/{id}.1"), ("DELETE", "/messages/{id}.1"),
        ("PUT", "/messages/{id}.1/reactions/%F0%9F%91%8D"), ("DELETE", "/messages/{id}.1/reactions/%F0%9F%91%8D"),
        ("PUT", "/messages/{id}.1/pin"), ("DELETE", "/messages/{id}.1/pin"), ("GET", "/pins"), ("POST", "/join"), ("POST", "/leave"),
    ];

    public static TheoryData<string, string, string> Matrix()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var room in new[] { "public", "private", "none", "malformed" })
        {
            data.Add("anonymous", room, "401,401,401,401,401,401,401,401,401,401,401,401,401,401,401,401,401");
            data.Add("ended session", room, "401,401,401,401,401,401,401,401,401,401,401,401,401,401,401,401,401");
        }

        data.Add("member", "public", "200,200,200,200,200,403,404,404,404,404,404,404,404,404,200,200,204");
        data.Add("owner", "private", "200,200,200,200,200,200,404,404,404,404,404,404,404,404,200,200,204");
        data.Add("outsider", "public", "200,403,403,403,403,403,403,403,403,403,403,403,403,403,403,200,204");
        data.Add("left", "public", "200,403,403,403,403,403,403,403,403,403,403,403,403,403,403,200,204");
        data.Add("outsider", "private", "404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404");
        data.Add("left", "private", "404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404");
        data.Add("member", "none", "404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404");
        data.Add("member", "malformed", "404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404,404");
        return data;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Endpoint_ShouldAnswerByMembership_WhenAsked(string role, string room, string expected)
    {
        var owner = await chat.Host.PersonAsync("owner");
        var person = role == "owner" ? owner : await chat.Host.PersonAsync("person");
        var id = room switch
        {
            "none" => $"r_{new string('0', 32)}",
            "malformed" => "r_1%27%20OR%201=1",
            _ => await owner.CreateRoomAsync(visibility: room),
        };
        if (role is "member" or "left" && room == "public")
        {
            await person.JoinAsync(id);
        }

        if (role == "left")
        {
            // Of a private room only the owner can be a member yet, and so one who has left.
            person = room == "private" ? owner : person;
            await person.LeaveAsync(id);
        }

        if (role == "ended session")
        {
            await person.PostAsync("/api/auth/logout");
        }

        var got = new List<int>();
        foreach (var (method, path) in Endpoints)
        {
            object? body = method != "PATCH" ? null : path.Length == 0 ? new { topic = "new" } : new { text = "new" };
            var answer = await chat.Host.SendAsync(method, $"/api/rooms/{id}{path.Replace("{id}", id, StringComparison.Ordinal)}", body, role == "anonymous" ? null : person.Token);
            got.Add(answer.Status);
            if (answer.Status >= 400)
            {
                RoomRestSpecs.AssertProblem(
                    answer, answer.Status, answer.Status switch { 401 => "unauthenticated", 403 => "forbidden", _ => "not_found" });
                Assert.DoesNotContain(id, answer.Text, StringComparison.Ordinal);
            }
        }

        Assert.Equal(expected, string.Join(',', got));
    }

    [Fact]
    public async Task Lists_ShouldBeUnauthenticated_WhenNobodyIsLoggedIn()
    {
        RoomRestSpecs.AssertProblem(await chat.Host.SendAsync("GET", "/api/rooms"), 401, "unauthenticated");
        RoomRestSpecs.AssertProblem(await chat.Host.SendAsync("POST", "/api/rooms", new { name = "x", visibility = "public" }), 401, "unauthenticated");
    }

    [Theory]
    [InlineData("DELETE", "/api/rooms", 405)]
    [InlineData("PATCH", "/api/rooms/r_1/join", 405)]
    [InlineData("GET", "/api/nothing", 404)]
    [InlineData("GET", "/metrics", 404)]
    [InlineData("GET", "/cluster/members", 404)]
    [InlineData("GET", "/cluster", 404)]
    public async Task Address_ShouldBeAProblem_WhenThereIsNoSuchEndpoint(string method, string path, int status)
    {
        var ana = await chat.Host.PersonAsync();
        var answer = await chat.Host.SendAsync(method, path, null, ana.Token);
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
    }

    [Fact]
    public async Task PrivateRoom_ShouldNotBeDiscovered_WhenListed()
    {
        var (owner, eve) = (await chat.Host.PersonAsync("owner"), await chat.Host.PersonAsync("eve"));
        var mark = Guid.NewGuid().ToString("N")[..8];
        await owner.CreateRoomAsync($"hidden {mark}", "private");

        Assert.Empty((await eve.GetAsync($"/api/rooms?filter=discover&search={mark}")).Json.GetProperty("items").EnumerateArray());
        Assert.Empty((await eve.GetAsync($"/api/rooms?filter=joined&search={mark}")).Json.GetProperty("items").EnumerateArray());
    }
}
