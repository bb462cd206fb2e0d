using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.LinkCards;

/// <summary>From a message with a link to the card in everybody's room, through the whole product.</summary>
public abstract partial class LinkCardSpecs : IAsyncLifetime
{
    private TestSite _site = null!;
    private ChatHost _host = null!;

    public async Task InitializeAsync()
    {
        _site = TestSite.Start();
        _site.Html("/a", "<title>Page A</title><meta name=description content='About A'>");
        _site.Html("/b", "<title>Page B</title>");
        _host = await ChatHost.StartAsync(new Dictionary<string, string?>(await DatabaseAsync())
        {
            ["AkkaChat:LinkCards:AllowedNetworks:0"] = "127.0.0.0/8",
            ["AkkaChat:LinkCards:AllowedPorts:0"] = $"{_site.Port}",
        });
    }

    public virtual async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _site.DisposeAsync();
    }

    protected abstract Task<Dictionary<string, string?>> DatabaseAsync();

    [Fact]
    public async Task Card_ShouldReachTheMembers_AndBeInHistoryAndOnResume()
    {
        var (ana, ben, eve) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"), await _host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ana);
        await using var other = await Socket.OpenAsync(ben);
        await using var outside = await Socket.OpenAsync(eve);

        await socket.SayAsync(room, $"look: {_site.Url("/a")}, {_site.Url("/none")} and {_site.Url("/b")}.");

        var attached = await other.EventAsync("link.attached");
        var d = attached.GetProperty("d");
        Assert.Equal(($"{room}.4", 1, 5), (
            d.GetProperty("id").GetString(), d.GetProperty("n").GetInt32(), attached.GetProperty("seq").GetInt32()));
        Assert.Equal(
            $$"""[{"url":"{{_site.Url("/a")}}","title":"Page A","description":"About A","site":"127.0.0.1","image":null},{"url":"{{_site.Url("/b")}}","title":"Page B","description":"","site":"127.0.0.1","image":null}]""",
            d.GetProperty("cards").GetRawText());
        Assert.Equal(d.GetProperty("cards").GetRawText(), (await PreviewAsync(ben, room))!.Value.GetProperty("cards").GetRawText());
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 4)));
        var sync = back.Frames.Single(frame => Socket.Name(frame) == "room.sync").GetProperty("d").GetProperty("events");
        Assert.Equal("link.attached", Socket.Name(sync.EnumerateArray().Single()));
        await outside.PostAsync("ping");
        await outside.EventAsync("pong");
        Assert.DoesNotContain(outside.Frames, frame => frame.GetRawText().Contains("Page A", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_ShouldBeFetchedOnce_WhenManyPostItsLink()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(room, _site.Url("/a"));
        await socket.EventAsync("link.attached");

        await socket.SayAsync(room, $"again {_site.Url("/a")}");

        await socket.EventAsync("link.attached", frame => frame.GetProperty("d").GetProperty("n").GetInt32() == 2);
        Assert.Equal(1, _site.Count("/a"));
    }

    [Fact]
    public async Task Cards_ShouldBeRemovedForGood_ByTheAuthorAlone()
    {
        var (ana, ben) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ana);
        await using var other = await Socket.OpenAsync(ben);
        await socket.SayAsync(room, _site.Url("/a"));
        var message = (await other.EventAsync("link.attached")).GetProperty("d").GetProperty("id").GetString()!;

        Assert.Equal("forbidden", (await other.RefusedAsync("link.remove", room, new JsonObject { ["message"] = message })).Code);
        RoomRestSpecs.AssertProblem(
            await _host.SendAsync("DELETE", $"/api/rooms/{room}/messages/{message}/preview", null, ben.Token), 403, "forbidden");
        Assert.Equal("invalid", (await socket.RefusedAsync("link.remove", room, new JsonObject { ["message"] = $"r_{new string('0', 32)}.1" })).Code);
        Assert.Equal("not_found", (await socket.RefusedAsync("link.remove", room, new JsonObject { ["message"] = $"{room}.99" })).Code);
        await socket.OkAsync("link.remove", room, new JsonObject { ["message"] = message });

        var removed = await other.EventAsync("link.attached", frame => frame.GetProperty("d").GetProperty("cards").GetArrayLength() == 0);
        Assert.Equal(message, removed.GetProperty("d").GetProperty("id").GetString());
        Assert.Null(await PreviewAsync(ben, room));
        Assert.Equal(204, (await _host.SendAsync("DELETE", $"/api/rooms/{room}/messages/{message}/preview", null, ana.Token)).Status);
        Assert.Equal(6, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task Room_ShouldGetNoCards_WhenItsOwnerHasTurnedThemOff()
    {
        var (ana, ben) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"));
        var (quiet, other) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync());
        await ben.JoinAsync(quiet);
        await using var socket = await Socket.OpenAsync(ana);
        RoomRestSpecs.AssertProblem(await ben.PatchAsync($"/api/rooms/{quiet}", new { linkCards = false }), 403, "forbidden");

        var off = await ana.PatchAsync($"/api/rooms/{quiet}", new { linkCards = false, topic = "quiet" });

        Assert.Equal((200, false, "quiet"), (
            off.Status, off.Json.GetProperty("linkCards").GetBoolean(), off.Json.GetProperty("topic").GetString()));
        var changed = await socket.EventAsync("room.linkCardsChanged");
        Assert.Equal((quiet, false), (changed.GetProperty("room").GetString(), changed.GetProperty("d").GetProperty("linkCards").GetBoolean()));
        await socket.SayAsync(quiet, _site.Url("/b"));
        await socket.SayAsync(other, _site.Url("/a"));
        await socket.EventAsync("link.attached", frame => frame.GetProperty("room").GetString() == other);
        Assert.Null(await PreviewAsync(ana, quiet));
        Assert.Equal(0, _site.Count("/b"));
    }

    private static async Task<JsonElement?> PreviewAsync(Person person, string room)
    {
        var page = await person.GetAsync($"/api/rooms/{room}/messages");
        var preview = page.Json.GetProperty("items").EnumerateArray().First().GetProperty("preview");
        return preview.ValueKind == JsonValueKind.Null ? null : preview;
    }
}

public sealed class LinkCardOnSqliteSpecs : LinkCardSpecs
{
    protected override Task<Dictionary<string, string?>> DatabaseAsync() => Task.FromResult<Dictionary<string, string?>>([]);
}

public sealed class LinkCardOnPostgresSpecs : LinkCardSpecs
{
    private readonly PostgresFixture _postgres = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override async Task<Dictionary<string, string?>> DatabaseAsync()
    {
        await _postgres.InitializeAsync();
        return new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = await _postgres.CreateDatabaseAsync(),
        };
    }
}
