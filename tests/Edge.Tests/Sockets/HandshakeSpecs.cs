using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class HandshakeSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Hello_ShouldBeAnswered_WhenTheHandshakeCarriesCookiesAndTheOwnOrigin()
    {
        using var browser = await BrowserAsync();
        await using var socket = await Socket.ConnectAsync(Host, configure: options =>
        {
            options.SetRequestHeader("Cookie", CookieOf(browser));
            options.SetRequestHeader("Origin", Host.Url.GetLeftPart(UriPartial.Authority));
        });

        var hello = await socket.HelloAsync(new JsonObject { ["device"] = "d_1", ["client"] = "tests/1.0" });

        Assert.StartsWith("ben", hello.GetProperty("user").GetProperty("username").GetString(), StringComparison.Ordinal);
        Assert.Equal(300_000, hello.GetProperty("heartbeatMs").GetInt32());
        Assert.Equal(65_536, hello.GetProperty("limits").GetProperty("frameBytes").GetInt32());
        Assert.Equal(16_384, hello.GetProperty("limits").GetProperty("textBytes").GetInt32());
        Assert.Equal("akkachat.v1+json", socket.Subprotocol);
    }

    [Fact]
    public async Task Hello_ShouldBeAnswered_WhenABearerTokenIsInTheHandshakeOrInHello()
    {
        var ana = await Host.PersonAsync();
        await using var header = await Socket.ConnectAsync(Host, ana.Token);
        await using var token = await Socket.ConnectAsync(Host);

        Assert.Equal(ana.Id, (await header.HelloAsync()).GetProperty("user").GetProperty("id").GetString());
        Assert.Equal(ana.Id, (await token.HelloAsync(new JsonObject { ["token"] = ana.Token })).GetProperty("user").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Socket_ShouldHoldNothingOfItsHandshake_WhenItIsOpen()
    {
        var ana = await Host.PersonAsync();
        var handshakes = new Handshakes();
        using var listening = Host.Services.GetRequiredService<DiagnosticListener>().Subscribe(handshakes);
        await using var socket = await Socket.ConnectAsync(
            Host, ana.Token, configure: options => options.SetRequestHeader("Cookie", "name=value"));
        await socket.HelloAsync();

        var request = Assert.Single(handshakes.Seen);

        Assert.Equal(101, request.Response.StatusCode);
        Assert.False(request.Request.Headers.ContainsKey("Authorization"));
        Assert.Empty(request.Request.Cookies);
        Assert.Empty(request.User.Claims);
        Assert.Empty(request.Items);
        Assert.Null(request.RequestServices);
    }

    [Fact]
    public async Task Handshake_ShouldBeRefused_WhenItHasCookiesAndNotTheRightOrigin()
    {
        using var browser = await BrowserAsync();
        var own = Host.Url.GetLeftPart(UriPartial.Authority);
        foreach (var origin in new[] { null, "null", "", $"{own}.evil.example", "https://evil.example", $"http://evil.example:{Host.Url.Port}", $"{own}/x" })
        {
            var (status, code) = await RefusedAsync(
                ("Cookie", CookieOf(browser)), ("Origin", origin), ("Sec-WebSocket-Protocol", "akkachat.v1+json"));
            Assert.True((status, code) == (403, "forbidden"), $"{origin ?? "no Origin"}: {status} {code}");
        }
    }

    [Fact]
    public async Task Handshake_ShouldBeRefused_WhenAPageOfAnotherOriginBringsATokenOnly()
    {
        var ana = await Host.PersonAsync();

        Assert.Equal(
            (403, "forbidden"),
            await RefusedAsync(
                ("Authorization", $"Bearer {ana.Token}"), ("Origin", "https://evil.example"), ("Sec-WebSocket-Protocol", "akkachat.v1+json")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("akkachat.v2+json")]
    [InlineData("AKKACHAT.V1+JSON")]
    public async Task Handshake_ShouldSayUnsupportedVersion_WhenTheSubprotocolIsNotOffered(string? subprotocol)
    {
        var ana = await Host.PersonAsync();

        Assert.Equal(
            (400, "unsupported_version"),
            await RefusedAsync(("Authorization", $"Bearer {ana.Token}"), ("Sec-WebSocket-Protocol", subprotocol)));
    }

    [Fact]
    public async Task Handshake_ShouldChooseTheSubprotocol_WhenSeveralAreOffered()
    {
        var ana = await Host.PersonAsync();
        await using var socket = await Socket.ConnectAsync(Host, ana.Token, options => options.AddSubProtocol("other"));

        Assert.Equal("akkachat.v1+json", socket.Subprotocol);
    }

    [Fact]
    public async Task Get_ShouldAskForAnUpgrade_WhenTheRequestIsNoHandshake() =>
        Assert.Equal(426, (await Host.SendAsync("GET", "/ws")).Status);

    [Fact]
    public async Task Request_ShouldBeUnauthenticated_WhenHelloWasNotSaid()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.ConnectAsync(Host, ana.Token);

        foreach (var (op, d) in RoomRequests)
        {
            Assert.Equal("unauthenticated", (await socket.RefusedAsync(op, room, d)).Code);
        }

        await socket.HelloAsync();
    }

    [Fact]
    public async Task Hello_ShouldBeUnauthenticated_WhenThereIsNoGoodToken()
    {
        var ana = await Host.PersonAsync();
        await using var socket = await Socket.ConnectAsync(Host);

        Assert.Equal("unauthenticated", (await socket.RefusedAsync("hello")).Code);
        Assert.Equal("unauthenticated", (await socket.RefusedAsync("hello", d: new JsonObject { ["token"] = "made.up.token" })).Code);
        Assert.Equal("unauthenticated", (await socket.RefusedAsync("hello", d: new JsonObject { ["token"] = ana.Token + "x" })).Code);
        Assert.Equal("invalid", (await socket.RefusedAsync("hello", d: new JsonObject { ["token"] = 5 })).Code);

        // An error leaves the connection as it was.
        await socket.HelloAsync(new JsonObject { ["token"] = ana.Token });
    }

    [Fact]
    public async Task Hello_ShouldBeInvalid_WhenSaidTwice()
    {
        await using var socket = await Socket.OpenAsync(await Host.PersonAsync());

        Assert.Equal("invalid", (await socket.RefusedAsync("hello", d: new JsonObject())).Code);
        await socket.DrainedAsync();
    }

    [Fact]
    public async Task Hello_ShouldBeRefused_WhenTheSessionEndedAfterTheHandshake()
    {
        var ana = await Host.PersonAsync();
        await using var socket = await Socket.ConnectAsync(Host, ana.Token);
        await socket.DrainedAsync();
        Assert.Equal(204, (await ana.PostAsync("/api/auth/logout")).Status);

        await socket.PostAsync("hello", d: new JsonObject());

        Assert.Equal(4501, await socket.ClosedAsync());
        Assert.DoesNotContain(socket.Frames, frame => frame.TryGetProperty("ok", out _));
    }

    internal static (string Op, JsonNode? D)[] RoomRequests =>
    [
        ("message.send", new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "hi" }),
        ("typing", null),
        ("read.set", new JsonObject { ["n"] = 0 }),
        ("room.sync", new JsonObject { ["from"] = 0 }),
        ("presence.watch", null),
        ("presence.unwatch", null),
    ];

    private async Task<EdgeClient> BrowserAsync()
    {
        var browser = Host.Client();
        var answer = await browser.RegisterAsync($"ben-{Guid.NewGuid().ToString("N")[..8]}");
        Assert.True(answer.Status == 201, answer.Text);
        return browser;
    }

    private static string CookieOf(EdgeClient browser) => string.Join("; ", browser.Cookies.Select(c => $"{c.Key}={c.Value}"));

    private async Task<(int Status, string? Code)> RefusedAsync(params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.Url, "ws"));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { Timeout = Socket.Patience };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if ((int)response.StatusCode == 101)
        {
            return (101, null);
        }

        return ((int)response.StatusCode, new Answer(response, await response.Content.ReadAsStringAsync()).Code);
    }

    /// <summary>Keeps the requests that become sockets.</summary>
    private sealed class Handshakes : IObserver<KeyValuePair<string, object?>>
    {
        public ConcurrentQueue<HttpContext> Seen { get; } = new();

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "Microsoft.AspNetCore.Hosting.HttpRequestIn.Start", Value: HttpContext context }
                && context.Request.Headers.SecWebSocketKey.Count > 0)
            {
                Seen.Enqueue(context);
            }
        }

        public void OnError(Exception error)
        {
        }

        public void OnCompleted()
        {
        }
    }
}

[Collection(OnSqlite.Name)]
public sealed class HandshakeOnSqliteSpecs(SqliteChat chat) : HandshakeSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class HandshakeOnPostgresSpecs(PostgresChat chat) : HandshakeSpecs(chat);
