using System.IO.Compression;
using System.Text;
using AkkaChat.Edge.LinkCards;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Support;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Edge.Tests.LinkCards;

public sealed class LinkClientSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private TestSite _site = null!;
    private LinkClient _client = null!;

    public Task InitializeAsync()
    {
        _site = TestSite.Start();
        _client = Client(TimeProvider.System);
        _site.Html("/page", "<title>A page</title><meta property=og:site_name content=Site>");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task Fetch_ShouldReadAPage_AndBringNothingOfTheServerAlong()
    {
        _site.Answer("/page", "<title>A page</title>"u8.ToArray(), headers: "Set-Cookie: a=b\r\n");

        Assert.Equal(new LinkCard(_site.Url("/page"), "A page", "", "127.0.0.1"), await CardAsync("/page"));
        await CardAsync("/page");

        Assert.All(_site.Requests, head =>
        {
            Assert.DoesNotContain("Cookie", head, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Authorization", head, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Referer", head, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Fetch_ShouldFollowThreeRedirects_AndNotFour()
    {
        _site.Redirect("/4", "/3");
        _site.Redirect("/3", "/2");
        _site.Redirect("/2", _site.Url("/1"));
        _site.Redirect("/1", "page");

        Assert.Equal("A page", (await CardAsync("/3"))?.Title);
        Assert.Null(await CardAsync("/4"));
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::ffff:a9fe:a9fe]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xa9fea9fe/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://user:secret@127.0.0.1/")]
    [InlineData("//127.0.0.1:1/")]
    public async Task Fetch_ShouldNotFollowARedirect_ToWhereALinkMayNotLead(string location)
    {
        _site.Redirect("/away", location);

        Assert.Null(await CardAsync("/away"));
        Assert.Single(_site.Requests);
    }

    /// <summary>What a name leads to is looked at when the connection is made: this one leads to loopback.</summary>
    [Fact]
    public async Task Fetch_ShouldNotConnect_WhereANameLeadsToAForbiddenAddress()
    {
        using var client = new LinkClient(
            AddressPolicySpecs.With(new LinkCardOptions { AllowedPorts = [_site.Port] }), TimeProvider.System);

        Assert.Null((await client.FetchAsync($"http://localhost:{_site.Port}/page", CancellationToken.None)).Card);
        Assert.Empty(_site.Requests);
    }

    [Fact]
    public async Task Fetch_ShouldConnectByName_WhereItLeadsToAnAllowedAddress() =>
        Assert.Equal("A page", (await _client.FetchAsync($"http://localhost:{_site.Port}/page", CancellationToken.None)).Card?.Title);

    [Theory]
    [InlineData("/never")]
    [InlineData("/slow-head")]
    [InlineData("/slow-body")]
    public async Task Fetch_ShouldGiveUp_WhenThePageTakesTooLong(string path)
    {
        var reached = new TaskCompletionSource();
        _site.Answer("/never", (_, stop) => HoldAsync(reached, stop));
        _site.Answer("/slow-head", async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Ty"u8.ToArray(), stop);
            await HoldAsync(reached, stop);
        });
        _site.Answer("/slow-body", async (stream, stop) =>
        {
            await stream.WriteAsync(TestSite.Head("200 OK", "Content-Type: text/html\r\nContent-Length: 100000\r\n"), stop);
            await stream.WriteAsync("<title>half a page"u8.ToArray(), stop);
            await HoldAsync(reached, stop);
        });
        var time = new FakeTimeProvider();
        using var client = Client(time);

        var fetching = client.FetchAsync(_site.Url(path), CancellationToken.None);
        await reached.Task.WaitAsync(Limit);
        time.Advance(LinkClient.TimeLimit);

        await Assert.ThrowsAsync<LinkUnreachableException>(() => fetching.WaitAsync(Limit));
    }

    [Fact]
    public async Task Fetch_ShouldReadTheBeginningAlone_OfAPageWithoutEnd()
    {
        var written = 0L;
        _site.Answer("/endless", async (stream, stop) =>
        {
            await stream.WriteAsync(TestSite.Head("200 OK", "Content-Type: text/html\r\n"), stop);
            await stream.WriteAsync("<title>Endless</title>"u8.ToArray(), stop);
            for (var block = new byte[64 * 1024]; !stop.IsCancellationRequested; written += block.Length)
            {
                await stream.WriteAsync(block, stop);
            }
        });

        Assert.Equal("Endless", (await CardAsync("/endless"))?.Title);
        Assert.InRange(written, 0, 64 * 1024 * 1024);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Fetch_ShouldReadTheBeginningAlone_OfACompressionBomb(string encoding)
    {
        using var bytes = new MemoryStream();
        await using (Stream packed = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(bytes, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            await packed.WriteAsync("<title>Bomb</title>"u8.ToArray());
            for (var block = 0; block < 256; block++)
            {
                await packed.WriteAsync(new byte[1024 * 1024]);
            }
        }

        _site.Answer("/bomb", bytes.ToArray(), headers: $"Content-Encoding: {encoding}\r\n");
        var before = GC.GetTotalAllocatedBytes();

        Assert.Equal("Bomb", (await CardAsync("/bomb"))?.Title);

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Fetch_ShouldNameAFile_ThatIsSeenOrHeard()
    {
        _site.Answer("/a/caf%C3%A9%20bar.png?x", [1, 2, 3], "image/png");
        _site.Answer("/a.zip", [1, 2, 3], "application/zip");
        _site.Answer("/a.json", "{}"u8.ToArray(), "application/json");

        Assert.Equal(("café bar.png", "127.0.0.1"), await CardAsync("/a/caf%C3%A9%20bar.png?x") is { } card ? (card.Title, card.Site) : default);
        Assert.Null(await CardAsync("/a.zip"));
        Assert.Null(await CardAsync("/a.json"));
    }

    [Fact]
    public async Task Fetch_ShouldTellWhatIsNotThere_FromWhatMayComeBack()
    {
        _site.Answer("/gone", "<title>Not here</title>"u8.ToArray(), status: "404 Not Found");
        _site.Answer("/broken", "<title>Error</title>"u8.ToArray(), status: "503 Service Unavailable");
        _site.Answer("/nonsense", (stream, stop) => stream.WriteAsync("nonsense\r\n\r\n"u8.ToArray(), stop).AsTask());

        Assert.Null(await CardAsync("/gone"));
        await Assert.ThrowsAsync<LinkUnreachableException>(() => CardAsync("/broken"));
        await Assert.ThrowsAsync<LinkUnreachableException>(() => CardAsync("/nonsense"));
    }

    private LinkClient Client(TimeProvider time) => new(
        AddressPolicySpecs.With(new LinkCardOptions { AllowedNetworks = ["127.0.0.0/8"], AllowedPorts = [_site.Port] }), time);

    private async Task<LinkCard?> CardAsync(string path) =>
        (await _client.FetchAsync(_site.Url(path), CancellationToken.None).WaitAsync(Limit)).Card;

    private static async Task HoldAsync(TaskCompletionSource reached, CancellationToken stop)
    {
        reached.TrySetResult();
        await Task.Delay(Timeout.Infinite, stop);
    }
}
