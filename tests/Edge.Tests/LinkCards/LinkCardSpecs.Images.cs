using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Tests.Files;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace AkkaChat.Edge.Tests.LinkCards;

/// <summary>The images of cards: from the site into the object store, and from there to the members of rooms alone.</summary>
public abstract partial class LinkCardSpecs
{
    [Fact]
    public async Task Image_ShouldComeFromTheStore_ToMembersOnly()
    {
        var (ana, ben, eve) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"), await _host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        await eve.CreateRoomAsync();
        _site.Answer("/photo.jpg", TestImages.WithExif(1600, 800, orientation: 1), "image/jpeg");
        _site.Html("/with-image", "<title>Photo</title><meta property=og:image content=/photo.jpg>");

        var image = (await CardAsync(ana, room, "/with-image")).GetProperty("image");

        Assert.Equal((800, 400), (image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32()));
        Assert.StartsWith("data:image/webp;base64,", image.GetProperty("placeholder").GetString(), StringComparison.Ordinal);
        var id = image.GetProperty("id").GetString()!;
        foreach (var (query, width) in new[] { ("", 800), ("?thumb=large", 800), ("?thumb=small", 320) })
        {
            using var view = await ana.ViewAsync(id, query);
            var bytes = await view.Content.ReadAsByteArrayAsync();
            using var decoded = SKBitmap.Decode(bytes);
            Assert.Equal((width, "image/webp", "nosniff"), (decoded.Width, view.Content.Headers.ContentType!.MediaType, view.Header("X-Content-Type-Options")));
            Assert.DoesNotContain(TestImages.Secret, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        }

        Assert.Equal(1, _site.Count("/photo.jpg"));
        Assert.Equal((404, 404), ((await ben.GetAsync($"/api/files/{id}")).Status, (await eve.GetAsync($"/api/files/{id}")).Status));
    }

    [Fact]
    public async Task Image_ShouldNoLongerBeSeen_ByOneWhoHasLeft_NorOnceTheCardIsRemoved()
    {
        var (ana, ben) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        Picture("/left", "/left.png");
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(room, _site.Url("/left"));
        var attached = (await socket.EventAsync("link.attached")).GetProperty("d");
        var file = $"/api/files/{attached.GetProperty("cards")[0].GetProperty("image").GetProperty("id").GetString()}";

        Assert.Equal((302, 302), (await StatusAsync(ana, file), await StatusAsync(ben, file)));
        await ben.LeaveAsync(room);
        Assert.Equal((302, 404), (await StatusAsync(ana, file), await StatusAsync(ben, file)));
        await socket.OkAsync("link.remove", room, new JsonObject { ["message"] = attached.GetProperty("id").GetString() });
        await Eventually.AssertAsync(async () => Assert.Equal(404, await StatusAsync(ana, file)));
    }

    /// <summary>The site's own words about its image count for nothing; the card stands without.</summary>
    [Theory]
    [InlineData("none")]
    [InlineData("vector")]
    [InlineData("page")]
    [InlineData("bomb")]
    [InlineData("cut")]
    [InlineData("large")]
    [InlineData("away")]
    [InlineData("metadata")]
    [InlineData("file")]
    [InlineData("data")]
    public async Task Card_ShouldHaveNoImage_WhereThereIsNoneThatCanBeShown(string what)
    {
        var ana = await _host.PersonAsync();
        var png = TestImages.Encoded(40, 20, SKEncodedImageFormat.Png);
        _site.Answer("/vector", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray(), "image/png");
        _site.Html("/page", "<title>no image</title>");
        _site.Answer("/bomb", TestImages.PngBomb(50_000, 50_000), "image/png");
        _site.Answer("/cut", png[..20], "image/png");
        _site.Answer("/large", [.. png, .. new byte[5 * 1024 * 1024]], "image/png");
        _site.Redirect("/away", "http://10.0.0.1/a.png");
        var image = what switch
        {
            "metadata" => "http://169.254.169.254/latest/meta-data/",
            "file" => "file:///etc/passwd",
            "data" => "data:image/png;base64,iVBORw0KGgo=",
            _ => $"/{what}",
        };
        _site.Html($"/shows-{what}", $"<title>Title</title><meta property=og:image content='{image}'>");

        var card = await CardAsync(ana, await ana.CreateRoomAsync(), $"/shows-{what}");

        Assert.Equal(("Title", JsonValueKind.Null), (card.GetProperty("title").GetString(), card.GetProperty("image").ValueKind));
    }

    [Fact]
    public async Task Card_ShouldBeFetchedAgain_OnlyOnceItIsOld()
    {
        var (ana, ben) = (await _host.PersonAsync("ana"), await _host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        var bens = await ben.CreateRoomAsync();
        Picture("/news", "/news.png");
        var first = await CardAsync(ana, room, "/news");
        var file = $"/api/files/{first.GetProperty("image").GetProperty("id").GetString()}";
        Assert.Equal(404, await StatusAsync(ben, file));

        Assert.Equal(first.GetRawText(), (await CardAsync(ben, bens, "/news")).GetRawText());
        Assert.Equal((1, 1), (_site.Count("/news"), _site.Count("/news.png")));
        Assert.Equal(302, await StatusAsync(ben, file));

        await ExecuteAsync("UPDATE link_page SET expires_at = 0");
        _site.Html("/news", "<title>Later news</title><meta property=og:image content=/news.png>");
        var later = await CardAsync(ana, room, "/news");

        Assert.Equal(("Later news", 2, 2), (later.GetProperty("title").GetString(), _site.Count("/news"), _site.Count("/news.png")));
        Assert.NotEqual(first.GetProperty("image").GetProperty("id").GetString(), later.GetProperty("image").GetProperty("id").GetString());
        Assert.Equal(302, await StatusAsync(ana, file));
    }

    /// <summary>A message shows one image; another was shown by a card that its author has removed.</summary>
    [Fact]
    public async Task Collector_ShouldRemoveImages_ThatNoMessageShows()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        Picture("/kept", "/kept.png");
        Picture("/dropped", "/dropped.png");
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(room, $"{_site.Url("/kept")}");
        var kept = Image(await socket.EventAsync("link.attached"));
        await socket.SayAsync(room, $"{_site.Url("/dropped")}");
        var attached = await socket.EventAsync("link.attached", frame => frame.GetProperty("d").GetProperty("n").GetInt32() == 2);
        var dropped = Image(attached);
        await socket.OkAsync("link.remove", room, new JsonObject { ["message"] = attached.GetProperty("d").GetProperty("id").GetString() });
        await Eventually.AssertAsync(async () => Assert.Equal(404, await StatusAsync(ana, $"/api/files/{dropped}")));
        var collector = _host.Services.GetRequiredService<FileCollector>();

        Assert.Equal(0, await collector.SweepAsync(CancellationToken.None));
        await ExecuteAsync("UPDATE link_image SET expires_at = 1");
        await ExecuteAsync("UPDATE link_image_use SET expires_at = 1 WHERE n = 0");
        Assert.Equal(1, await collector.SweepAsync(CancellationToken.None));

        Assert.Equal((true, false), (await IsStoredAsync(kept), await IsStoredAsync(dropped)));
        Assert.Equal((302, 404), (await StatusAsync(ana, $"/api/files/{kept}"), await StatusAsync(ana, $"/api/files/{dropped}")));
        Assert.Equal(0, await collector.SweepAsync(CancellationToken.None));
    }

    /// <summary>The site has moments; the card comes without its image, and the next post of the link an hour later tries again.</summary>
    [Fact]
    public async Task Card_ShouldNotWait_ForAnImageThatIsNotThere()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        _site.Html("/slow", "<title>Slow</title><meta property=og:image content=/slow.png>");
        _site.Answer("/slow.png", [], "image/png", status: "503 Service Unavailable");

        Assert.Equal(JsonValueKind.Null, (await CardAsync(ana, room, "/slow")).GetProperty("image").ValueKind);

        var left = await _host.Services.GetRequiredService<IDatabase>().ReadAsync(
            connection => connection.ExecuteScalarAsync<long>("SELECT expires_at FROM link_page WHERE url = @url", new { url = _site.Url("/slow") }), default);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(left) - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    private void Picture(string page, string image)
    {
        _site.Answer(image, TestImages.Encoded(64, 32, SKEncodedImageFormat.Png), "image/png");
        _site.Html(page, $"<title>{page}</title><meta property=og:image content='{_site.Url(image)}'>");
    }

    /// <summary>The card that the path's link gets in a new message.</summary>
    private async Task<JsonElement> CardAsync(Person person, string room, string path)
    {
        await using var socket = await Socket.OpenAsync(person);
        var sent = await socket.SayAsync(room, _site.Url(path));
        var n = sent.GetProperty("n").GetInt32();
        var attached = await socket.EventAsync("link.attached", frame => frame.GetProperty("d").GetProperty("n").GetInt32() == n);
        return attached.GetProperty("d").GetProperty("cards")[0];
    }

    private static string Image(JsonElement attached) =>
        attached.GetProperty("d").GetProperty("cards")[0].GetProperty("image").GetProperty("id").GetString()!;

    private static async Task<int> StatusAsync(Person person, string path)
    {
        using var answer = await person.SendAsync("GET", path);
        return (int)answer.StatusCode;
    }

    private async Task<bool> IsStoredAsync(string image)
    {
        await using var content = await _host.Services.GetRequiredService<IObjectStore>()
            .OpenAsync(FileKeys.Reduced(new FileId(image), FileVariant.Small), 0, null, CancellationToken.None);
        return content is not null;
    }

    private Task<int> ExecuteAsync(string sql) => _host.Services.GetRequiredService<IDatabase>().WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), CancellationToken.None);
}
