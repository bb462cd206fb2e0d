using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>A host with the limits of production and a clock that can be moved.</summary>
public sealed class LimitedChat : IAsyncLifetime
{
    public ShiftedTime Time { get; } = new();

    public ChatHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await ChatHost.StartAsync(
        new()
        {
            ["AkkaChat:Sockets:SendPerSecond"] = "5",
            ["AkkaChat:Sockets:SendBurst"] = "20",
            ["AkkaChat:Sockets:RequestsPerSecond"] = "50",
            ["AkkaChat:Sockets:MaxPerUser"] = "3",
            ["AkkaChat:Sockets:Heartbeat"] = "00:00:10",
        },
        Time);

    public Task DisposeAsync() => Host.DisposeAsync().AsTask();
}

public sealed class LimitSpecs(LimitedChat chat) : IClassFixture<LimitedChat>
{
    [Fact]
    public async Task Send_ShouldBeRateLimitedAndRecover_WhenTheBurstIsUsedUp()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ana);
        await using var other = await Socket.OpenAsync(ben);

        var ids = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            ids.Add(await socket.PostAsync("message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = $"{i}" }));
        }

        var replies = await Task.WhenAll(ids.Select(socket.ReplyAsync));
        var refused = replies.Where(reply => reply.TryGetProperty("err", out _)).Select(reply => reply.GetProperty("err")).ToList();
        Assert.InRange(refused.Count, 1, 40);
        Assert.All(refused, error =>
        {
            Assert.Equal("rate_limited", error.GetProperty("code").GetString());
            Assert.True(error.GetProperty("retryable").GetBoolean());
            Assert.InRange(error.GetProperty("retryAfterMs").GetInt32(), 1, 200);
        });
        await other.SayAsync(room, "the others' limits are their own");

        chat.Time.Advance(TimeSpan.FromMilliseconds(refused[^1].GetProperty("retryAfterMs").GetInt32()));
        await socket.SayAsync(room, "waited");
        var shown = (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("head").GetProperty("n").GetInt32();
        Assert.Equal(60 - refused.Count + 2, shown);
    }

    [Fact]
    public async Task Requests_ShouldBeRateLimited_WhenThereAreTooMany()
    {
        await using var socket = await Socket.OpenAsync(await chat.Host.PersonAsync());
        JsonElement error;
        do
        {
            // In parts: a connection with more replies waiting than its queue holds is closed as too slow, however fast it reads.
            var answered = socket.Count + 100;
            for (var i = 1; i <= 100; i++)
            {
                await socket.PostAsync("ping", isSilent: i < 100);
            }

            await Eventually.AssertAsync(() => Assert.Equal(answered, socket.Count));
        }
        while (!socket.Frames[^1].TryGetProperty("err", out error));

        Assert.Equal("rate_limited", error.GetProperty("code").GetString());
        Assert.InRange(error.GetProperty("retryAfterMs").GetInt32(), 1, 1000);
        chat.Time.Advance(TimeSpan.FromSeconds(10));
        await socket.DrainedAsync();
    }

    [Fact]
    public async Task Hello_ShouldBeBusy_WhenTheUserHasTooManySockets()
    {
        var ana = await chat.Host.PersonAsync();
        var open = new List<Socket>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await Socket.OpenAsync(ana));
        }

        await using var fourth = await Socket.ConnectAsync(chat.Host, ana.Token);
        var (code, error) = await fourth.RefusedAsync("hello", d: new JsonObject());
        Assert.Equal("busy", code);
        Assert.True(error.GetProperty("retryAfterMs").GetInt32() > 0);
        await using var other = await Socket.OpenAsync(await chat.Host.PersonAsync("ben"));

        await open[0].DisposeAsync();
        await Eventually.AssertAsync(async () => Assert.True((await fourth.RequestAsync("hello", d: new JsonObject())).TryGetProperty("ok", out _)));
        foreach (var socket in open)
        {
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task Hellos_ShouldNotPassTheLimit_WhenTheyComeAtOnce()
    {
        var ana = await chat.Host.PersonAsync();
        var sockets = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Socket.ConnectAsync(chat.Host, ana.Token)));

        var replies = await Task.WhenAll(sockets.Select(socket => socket.RequestAsync("hello", d: new JsonObject())));

        Assert.Equal(3, replies.Count(reply => reply.TryGetProperty("ok", out _)));
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sends_ShouldBeLimitedForAllSocketsOfAUserTogether()
    {
        await using var host = await ChatHost.StartAsync(new()
        {
            ["AkkaChat:Sockets:SendPerSecond"] = "0.001",
            ["AkkaChat:Sockets:SendBurst"] = "10",
            ["AkkaChat:Sockets:UserFactor"] = "2",
        });
        var ana = await host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var stored = 0;
        for (var i = 0; i < 3; i++)
        {
            await using var socket = await Socket.OpenAsync(ana);
            for (var n = 0; n < 10; n++)
            {
                var reply = await socket.RequestAsync("message.send", room, new JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "x" });
                stored += reply.TryGetProperty("ok", out _) ? 1 : 0;
            }
        }

        Assert.Equal(20, stored);
    }

    [Fact]
    public async Task Connection_ShouldBeClosedWith4429_WhenItSendsJunkAllTheTime()
    {
        await using var socket = await Socket.OpenAsync(await chat.Host.PersonAsync());
        await using var other = await Socket.OpenAsync(await chat.Host.PersonAsync("ben"));

        for (var i = 0; i < 6; i++)
        {
            var from = socket.Count;
            for (var n = 0; n < 100; n++)
            {
                await IgnoreBrokenAsync(socket.SendAsync("junk"));
            }

            if (i < 5)
            {
                await Eventually.AssertAsync(() => Assert.Equal(from + 100, socket.Count));
            }
        }

        Assert.Equal(4429, await socket.ClosedAsync());
        await other.DrainedAsync();
    }

    [Fact]
    public async Task Sockets_ShouldBeRefused_WhenAnAddressHasTooManyThatWaitForHello()
    {
        await using var host = await ChatHost.StartAsync(new()
        {
            ["AkkaChat:Sockets:MaxWaitingPerAddress"] = "3",
            ["AkkaChat:Sockets:MaxPerAddress"] = "5",
        });
        var ana = await host.PersonAsync();
        var waiting = new List<Socket>();
        for (var i = 0; i < 3; i++)
        {
            waiting.Add(await Socket.ConnectAsync(host, ana.Token));
        }

        await AssertRefusedAsync();
        await waiting[0].HelloAsync();
        await waiting[1].HelloAsync();
        waiting.Add(await Socket.ConnectAsync(host, ana.Token));
        waiting.Add(await Socket.ConnectAsync(host, ana.Token));
        await waiting[2].HelloAsync();
        await AssertRefusedAsync();

        await waiting[0].DisposeAsync();
        await Eventually.AssertAsync(async () => waiting.Add(await Socket.ConnectAsync(host, ana.Token)));
        foreach (var socket in waiting)
        {
            await socket.DisposeAsync();
        }

        Task AssertRefusedAsync() =>
            Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => Socket.ConnectAsync(host, ana.Token));
    }

    [Fact]
    public async Task Connection_ShouldBeClosedWith4409_WhenItWasSilent()
    {
        await using var silent = await Socket.OpenAsync(await chat.Host.PersonAsync());
        await using var talking = await Socket.OpenAsync(await chat.Host.PersonAsync());

        for (var passed = 0; passed < 20; passed += 5)
        {
            // In steps far below the time after which a write that has not ended counts as stuck.
            chat.Time.Advance(TimeSpan.FromSeconds(5));
            await talking.DrainedAsync();
        }

        chat.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(4409, await silent.ClosedAsync());
        await talking.DrainedAsync();
    }

    [Fact]
    public async Task Connection_ShouldBeClosedWith4401_WhenNoHelloCame()
    {
        await using var socket = await Socket.ConnectAsync(chat.Host);
        await socket.RefusedAsync("hello", d: new JsonObject());

        chat.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(4401, await socket.ClosedAsync());
    }

    [Fact]
    public async Task Token_ShouldNotOpenAConnection_WhenItHasExpired()
    {
        var ana = await chat.Host.PersonAsync();
        await using var open = await Socket.OpenAsync(ana);

        for (var i = 0; i < 100; i++)
        {
            // In steps, since a silence of 25 s ends a connection.
            chat.Time.Advance(TimeSpan.FromSeconds(10));
            await open.DrainedAsync();
        }

        await using var header = await Socket.ConnectAsync(chat.Host, ana.Token);
        Assert.Equal("unauthenticated", (await header.RefusedAsync("hello", d: new JsonObject())).Code);
        Assert.Equal("unauthenticated", (await header.RefusedAsync("hello", d: new JsonObject { ["token"] = ana.Token })).Code);
        Assert.Equal(401, (await ana.GetAsync("/api/rooms")).Status);

        // A connection lives as long as its session, and that has been looked at again.
        await open.DrainedAsync();
    }

    [Fact]
    public async Task SlowReader_ShouldBeClosed_WhenItTakesNothingForTooLong()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var sender = await Socket.OpenAsync(ana);
        using var narrow = new HttpMessageInvoker(SlowReaderSpecs.NarrowHandler());
        await using var slow = await Socket.ConnectAsync(chat.Host, ben.Token, reads: false, by: narrow);
        await slow.PostAsync("hello", d: new JsonObject());
        for (var i = 0; i < 40; i++)
        {
            await ana.FillAsync(room, 10, _ => new string('x', 14 * 1024));
            await PassAsync();
        }

        await Eventually.AssertAsync(async () =>
        {
            // On a slow machine the writer may only now be stuck, and nothing times out while the clock stands still.
            await PassAsync();
            Assert.Equal(1, (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("onlineCount").GetInt32());
        });
        slow.StartReading();
        Assert.Contains(await slow.ClosedAsync(), new int?[] { 4408, null });
        await sender.ReachAsync(room, 3, 403);

        // Both are heard of, so that not their silence ends them, until the slow one is closed.
        async Task PassAsync()
        {
            chat.Time.Advance(TimeSpan.FromSeconds(2));
            await sender.DrainedAsync();
            await IgnoreBrokenAsync(slow.PostAsync("ping", isSilent: true));
        }
    }

    private static async Task IgnoreBrokenAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            // closed, as it should be
        }
    }
}

