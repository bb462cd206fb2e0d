using System.Text.RegularExpressions;
using AkkaChat.Edge.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Rooms;

/// <summary>Who may do what: role × room × endpoint.</summary>
[Collection(OnSqlite.Name)]
public sealed class AuthorizationSpecs(SqliteChat chat)
{
    /// <summary>{room}, {person} and {other}, another member, stand for ids.</summary>
    private static readonly (string Method, string Path, string? Body)[] Endpoints =
    [
        ("GET", "", null), ("GET", "/members", null), ("GET", "/presence", null), ("GET", "/messages", null), ("GET", "/events", null),
        ("PATCH", "", """{"topic":"new"}"""), ("DELETE", "/messages/{room}.1/preview", null),
        ("GET", "/messages/{room}.1", null), ("PATCH", "/messages/{room}.1", """{"text":"new"}"""), ("DELETE", "/messages/{room}.1", null),
        ("PUT", "/messages/{room}.1/reactions/%F0%9F%91%8D", null), ("DELETE", "/messages/{room}.1/reactions/%F0%9F%91%8D", null),
        ("PUT", "/messages/{room}.1/pin", null), ("DELETE", "/messages/{room}.1/pin", null), ("GET", "/pins", null),
        ("PUT", "/members/{other}/role", """{"role":"admin"}"""), ("POST", "/kick", """{"userId":"{other}"}"""),
        ("POST", "/ban", """{"userId":"{other}","reason":"why"}"""), ("POST", "/unban", """{"userId":"{other}"}"""),
        ("GET", "/bans", null), ("GET", "/audit", null),
        ("POST", "/invites", "{}"), ("GET", "/invites", null), ("DELETE", "/invites/none", null),
        ("PATCH", "", """{"name":"new"}"""), ("PATCH", "", """{"visibility":"{visibility}"}"""), ("PATCH", "", """{"archived":false}"""),
        ("PUT", "/preferences", """{"muted":true}"""),
        ("GET", "/saved", null), ("PUT", "/messages/{room}.1/saved", null), ("DELETE", "/messages/{room}.1/saved", null),
        ("GET", "/messages/{room}.1/thread", null), ("PUT", "/messages/{room}.1/follow", null), ("DELETE", "/messages/{room}.1/follow", null),
        ("POST", "/hide", null), ("POST", "/join", null), ("POST", "/leave", null), ("DELETE", "", null),
    ];

    public static TheoryData<string, string, string> Matrix()
    {
        var data = new TheoryData<string, string, string>();
        var unauthenticated = string.Join(',', Endpoints.Select(_ => 401));
        var unknown = string.Join(',', Endpoints.Select(_ => 404));
        foreach (var room in new[] { "public", "private", "none", "malformed" })
        {
            data.Add("anonymous", room, unauthenticated);
            data.Add("ended session", room, unauthenticated);
        }

        data.Add("member", "public", "200,200,200,200,200,403,404,404,404,404,404,404,404,404,200,403,403,403,403,403,403,403,403,403,403,403,403,200,200,404,404,404,404,404,403,200,204,403");
        data.Add("member", "private", "200,200,200,200,200,403,404,404,404,404,404,404,404,404,200,403,403,403,403,403,403,403,403,403,403,403,403,200,200,404,404,404,404,404,403,200,204,404");
        data.Add("admin", "private", "200,200,200,200,200,200,404,404,404,404,404,404,404,404,200,403,204,204,204,200,200,201,200,404,200,403,403,200,200,404,404,404,404,404,403,200,204,404");
        data.Add("owner", "private", "200,200,200,200,200,200,404,404,404,404,404,404,404,404,200,204,204,204,204,200,200,201,200,404,200,200,200,200,200,404,404,404,404,404,403,200,204,404");
        foreach (var role in new[] { "outsider", "left", "kicked" })
        {
            data.Add(role, "public", "200,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,200,204,403");
            data.Add(role, "private", unknown);
        }

        data.Add("banned", "public", "200,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,403,204,403");
        data.Add("banned", "private", unknown);
        // Nobody has a role in a direct room, and nobody leaves it.
        data.Add("member", "direct", "200,200,200,200,200,403,404,404,404,404,404,404,404,404,200,403,403,403,403,403,403,403,403,403,403,403,403,200,200,404,404,404,404,404,204,200,403,403");
        data.Add("outsider", "direct", unknown);
        data.Add("anonymous", "direct", unauthenticated);
        data.Add("member", "none", unknown);
        data.Add("member", "malformed", unknown);
        return data;
    }

