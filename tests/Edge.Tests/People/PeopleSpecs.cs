using AkkaChat.Support;
using System.Text.Json;
using AkkaChat.Edge.People;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using Microsoft.Extensions.DependencyInjection;
using static AkkaChat.Edge.Tests.People.DirectSpecs;

namespace AkkaChat.Edge.Tests.People;

public abstract class PeopleSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Search_ShouldFindBeginnings_InAnyCaseAndWithAnyAccent()
    {
        var mark = Guid.NewGuid().ToString("N")[..8];
        var ana = await Host.PersonAsync($"{mark}.Zoe-K", isExact: true);
        await ana.PatchAsync("/api/auth/me", new { displayName = $"Žofie Ünal {mark}x" });
        var other = await Host.PersonAsync($"{mark}-two", isExact: true);

        foreach (var search in new[] { $"{mark} zoe", $"{mark} zof", $"ÚNAL {mark}", $"@{mark}.z", $"{mark}X", $"{mark} k" })
        {
            Assert.Equal([ana.Id], await FoundAsync(other, search));
        }

        Assert.Equal([other.Id, ana.Id], await FoundAsync(ana, mark)); // by username: - is before .
        foreach (var search in new[] { $"{mark} ofie", mark[1..], "%", "_", "", " ", $"{mark}%" })
        {
            Assert.Empty(await FoundAsync(other, search));
        }

        await ana.PatchAsync("/api/auth/me", new { displayName = "Nobody" });
        Assert.Empty(await FoundAsync(other, $"unal {mark}"));
        Assert.Equal([ana.Id], await FoundAsync(other, $"nobo {mark}"));
    }

    [Fact]
    public async Task Search_ShouldComeInPages_AndShowNoAddresses()
    {
        var mark = Guid.NewGuid().ToString("N")[..8];
        var people = new List<Person>();
        for (var i = 0; i < 5; i++)
        {
            people.Add(await Host.PersonAsync($"{mark}.{i}", isExact: true));
        }

        var found = new List<string>();
        string? cursor = null;
        do
        {
            var answer = await people[0].GetAsync($"/api/users?search={mark}&limit=2&cursor={cursor}");
            Assert.DoesNotContain("private.example", answer.Text, StringComparison.Ordinal);
            found.AddRange(answer.Json.GetProperty("items").EnumerateArray().Select(person => Text(person, "id")));
            cursor = answer.Json.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(people.Select(person => person.Id), found);
    }

    [Fact]
    public async Task Search_ShouldBeLimited()
    {
        var ana = await Host.PersonAsync("ana");
        Assert.Equal(200, (await ana.GetAsync("/api/users?search=none")).Status);

        // As many searches at once would be a test of the machine.
        var throttle = Host.Services.GetRequiredService<PeopleThrottle>();
        await Eventually.AssertAsync(async () =>
        {
            while (throttle.TrySearch(ana.Account.Id) is null)
            {
            }

            RoomRestSpecs.AssertProblem(await ana.GetAsync("/api/users?search=none"), 429, "rate_limited");
        });
        Assert.Equal(200, (await (await Host.PersonAsync()).GetAsync("/api/users?search=none")).Status);
        RoomRestSpecs.AssertProblem(await ana.GetAsync($"/api/users?search={new string('x', 101)}"), 400, "invalid");
        RoomRestSpecs.AssertProblem(await Host.SendAsync("GET", "/api/users?search=ana"), 401, "unauthenticated");
    }

    [Fact]
    public async Task Status_ShouldBeSeenByThoseWhoShareARoom()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ben);

        var answer = await ana.PatchAsync("/api/auth/me", new { status = new { emoji = "🌴", text = " on leave " } });

        Assert.Equal(("🌴", "on leave"), Status(answer.Json));
        Assert.Equal(("🌴", "on leave"), Status((await socket.EventAsync("user.changed")).GetProperty("d")));
        Assert.Equal(("🌴", "on leave"), Status((await ben.GetAsync($"/api/users/{ana.Id}")).Json));
        Assert.Equal(("🌴", "on leave"), Status((await ana.PatchAsync("/api/auth/me", new { displayName = "Ana" })).Json));
        Assert.Equal(JsonValueKind.Null, (await ana.PatchAsync("/api/auth/me", new { status = (object?)null })).Json.GetProperty("status").ValueKind);
        object[] bad = ["away", new { emoji = "ab" }, new { text = "a\nb" }, new { text = new string('x', 101) }, new { emoji = 1 }];
        foreach (var status in bad)
        {
            var refused = await ana.PatchAsync("/api/auth/me", new { status });
            RoomRestSpecs.AssertProblem(refused, 400, "invalid");
            Assert.Equal("status", string.Join(',', refused.Errors));
        }
    }

    [Fact]
    public async Task Profile_ShouldTellWhenSomebodyWasLastSeen()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        var before = TimeProvider.System.GetUtcNow();
        await using (await Socket.OpenAsync(ben))
        {
            await AkkaChat.Support.Eventually.AssertAsync(async () => Assert.True(Bool(await ProfileAsync(ana, ben), "online")));
            Assert.Equal(JsonValueKind.Null, (await ProfileAsync(ana, ben)).GetProperty("lastSeen").ValueKind);
        }

        await AkkaChat.Support.Eventually.AssertAsync(async () =>
        {
            await Host.Services.GetRequiredService<LastSeen>().FlushAsync(CancellationToken.None);
            var profile = await ProfileAsync(ana, ben);
            Assert.False(Bool(profile, "online"));
            Assert.InRange(profile.GetProperty("lastSeen").GetDateTimeOffset(), before.AddMinutes(-1), TimeProvider.System.GetUtcNow());
        });
        var cy = await Host.PersonAsync("cy");
        await cy.JoinAsync(room);
        Assert.Equal("owner", Text((await cy.GetAsync($"/api/users/{ana.Id}?room={room}")).Json, "role"));
        Assert.Equal(JsonValueKind.Null, (await ana.GetAsync($"/api/users/{ben.Id}?room={room}")).Json.GetProperty("role").ValueKind);
        RoomRestSpecs.AssertProblem(await ana.GetAsync($"/api/users/u_{new string('0', 32)}"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.GetAsync("/api/users/ben"), 404, "not_found");
    }

    [Fact]
    public async Task Profile_ShouldNotTellTheRole_ToWhoMayNotSeeTheRoom()
    {
        var (ana, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        Assert.Equal(JsonValueKind.Null, (await eve.GetAsync($"/api/users/{ana.Id}?room={room}")).Json.GetProperty("role").ValueKind);
    }

    private static async Task<JsonElement> ProfileAsync(Person by, Person of) => (await by.GetAsync($"/api/users/{of.Id}")).Json;

    private static (string, string) Status(JsonElement of) => (Text(of.GetProperty("status"), "emoji"), Text(of.GetProperty("status"), "text"));

    private static async Task<IEnumerable<string>> FoundAsync(Person by, string search)
    {
        var answer = await by.GetAsync($"/api/users?search={Uri.EscapeDataString(search)}");
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(person => Text(person, "id"))];
    }
}

[Collection(OnSqlite.Name)]
public sealed class PeopleOnSqliteSpecs(SqliteChat chat) : PeopleSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class PeopleOnPostgresSpecs(PostgresChat chat) : PeopleSpecs(chat);