public sealed class DrainSpecs
{
    [Fact]
    public async Task Stop_ShouldHintThenCloseWith1012AndEndInTime_WhenSocketsAreOpen()
    {
        await using var host = await ChatHost.StartAsync(new() { ["AkkaChat:Sockets:DrainTime"] = "00:00:02" });
        var ana = await host.PersonAsync();
        var sockets = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            sockets.Add(await Socket.OpenAsync(ana));
        }

        var started = TimeProvider.System.GetTimestamp();
        var stopping = host.StopAsync();
        await sockets[0].EventAsync("server.draining");

        // Not ready, and saying so, while it still answers.
        var ready = await host.SendAsync("GET", "/health/ready");
        Assert.Equal(503, ready.Status);
        Assert.Equal("unready", ready.Json.GetProperty("status").GetString());
        Assert.Equal("the node is shutting down", ready.Json.GetProperty("checks").GetProperty("edge").GetString());
        Assert.Equal(200, (await host.SendAsync("GET", "/health/live")).Status);
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => Socket.ConnectAsync(host, ana.Token));

        foreach (var socket in sockets)
        {
            Assert.Equal(1012, await socket.ClosedAsync());
            var hint = (await socket.EventAsync("server.draining")).GetProperty("d").GetProperty("reconnectMs");
            Assert.Equal((500, 8000), (hint[0].GetInt32(), hint[1].GetInt32()));
            await socket.DisposeAsync();
        }

        await stopping.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40));
    }
}
