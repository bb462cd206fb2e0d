using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Objects;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>Limits at their edges, on a host with small ones.</summary>
public sealed class FileLimitSpecs : IAsyncLifetime
{
    private ChatHost _host = null!;

    public async Task InitializeAsync() => _host = await ChatHost.StartAsync(new()
    {
        ["AkkaChat:Files:MaxBytes"] = "1000",
        ["AkkaChat:Files:QuotaBytes"] = "2500",
        ["AkkaChat:Files:MaxUnattached"] = "10",
        ["AkkaChat:Files:MaxConcurrentUploads"] = "1",
        ["AkkaChat:Files:AllowedTypes:0"] = "image/*",
        ["AkkaChat:Files:AllowedTypes:1"] = "application/pdf",
        ["AkkaChat:Files:UrlLifetime"] = "00:00:01",
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(999, 201)]
    [InlineData(1000, 201)]
    [InlineData(1001, 413)]
    [InlineData(long.MaxValue, 413)]
    public async Task Create_ShouldTakeNoMoreThanTheLargestFile(long length, int status)
    {
        var ana = await _host.PersonAsync();
        using var answer = await ana.CreateAsync(await ana.CreateRoomAsync(), length, "a.pdf", "application/pdf");
        await Tus.AssertStatusAsync(status, answer, status == 201 ? null : "too_large");
    }

    [Fact]
    public async Task Create_ShouldTakeNoMoreThanTheQuota_AndAgainAfterADelete()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var first = await ana.BeginAsync(room, 1000, "a.pdf", "application/pdf");
        await ana.BeginAsync(room, 1000, "b.pdf", "application/pdf");
        using (var over = await ana.CreateAsync(room, 501, "c.pdf", "application/pdf"))
        {
            await Tus.AssertStatusAsync(413, over, "quota_exceeded");
        }

        using (var exact = await ana.CreateAsync(room, 500, "c.pdf", "application/pdf"))
        {
            await Tus.AssertStatusAsync(201, exact);
        }

        using var deleted = await ana.SendAsync("DELETE", first);
        using var again = await ana.CreateAsync(room, 1000, "d.pdf", "application/pdf");
        using var others = await (await _host.PersonAsync()).SendAsync("OPTIONS", "/api/uploads");

        await Tus.AssertStatusAsync(201, again);
        Assert.Equal("1000", others.Header("Tus-Max-Size"));
    }

    [Fact]
    public async Task Create_ShouldKeepToTheQuota_WhenManyComeAtOnce()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ana.CreateAsync(room, 1000, "a.pdf", "application/pdf")));

        Assert.Equal(2, answers.Count(answer => (int)answer.StatusCode == 201));
        Assert.Equal(6, answers.Count(answer => (int)answer.StatusCode == 413));
    }

    [Fact]
    public async Task Create_ShouldTakeNoMoreThanTheCount_OfFilesWithoutAMessage()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var paths = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            paths.Add(await ana.BeginAsync(room, 1, "a.pdf", "application/pdf"));
        }

        using (var over = await ana.CreateAsync(room, 1, "a.pdf", "application/pdf"))
        {
            await Tus.AssertStatusAsync(429, over, "too_many_uploads");
        }

        using var deleted = await ana.SendAsync("DELETE", paths[0]);
        using var again = await ana.CreateAsync(room, 1, "a.pdf", "application/pdf");
        await Tus.AssertStatusAsync(201, again);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("image/")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task Create_ShouldBeRefused_WhenTheTypeIsNotOnTheList(string type)
    {
        var ana = await _host.PersonAsync();
        using var answer = await ana.CreateAsync(await ana.CreateRoomAsync(), 10, "a", type);
        await Tus.AssertStatusAsync(415, answer, "type_not_allowed");
    }

    /// <summary>A type that is allowed, and content that is of another.</summary>
    [Fact]
    public async Task Append_ShouldBeRefused_WhenTheContentIsNotOnTheList()
    {
        var ana = await _host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 100, "a.png", "image/png");

        using var answer = await ana.PatchAsync(path, 0, [.. "OggS\0"u8, .. new byte[20]]);

        await Tus.AssertStatusAsync(415, answer, "type_not_allowed");
        Assert.Equal(404, (int)(await ana.SendAsync("HEAD", path)).StatusCode);
    }

    [Fact]
    public async Task Append_ShouldBeBusy_WhenTheNodeReceivesAsManyAsItMay()
    {
        var ana = await _host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var (first, second) = (await ana.BeginAsync(room, 10, "a.pdf", "application/pdf"), await ana.BeginAsync(room, 10, "b.pdf", "application/pdf"));
        var gate = new TaskCompletionSource();
        var body = new GatedContent("%PDF-"u8.ToArray(), "12345"u8.ToArray(), gate.Task);
        var writing = ana.SendAsync("PATCH", first, body, ("Upload-Offset", "0"));
        await UploadSpecs.WritingAsync(ana, first);

        using (var other = await ana.PatchAsync(second, 0, "%PDF-"u8.ToArray()))
        {
            await Tus.AssertStatusAsync(503, other, "busy");
            Assert.Equal("1", other.Header("Retry-After"));
        }

        gate.SetResult();
        using var answer = await writing;
        await Tus.AssertStatusAsync(204, answer);
        using var again = await ana.PatchAsync(second, 0, "%PDF-"u8.ToArray());
        await Tus.AssertStatusAsync(204, again);
    }

    [Fact]
    public async Task Url_ShouldEnd_WhenItsTimeIsOver()
    {
        var ana = await _host.PersonAsync();
        var file = await ana.UploadAsync(await ana.CreateRoomAsync(), "%PDF-1.7"u8.ToArray(), "a.pdf", "application/pdf");
        using var answer = await ana.SendAsync("GET", $"/api/files/{file}");
        using var http = new HttpClient();

        await Eventually.AssertAsync(async () =>
        {
            using var late = await http.GetAsync(new Uri(_host.Url, answer.Headers.Location!));
            await Tus.AssertStatusAsync(403, late, "forbidden");
        });
    }

    [Fact]
    public async Task Start_ShouldFailWithTheSetting_WhenTheBucketIsMissing()
    {
        var s3 = new S3Fixture();
        await s3.InitializeAsync();

        var error = await Assert.ThrowsAsync<ObjectStoreException>(
            () => ChatHost.StartAsync(new(s3.Server.Settings) { ["AkkaChat:S3:Bucket"] = "nowhere" }));

        Assert.StartsWith("AkkaChat:S3:Bucket: there is no bucket nowhere", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Cluster.Hosting.StartFailure.Explain(error));
    }
}
