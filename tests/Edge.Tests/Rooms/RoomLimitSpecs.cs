using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Rooms;

/// <summary>What one user may do to rooms, on a host with low limits.</summary>
public sealed class StrictChat : IAsyncLifetime
{
    public ChatHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await ChatHost.StartAsync(new()
    {
        ["AkkaChat:Limits:RequestsPerSecond"] = "10",
        ["AkkaChat:Limits:RoomsPerHour"] = "6",
        ["AkkaChat:Limits:MovesPerRoomPerMinute"] = "4",
        ["AkkaChat:Limits:RoomsPerUser"] = "5",
        ["AkkaChat:Limits:ChangesPerMinute"] = "8",
        ["AkkaChat:Limits:UnknownRoomsPerMinute"] = "12",
    });

    public Task DisposeAsync() => Host.DisposeAsync().AsTask();
}

public sealed class RoomLimitSpecs(StrictChat chat) : IClassFixture<StrictChat>
{
    [Fact]
    public async Task Create_ShouldBeRefused_WhenAUserCreatesTooManyRooms()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var answers = new List<Answer>();
        for (var i = 0; i < 7; i++)
        {
            answers.Add(await ana.PostAsync("/api/rooms", new { name = $"room {i}", visibility = "public" }));
        }

        Assert.Equal([201, 201, 201, 201, 201, 409, 429], answers.Select(answer => answer.Status));
        Assert.Equal("too_many_rooms", answers[5].Code);
        Assert.Equal("rate_limited", answers[6].Code);
        Assert.InRange(answers[6].Json.GetProperty("retryAfterMs").GetInt32(), 1, 600_000);
        await ben.CreateRoomAsync();

        // What a user is in already is open to them.
        var room = answers[0].Json.GetProperty("id").GetString()!;
        Assert.Equal(200, (await ana.PostAsync($"/api/rooms/{room}/join")).Status);
        Assert.Equal("too_many_rooms", (await ana.PostAsync($"/api/rooms/{await ben.CreateRoomAsync()}/join")).Code);
    }

    [Fact]
    public async Task Moves_ShouldBeRefused_WhenAUserJoinsAndLeavesAllTheTime()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var (room, other) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync());
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            statuses.Add((await ben.PostAsync($"/api/rooms/{room}/join")).Status);
            statuses.Add((await ben.PostAsync($"/api/rooms/{room}/leave")).Status);
        }

        Assert.Equal([200, 204, 200, 204, 429, 429], statuses);
        Assert.Equal(6, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("seq").GetInt32());
        await ben.JoinAsync(other);
    }

    /// <summary>Each is an event for all members, as a message is, and sends are limited.</summary>
    [Fact]
    public async Task Changes_ShouldBeRefused_WhenAUserReactsAllTheTime()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ana);
        var message = (await socket.SayAsync(room, "react!")).GetProperty("id").GetString();
        var statuses = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            statuses.Add(i % 2 == 0
                ? (await ben.PutAsync($"/api/rooms/{room}/messages/{message}/reactions/👍")).Status
                : (await ben.DeleteAsync($"/api/rooms/{room}/messages/{message}/reactions/👍")).Status);
        }

        Assert.Equal([.. Enumerable.Repeat(204, 8), 429, 429], statuses);
        Assert.Equal(429, (await ben.PatchAsync("/api/auth/me", new { displayName = "Ben again" })).Status);
        Assert.Equal(429, (await ben.PatchAsync("/api/settings", new { doNotDisturb = true })).Status);
        Assert.Equal(4 + 8, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("seq").GetInt32());
        Assert.Equal(200, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
        Assert.Equal(204, (await ana.PutAsync($"/api/rooms/{room}/messages/{message}/reactions/👍")).Status);
    }

    /// <summary>Each such id has a room's journal looked into, for nothing.</summary>
    [Fact]
    public async Task Ids_ShouldBeRefusedUnseen_WhenAUserNamesManyRoomsThatAreNotThere()
    {
        var (ana, ben, eve) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"), await chat.Host.PersonAsync("eve"));
        var room = await eve.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(eve);
        var statuses = new List<int>();
        for (var i = 0; i < 16; i++)
        {
            statuses.Add((await eve.PostAsync($"/api/rooms/{NewId()}/join")).Status);
        }

        Assert.Equal(Enumerable.Repeat(404, 12), statuses.TakeWhile(status => status == 404));
        Assert.Equal(429, statuses[12]);

        // What was learnt over REST holds on the socket, and what is one's own stays open there.
        var (code, error) = await socket.RefusedAsync("message.send", NewId(), Hi());
        Assert.Equal("rate_limited", code);
        Assert.InRange(error.GetProperty("retryAfterMs").GetInt32(), 1, 10_000);
        await socket.SayAsync(room, "heard");
        Assert.Equal(200, (await ben.GetAsync($"/api/rooms/{room}")).Status);

        // And the other way round: what a socket asked counts over REST.
        await using var other = await Socket.OpenAsync(ben);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("not_found", (await other.RefusedAsync("message.send", NewId(), Hi())).Code);
        }

        Assert.Equal(429, (await ben.GetAsync($"/api/rooms/{NewId()}")).Status);
        Assert.Equal(404, (await ana.GetAsync($"/api/rooms/{NewId()}")).Status);
    }

    private static string NewId() => $"r_{Guid.NewGuid():N}";

    private static JsonObject Hi() => new() { ["cid"] = Socket.NewCid(), ["text"] = "hi" };

    [Fact]
    public async Task Requests_ShouldBeLimitedPerUser_AndOthersServed()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => ana.GetAsync("/api/rooms")));

        Assert.InRange(answers.Count(answer => answer.Status == 200), 40, 110);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal((429, "rate_limited"), (answer.Status, answer.Code)));
        Assert.Equal(200, (await ben.GetAsync("/api/rooms")).Status);
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await ana.GetAsync("/api/rooms")).Status));
    }
}
