using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>An object store that goes away under the server, and comes back.</summary>
public sealed class StoreAwaySpecs : IAsyncLifetime
{
    private S3Server _s3 = null!;
    private ChatHost _host = null!;

    public async Task InitializeAsync()
    {
        _s3 = await S3Server.StartAsync();
        _host = await ChatHost.StartAsync(new(_s3.Settings) { ["AkkaChat:S3:Timeout"] = "00:00:05", ["AkkaChat:S3:Presign"] = "false" });
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _s3.DisposeAsync();
    }

    [Fact]
    public async Task Upload_ShouldBeUnavailable_AndGoOnWhereItWas_OnceTheStoreIsBack()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var path = await ana.BeginAsync(room, 10);
        using (var first = await ana.PatchAsync(path, 0, "01234"u8.ToArray()))
        {
            await Tus.AssertStatusAsync(204, first);
        }

        await _s3.StopAsync();
        var another = await ana.BeginAsync(room, 3);
        await AssertUnavailableAsync(await ana.PatchAsync(another, 0, "abc"u8.ToArray()));
        await AssertUnavailableAsync(await ana.PatchAsync(path, 5, "56789"u8.ToArray())); // the last of it: it would have become a file
        Assert.Equal((5, 0), (await ana.OffsetAsync(path), await ana.OffsetAsync(another)));
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(room, "no file, no store");
        await AssertUnavailableAsync(await ana.SendAsync("DELETE", another));

        await _s3.StartAgainAsync();
        using (var last = await ana.PatchAsync(path, 5, "56789"u8.ToArray()))
        {
            await Tus.AssertStatusAsync(204, last);
        }

        var file = path.Split('/')[^1];
        await socket.OkAsync("message.send", room, JsonSerializer.SerializeToNode(new { cid = Socket.NewCid(), text = "", files = new[] { file } }));
        using var view = await ana.ViewAsync(file);
        Assert.Equal("0123456789", await view.Content.ReadAsStringAsync());
    }

    /// <summary>Its thumbnails wait for the store: meanwhile it is being processed, and is not given up.</summary>
    [Fact]
    public async Task Image_ShouldBeProcessed_OnceTheStoreIsBack()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var bytes = TestImages.Encoded(64, 64);
        var path = await ana.BeginAsync(room, bytes.Length, "a.jpg", "image/jpeg");
        await _s3.StopAsync();
        await AssertUnavailableAsync(await ana.PatchAsync(path, 0, bytes));
        await _s3.StartAgainAsync();

        using var sent = await ana.PatchAsync(path, await ana.OffsetAsync(path), bytes);

        await Tus.AssertStatusAsync(204, sent);
        await Eventually.AssertAsync(async () =>
        {
            using var view = await ana.ViewAsync(path.Split('/')[^1], "?thumb=small");
            await Tus.AssertStatusAsync(200, view);
        });
    }

    /// <summary>What this server serves itself; a presigned URL is one of the store, which is away then.</summary>
    [Fact]
    public async Task Download_ShouldBeUnavailable_AndTheSameUrlWork_OnceTheStoreIsBack()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var file = await ana.UploadAsync(room, "0123456789"u8.ToArray());
        var avatar = await ana.UploadAsync(
            TestImages.Encoded(64, 64, SkiaSharp.SKEncodedImageFormat.Png), ("filename", "me.png"), ("filetype", "image/png"), ("purpose", "avatar"));
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await ana.PatchAsync("/api/auth/me", new { avatar })).Status));
        using var found = await ana.SendAsync("GET", $"/api/files/{file}");
        var url = found.Headers.Location!.ToString();

        await _s3.StopAsync();
        await AssertUnavailableAsync(await ana.SendAsync("GET", url));
        await AssertUnavailableAsync(await ana.SendAsync("GET", url, null, ("Range", "bytes=2-3")));
        await AssertUnavailableAsync(await ana.SendAsync("GET", $"/api/files/{avatar}"));

        await _s3.StartAgainAsync();
        using var whole = await ana.SendAsync("GET", url);
        using var part = await ana.SendAsync("GET", url, null, ("Range", "bytes=2-3"));
        using var picture = await ana.SendAsync("GET", $"/api/files/{avatar}");
        Assert.Equal((200, "0123456789"), ((int)whole.StatusCode, await whole.Content.ReadAsStringAsync()));
        Assert.Equal((206, "23"), ((int)part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal((200, "image/webp"), ((int)picture.StatusCode, picture.Content.Headers.ContentType!.MediaType));
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            await Tus.AssertStatusAsync(503, answer, "unavailable");
            Assert.Equal(("1", true), (answer.Header("Retry-After"), answer.Headers.CacheControl!.NoStore));
            Assert.Contains("retryAfterMs", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
