using System.IO.Compression;
using System.Net;
using System.Text;

namespace AkkaChat.Edge.Tests.Hosting;

/// <summary>The page's files as the build has compressed them.</summary>
public sealed class CompressedFileSpecs(CompressedFileSpecs.Site site) : IClassFixture<CompressedFileSpecs.Site>
{
    [Theory]
    [InlineData("/assets/app-1.js", "gzip, deflate, br, zstd", "br", "text/javascript")]
    [InlineData("/assets/app-1.js", "gzip", "gzip", "text/javascript")]
    [InlineData("/assets/app-1.js", "br;q=0.5, gzip;q=0.9", "gzip", "text/javascript")]
    [InlineData("/assets/app-1.js", "br;q=0, *", "gzip", "text/javascript")]
    [InlineData("/assets/app-1.js", "identity", null, "text/javascript")]
    [InlineData("/assets/app-1.js", null, null, "text/javascript")]
    [InlineData("/", "br", "br", "text/html")]
    public async Task File_ShouldComeInTheBestEncodingThatTheClientAccepts(string path, string? accepted, string? encoding, string type)
    {
        using var answer = await site.GetAsync(path, accepted);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(encoding is null ? [] : [encoding], answer.Content.Headers.ContentEncoding);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.Equal(path == "/" ? Site.Page : Site.Script, await TextAsync(answer));
    }

    [Fact]
    public async Task HashedFile_ShouldStayInCachesForEver_AndThePageBeAskedForAgain()
    {
        using var script = await site.GetAsync("/assets/app-1.js", "br");
        Assert.Equal("public, max-age=31536000, immutable", script.Headers.CacheControl!.ToString());
        using var page = await site.GetAsync("/", "br");
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Encodings_ShouldHaveETagsOfTheirOwn_AndAnswerToThem()
    {
        var tags = new List<string>();
        foreach (var encoding in new[] { "br", "gzip", "identity" })
        {
            using var first = await site.GetAsync("/assets/app-1.js", encoding);
            tags.Add(first.Headers.ETag!.ToString());
            using var again = await site.GetAsync("/assets/app-1.js", encoding, tags[^1]);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Contains("Accept-Encoding", again.Headers.Vary);
        }

        Assert.Equal(3, tags.Distinct().Count());
    }

    [Fact]
    public async Task File_ShouldComeAsItIs_WhereTheBuildHasNotCompressedIt()
    {
        using var answer = await site.GetAsync("/small.txt", "br, gzip");
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Empty(answer.Headers.Vary);
        Assert.Equal("small", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/rooms")]
    [InlineData("/assets/none.js")]
    [InlineData("/../secret.txt")]
    public async Task OtherAddresses_ShouldAnswerAsBefore(string path)
    {
        using var answer = await site.GetAsync(path, "br, gzip");
        Assert.False(answer.IsSuccessStatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStreamAsync();
        await using var plain = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }

    public sealed class Site : IAsyncLifetime
    {
        public const string Page = "<!doctype html><title>AkkaChat</title>";
        public static readonly string Script = string.Join('\n', Enumerable.Range(0, 200).Select(i => $"console.log({i});"));

        private static readonly HttpClient Http = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });

        private readonly string _root = Directory.CreateTempSubdirectory("akkachat-page-").FullName;
        private ChatHost? _host;

        public async Task InitializeAsync()
        {
            Directory.CreateDirectory(Path.Combine(_root, "assets"));
            await WriteAsync("index.html", Page);
            await WriteAsync("assets/app-1.js", Script);
            await File.WriteAllTextAsync(Path.Combine(_root, "small.txt"), "small");
            _host = await ChatHost.StartAsync(new() { ["AkkaChat:Web:Root"] = _root });
        }

        public async Task<HttpResponseMessage> GetAsync(string path, string? accepted, string? known = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host!.Url, path));
            if (accepted is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
            }

            if (known is not null)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", known);
            }

            return await Http.SendAsync(request);
        }

        public async Task DisposeAsync()
        {
            await _host!.DisposeAsync();
            Directory.Delete(_root, recursive: true);
        }

        private async Task WriteAsync(string name, string text)
        {
            var path = Path.Combine(_root, name);
            var bytes = Encoding.UTF8.GetBytes(text);
            await File.WriteAllBytesAsync(path, bytes);
            await using (var br = new BrotliStream(File.Create(path + ".br"), CompressionLevel.SmallestSize))
            {
                await br.WriteAsync(bytes);
            }

            await using var gz = new GZipStream(File.Create(path + ".gz"), CompressionLevel.SmallestSize);
            await gz.WriteAsync(bytes);
        }
    }
}