    /// <summary>A new endpoint of a room needs a column here.</summary>
    [Fact]
    public void Endpoint_ShouldBeInTheMatrix()
    {
        var missing = chat.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/rooms/{id}", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (Method: method, Path: endpoint.RoutePattern.RawText!)))
            .Where(route => !Endpoints.Any(column => column.Method == route.Method && Regex.IsMatch(
                $"/api/rooms/r{column.Path}", $"^{Regex.Replace(route.Path.TrimEnd('/'), @"\{\w+\}", "[^/]+")}$")));
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Endpoint_ShouldAnswerByMembership_WhenAsked(string role, string room, string expected)
    {
        var owner = await chat.Host.PersonAsync("owner");
        var person = role == "owner" ? owner : await chat.Host.PersonAsync("person");
        var other = await chat.Host.PersonAsync("other");
        var id = room switch
        {
            "none" => $"r_{new string('0', 32)}",
            "malformed" => "r_1%27%20OR%201=1",
            "direct" => await People.DirectSpecs.DirectAsync(owner, role == "member" ? [other, person] : [other]),
            _ => await owner.CreateRoomAsync(visibility: room),
        };
        if (room is "public" or "private")
        {
            await SetRoleAsync(owner, person, id, role);
            await other.JoinInvitedAsync(id);
        }

        if (role == "ended session")
        {
            await person.PostAsync("/api/auth/logout");
        }

        var got = new List<int>();
        foreach (var (method, path, body) in Endpoints)
        {
            var content = body is null ? null : new StringContent(Filled(body), System.Text.Encoding.UTF8, "application/json");
            var answer = await chat.Host.SendAsync(method, $"/api/rooms/{id}{Filled(path)}", content, role == "anonymous" ? null : person.Token);
            got.Add(answer.Status);
            if (answer.Status >= 400)
            {
                RoomRestSpecs.AssertProblem(
                    answer, answer.Status, answer.Status switch { 401 => "unauthenticated", 403 => "forbidden", _ => "not_found" });
                Assert.DoesNotContain(id, answer.Text, StringComparison.Ordinal);
            }
        }

        Assert.Equal(expected, string.Join(',', got));

        string Filled(string text) => text.Replace("{room}", id, StringComparison.Ordinal).Replace("{other}", other.Id, StringComparison.Ordinal)
            .Replace("{visibility}", room == "public" ? room : "private", StringComparison.Ordinal);
    }

    /// <summary>Searching a room, and searching everywhere: what it says is found by its members alone.</summary>
    [Theory]
    [InlineData("anonymous", "public", 401, 0)]
    [InlineData("ended session", "public", 401, 0)]
    [InlineData("member", "public", 200, 1)]
    [InlineData("member", "private", 200, 1)]
    [InlineData("admin", "private", 200, 1)]
    [InlineData("owner", "private", 200, 1)]
    [InlineData("outsider", "public", 403, 0)]
    [InlineData("outsider", "private", 404, 0)]
    [InlineData("left", "public", 403, 0)]
    [InlineData("left", "private", 404, 0)]
    [InlineData("kicked", "public", 403, 0)]
    [InlineData("kicked", "private", 404, 0)]
    [InlineData("banned", "public", 403, 0)]
    [InlineData("banned", "private", 404, 0)]
    [InlineData("member", "none", 404, 0)]
    [InlineData("member", "malformed", 404, 0)]
    public async Task Search_ShouldAnswerByMembership_WhenAsked(string role, string room, int status, int hits)
    {
        var owner = await chat.Host.PersonAsync("owner");
        var person = role == "owner" ? owner : await chat.Host.PersonAsync("person");
        var mark = Guid.NewGuid().ToString("N");
        var id = room switch
        {
            "none" => $"r_{new string('0', 32)}",
            "malformed" => "r_1%27%20OR%201=1",
            _ => await owner.CreateRoomAsync($"room {mark}", room),
        };
        if (room is "public" or "private")
        {
            await SetRoleAsync(owner, person, id, role);
            await owner.FillAsync(id, 1, _ => $"said {mark}");
        }

        if (role == "ended session")
        {
            await person.PostAsync("/api/auth/logout");
        }

        var token = role == "anonymous" ? null : person.Token;
        var inRoom = await chat.Host.SendAsync("GET", $"/api/search?q={mark}&room={id}", null, token);
        Assert.Equal(status, inRoom.Status);
        foreach (var parameters in new[] { $"q={mark}", $"q={mark}&in={id}", $"q={mark}%20from:{owner.Username}" })
        {
            var anywhere = await chat.Host.SendAsync("GET", $"/api/search?{parameters}", null, token);
            Assert.Equal(status == 401 ? 401 : 200, anywhere.Status);
            Assert.Equal(hits, anywhere.Status == 200 ? anywhere.Json.GetProperty("items").GetArrayLength() : 0);
        }

        var rooms = await chat.Host.SendAsync("GET", $"/api/search?type=rooms&q={mark}", null, token);
        Assert.Equal(room == "public" || hits > 0 ? 1 : 0, rooms.Status == 200 ? rooms.Json.GetProperty("items").GetArrayLength() : room == "public" ? 1 : 0);
    }

    private static async Task SetRoleAsync(Person owner, Person person, string room, string role)
    {
        if (role is "member" or "admin" or "left" or "kicked" or "banned")
        {
            await person.JoinInvitedAsync(room);
        }

        switch (role)
        {
            case "admin":
                await AssertDoneAsync(owner.PutAsync($"/api/rooms/{room}/members/{person.Id}/role", new { role }));
                break;
            case "left":
                await person.LeaveAsync(room);
                break;
            case "kicked":
                await AssertDoneAsync(owner.PostAsync($"/api/rooms/{room}/kick", new { userId = person.Id }));
                break;
            case "banned":
                await AssertDoneAsync(owner.PostAsync($"/api/rooms/{room}/ban", new { userId = person.Id }));
                break;
        }

        static async Task AssertDoneAsync(Task<Answer> answer) => Assert.Equal(204, (await answer).Status);
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
