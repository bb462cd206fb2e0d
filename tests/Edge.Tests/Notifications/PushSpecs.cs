using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Notifications;

/// <summary>From a message to what a browser without an open page is told, through a push service that decrypts.</summary>
public abstract class PushSpecs : IAsyncLifetime
{
    private FakeBrowser _browser = null!;
    private FakePushService _service = null!;
    private ChatHost _host = null!;
    private Person _ana = null!;
    private Person _ben = null!;
    private string _room = "";
    private Socket _sender = null!;

    public async Task InitializeAsync()
    {
        _browser = FakeBrowser.Create();
        _service = await FakePushService.StartAsync();
        _host = await ChatHost.StartAsync(new Dictionary<string, string?>(await DatabaseAsync())
        {
            ["AkkaChat:Push:AllowedNetworks:0"] = "127.0.0.0/8",
            ["AkkaChat:Push:AllowedPorts:0"] = $"{_service.Url.Port}",
            ["AkkaChat:Push:Subject"] = "mailto:ops@example.org",
        });
        (_ana, _ben) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"));
        _room = await _ana.CreateRoomAsync("the room");
        await _ben.JoinAsync(_room);
        _sender = await Socket.OpenAsync(_ana);
    }

    public virtual async Task DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _host.DisposeAsync();
        await _service.DisposeAsync();
        _browser.Dispose();
    }

    protected abstract Task<Dictionary<string, string?>> DatabaseAsync();

    [Fact]
    public async Task Push_ShouldBeReadableByTheBrowserOnly_AndSignedByTheInstallation()
    {
        await SubscribeAsync(_ben, "ben");
        await SubscribeAsync(_ana, "ana");
        await _sender.SayAsync(_room, "for everybody");
        await _sender.SayAsync(_room, $"for @{_ben.Username} 🦊 {new string('x', 2_000)}");

        await DrainedAsync();

        var push = Assert.Single(_service.ReadBy(_browser, "ben"));
        Assert.Equal((_room, "the room", $"{_room}.5", 2, true), (
            Text(push, "room"), Text(push, "name"), Text(push, "id"), push.GetProperty("n").GetInt32(), push.GetProperty("mentioned").GetBoolean()));
        Assert.StartsWith($"for @{_ben.Username} 🦊 xxx", Text(push, "text"), StringComparison.Ordinal);
        Assert.EndsWith("x…", Text(push, "text"), StringComparison.Ordinal);
        var received = Assert.Single(_service.Received);
        Assert.Equal(("high", 4 * 3600), (received.Urgency, received.TimeToLive));
        AssertSigned(received, Text((await _ben.GetAsync("/api/push/key")).Json, "publicKey"));
    }

    [Fact]
    public async Task Push_ShouldFollowPreferencesAndSettings()
    {
        await SubscribeAsync(_ben, "ben");
        await SetAsync(new { notify = "all" });
        await SayAsync("1 arrives");
        await SetAsync(new { muted = true });
        await SayAsync("2 of a muted room");
        await SayAsync($"3 arrives @{_ben.Username}");
        await SayAsync("3 arrives too @room");
        await SetAsync(new { notify = "none" });
        await SayAsync($"4 of a room without notices @{_ben.Username}");
        await SetAsync(new { notify = (string?)null, muted = false });
        await SayAsync("5 that mentions nobody");
        Assert.Equal(200, (await _ben.PatchAsync("/api/settings", new { notify = "all" })).Status);
        await SayAsync("6 arrives");
        Assert.Equal(200, (await _ben.PatchAsync("/api/settings", new { quietUntil = "2999-01-01T00:00:00Z" })).Status);
        await SayAsync($"7 at a quiet time @{_ben.Username}");
        Assert.Equal(200, (await _ben.PatchAsync("/api/settings", new { quietUntil = (string?)null })).Status);
        Assert.Equal(204, (await _ben.PutAsync("/api/push/activity", new { active = true })).Status);
        await SayAsync("8 while he looks at another device");
        Assert.Equal(204, (await _ben.PutAsync("/api/push/activity", new { active = false })).Status);
        await SayAsync("9 arrives");

        Assert.Equal(
            ["1 arrives", $"3 arrives @{_ben.Username}", "3 arrives too @room", "6 arrives", "9 arrives"],
            _service.ReadBy(_browser, "ben").Select(push => Text(push, "text")));

        async Task SetAsync(object preferences) =>
            Assert.Equal(200, (await _ben.PutAsync($"/api/rooms/{_room}/preferences", preferences)).Status);
    }

    [Theory]
    [InlineData("leaves")]
    [InlineData("reads it")]
    [InlineData("logs out")]
    [InlineData("is deleted")]
    public async Task Push_ShouldNotBeSent_WhereTheUserMayNotOrNeedNotSeeItAnyMore(string what)
    {
        await SubscribeAsync(_ben, "ben");
        _service.Answers.Clear();
        _service.Answers.Enqueue(503);
        _service.Answers.Enqueue(201);
        await using var reader = what == "reads it" ? await Socket.OpenAsync(await _ben.OtherSessionAsync()) : null;
        var sent = await _sender.SayAsync(_room, $"@{_ben.Username}");
        await Eventually.AssertAsync(() => Assert.Single(_service.Received));

        switch (what)
        {
            case "leaves":
                await _ben.LeaveAsync(_room);
                break;
            case "reads it":
                await reader!.OkAsync("read.set", _room, new JsonObject { ["n"] = 1 });
                break;
            case "logs out":
                Assert.Equal(204, (await _ben.PostAsync("/api/auth/logout")).Status);
                break;
            default:
                Assert.Equal(204, (await _ana.DeleteAsync($"/api/rooms/{_room}/messages/{Text(sent, "id")}")).Status);
                break;
        }

        await DrainedAsync();
        Assert.Single(_service.Received);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Subscription_ShouldBeRemoved_WhenThePushServiceHasEndedIt(int status)
    {
        await SubscribeAsync(_ben, "ben");
        Assert.True((await _ben.GetAsync("/api/settings")).Json.GetProperty("push").GetBoolean());
        _service.Answers.Clear();
        _service.Answers.Enqueue(status);

        await SayAsync($"@{_ben.Username}");
        await SayAsync($"@{_ben.Username} again");

        Assert.Single(_service.Received);
        Assert.False((await _ben.GetAsync("/api/settings")).Json.GetProperty("push").GetBoolean());
    }

    [Fact]
    public async Task Subscription_ShouldMoveToWhoeverUsesTheBrowser_AndEndWhereItIsAskedFor()
    {
        var first = await SubscribeAsync(_ben, "shared");
        var carl = await _host.PersonAsync("carl");
        await carl.JoinAsync(_room);
        Assert.Equal(first, await SubscribeAsync(carl, "shared"));
        await SayAsync($"@{_ben.Username}");
        Assert.Empty(_service.Received);
        RoomRestSpecs.AssertProblem(await _ben.DeleteAsync($"/api/push/subscriptions/{first}"), 404, "not_found");
        Assert.Equal(204, (await carl.DeleteAsync($"/api/push/subscriptions/{first}")).Status);
        await SayAsync($"@{carl.Username}");
        Assert.Empty(_service.Received);
    }

    private async Task<string> SubscribeAsync(Person person, string name)
    {
        var answer = await person.PostAsync("/api/push/subscriptions", _browser.Subscription(_service.Endpoint(name)));
        Assert.True(answer.Status == 201, answer.Text);
        return Text(answer.Json, "id");
    }

    private async Task SayAsync(string text)
    {
        await _sender.SayAsync(_room, text);
        await DrainedAsync();
    }

    /// <summary>The messages so far are in the tables, and nothing waits to be pushed.</summary>
    private async Task DrainedAsync()
    {
        await _ana.GetAsync($"/api/rooms/{_room}");
        await Eventually.AssertAsync(async () => Assert.DoesNotContain(
            await _host.Services.GetRequiredService<WorkOperations>().GetDepthsAsync(),
            depth => depth.Kind.StartsWith("push", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
    }

    /// <summary>RFC 8292: a token for this push service, signed with the key beside it.</summary>
    private void AssertSigned(ReceivedPush push, string publicKey)
    {
        var parts = push.Authorization["vapid ".Length..].Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        Assert.Equal(publicKey, parts["k"]);
        var token = parts["t"].Split('.');
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token[1])).RootElement;
        // The library names the origin without its port; push services are at the default one.
        Assert.Equal(($"{_service.Url.Scheme}://{_service.Url.Host}", "mailto:ops@example.org"), (Text(claims, "aud"), Text(claims, "sub")));
        var point = Base64Url.DecodeFromChars(publicKey);
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33], Y = point[33..] },
        });
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

public sealed class PushOnSqliteSpecs : PushSpecs
{
    protected override Task<Dictionary<string, string?>> DatabaseAsync() => Task.FromResult<Dictionary<string, string?>>([]);
}

public sealed class PushOnPostgresSpecs : PushSpecs, IClassFixture<PostgresFixture>
{
    private readonly PostgresFixture _postgres;

    public PushOnPostgresSpecs(PostgresFixture postgres) => _postgres = postgres;

    protected override async Task<Dictionary<string, string?>> DatabaseAsync() => new()
    {
        ["AkkaChat:Database:Provider"] = "postgres",
        ["AkkaChat:Database:ConnectionString"] = await _postgres.CreateDatabaseAsync(),
    };
}
