using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Files;

public abstract class UploadSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Options_ShouldSayWhatTheServerSpeaks_ToAnybody()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(Host.Url, "/api/uploads"));
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(
            ("1.0.0", "creation,creation-with-upload,termination,checksum,expiration", "sha1,sha256", "104857600"),
            (answer.Header("Tus-Version"), answer.Header("Tus-Extension"), answer.Header("Tus-Checksum-Algorithm"), answer.Header("Tus-Max-Size")));
    }

    [Fact]
    public async Task Upload_ShouldBecomeAFile_WhenItComesInSeveralRequests()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        using var created = await ana.CreateAsync(room, bytes.Length, "été.bin", "application/x-thing");
        var path = created.Headers.Location!.ToString();
        Assert.Equal(("1.0.0", true), (created.Header("Tus-Resumable"), created.Header("Upload-Expires")!.EndsWith("GMT", StringComparison.Ordinal)));
        Assert.Equal(0, await ana.OffsetAsync(path));

        foreach (var (from, to) in new[] { (0, 1), (1, 100_000), (100_000, 2_000_000), (2_000_000, 3_000_000) })
        {
            using var answer = await ana.PatchAsync(path, from, bytes[from..to]);
            await Tus.AssertStatusAsync(204, answer);
            Assert.Equal($"{to}", answer.Header("Upload-Offset"));
            Assert.Equal(to, await ana.OffsetAsync(path));
        }

        using var head = await ana.SendAsync("HEAD", path);
        Assert.Equal(
            ("3000000", Tus.Metadata(("filename", "été.bin"), ("filetype", "application/x-thing"), ("room", room)), "no-store", null),
            (head.Header("Upload-Length"), head.Header("Upload-Metadata"), head.Header("Cache-Control"), head.Header("Upload-Expires")));
        using var view = await ana.ViewAsync(path.Split('/')[^1]);
        await Tus.AssertContentAsync(bytes, view);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Upload_ShouldBecomeAFile_WhenItComesWithItsCreation(int length)
    {
        var ana = await Host.PersonAsync();
        var bytes = RandomNumberGenerator.GetBytes(length);

        using var created = await ana.CreateAsync(await ana.CreateRoomAsync(), length, body: length == 0 ? null : Tus.Body(bytes));

        await Tus.AssertStatusAsync(201, created);
        Assert.Equal($"{length}", created.Header("Upload-Offset"));
        using var view = await ana.ViewAsync(created.Headers.Location!.ToString().Split('/')[^1]);
        Assert.Equal(bytes, await view.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Append_ShouldGoOnWhereItBroke_WhenTheConnectionIsLost()
    {
        var ana = await Host.PersonAsync();
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), bytes.Length);

        await SendAndDropAsync(ana, path, bytes, sent: 250_000);

        await Eventually.AssertAsync(async () => Assert.Equal(250_000, await ana.OffsetAsync(path)));
        using var rest = await PatchWhenFreeAsync(ana, path, 250_000, bytes[250_000..]);
        await Tus.AssertStatusAsync(204, rest);
        using var view = await ana.ViewAsync(path.Split('/')[^1]);
        await Tus.AssertContentAsync(bytes, view);
    }

    /// <summary>A node died, or was slow, between the last byte and the file: a client that hears of all its bytes sends the file.</summary>
    [Fact]
    public async Task Head_ShouldSpeakOfAllBytes_OnlyOnceTheyAreAFile()
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);
        var id = new FileId(path.Split('/')[^1]);
        var uploads = Host.Services.GetRequiredService<UploadStore>();
        var lease = (await uploads.TryLeaseAsync(id, TimeSpan.FromMinutes(1), CancellationToken.None))!.Name;
        var progress = await Host.Services.GetRequiredService<IObjectStore>().AppendAsync(
            FileKeys.Upload(id), new(null, 0), "hello"u8.ToArray(), isLast: true, CancellationToken.None);
        Assert.True(await uploads.RecordAsync(id, lease, 5, progress, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), CancellationToken.None));

        using (var early = await ana.SendAsync("HEAD", path))
        {
            await Tus.AssertStatusAsync(423, early);
            Assert.Equal("1", early.Header("Retry-After"));
        }

        await uploads.ReleaseAsync(id, lease, CancellationToken.None);
        Assert.Equal(5, await ana.OffsetAsync(path));
        using var view = await ana.ViewAsync(id.Value);
        Assert.Equal("hello", await view.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Append_ShouldWait_WhileAnotherRequestWrites()
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 10);
        var gate = new TaskCompletionSource();
        var content = new GatedContent("01234"u8.ToArray(), "56789"u8.ToArray(), gate.Task);
        var first = ana.SendAsync("PATCH", path, content, ("Upload-Offset", "0"));
        await content.Begun;

        await WritingAsync(ana, path);
        var second = ana.PatchAsync(path, 0, "abcdefghij"u8.ToArray());
        gate.SetResult();

        using var answer = await first;
        await Tus.AssertStatusAsync(204, answer);
        using var late = await second;
        await Tus.AssertStatusAsync(409, late, "offset_mismatch");
        using var view = await ana.ViewAsync(path.Split('/')[^1]);
        Assert.Equal("0123456789", await view.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Append_ShouldBeRefused_WhenAnotherRequestGoesOnWriting()
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 10);
        var uploads = Host.Services.GetRequiredService<UploadStore>();
        var lease = await uploads.TryLeaseAsync(new FileId(path.Split('/')[^1]), TimeSpan.FromMinutes(1), CancellationToken.None);

        using var answer = await ana.PatchAsync(path, 0, "abcdefghij"u8.ToArray());
        await Tus.AssertStatusAsync(423, answer, "locked");
        await uploads.ReleaseAsync(lease!.File.Id, lease.Name, CancellationToken.None);
        using var again = await ana.PatchAsync(path, 0, "abcdefghij"u8.ToArray());
        await Tus.AssertStatusAsync(204, again);
    }

    [Theory]
    [InlineData("Tus-Resumable", "0.2.2", 412, "unsupported_version")]
    [InlineData("Tus-Resumable", null, 412, "unsupported_version")]
    [InlineData("Upload-Offset", null, 400, "invalid")]
    [InlineData("Upload-Offset", "-1", 400, "invalid")]
    [InlineData("Upload-Offset", "9223372036854775808", 400, "invalid")]
    [InlineData("Upload-Offset", "0x0", 400, "invalid")]
    [InlineData("Upload-Offset", "1", 409, "offset_mismatch")]
    [InlineData("Upload-Offset", "9223372036854775807", 409, "offset_mismatch")]
    [InlineData("Upload-Checksum", "sha256", 400, "invalid")]
    [InlineData("Upload-Checksum", "md5 XUFAKrxLKna5cZ2REBfFkg==", 400, "invalid")]
    [InlineData("Upload-Checksum", "sha256 !!", 400, "invalid")]
    [InlineData("Upload-Checksum", "sha256 AAAA", 400, "invalid")]
    public async Task Append_ShouldBeRefused_WhenAHeaderIsWrong(string header, string? value, int status, string code)
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);

        using var answer = await ana.SendAsync("PATCH", path, Tus.Body("hello"u8.ToArray()), ("Upload-Offset", "0"), (header, value));

        await Tus.AssertStatusAsync(status, answer, code);
        Assert.Equal(status == 412 ? "1.0.0" : null, answer.Header("Tus-Version"));
        Assert.Equal(0, await ana.OffsetAsync(path));
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Append_ShouldBeRefused_WhenTheContentTypeIsWrong(string? type)
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);

        using var answer = await ana.SendAsync("PATCH", path, Tus.Body("hello"u8.ToArray(), type), ("Upload-Offset", "0"));

        await Tus.AssertStatusAsync(415, answer, "invalid");
        Assert.Equal(0, await ana.OffsetAsync(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_ShouldBeRefused_WhenThereIsAByteTooMany(bool isLengthKnown)
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);
        HttpContent body = isLengthKnown ? Tus.Body("hello!"u8.ToArray()) : new GatedContent("hel"u8.ToArray(), "lo!"u8.ToArray(), Task.CompletedTask);

        using var answer = await ana.SendAsync("PATCH", path, body, ("Upload-Offset", "0"));

        await Tus.AssertStatusAsync(413, answer, "too_large");
        Assert.Equal(0, await ana.OffsetAsync(path));
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public async Task Checksum_ShouldBeCompared_BeforeAnythingIsKept(string algorithm)
    {
        var ana = await Host.PersonAsync();
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), bytes.Length);
        var digest = Convert.ToBase64String(CryptographicOperations.HashData(new HashAlgorithmName(algorithm.ToUpperInvariant()), bytes));

        using (var wrong = await ana.PatchAsync(path, 0, [.. bytes[1..], 0], ("Upload-Checksum", $"{algorithm} {digest}")))
        {
            await Tus.AssertStatusAsync(460, wrong, "checksum_mismatch");
            Assert.Equal(0, await ana.OffsetAsync(path));
        }

        using var right = await ana.PatchAsync(path, 0, bytes, ("Upload-Checksum", $"{algorithm} {digest}"));
        await Tus.AssertStatusAsync(204, right);
        using var view = await ana.ViewAsync(path.Split('/')[^1]);
        await Tus.AssertContentAsync(bytes, view);
    }

    [Fact]
    public async Task Checksum_ShouldBeRefused_WhenItIsOfMoreBytesThanAreKept()
    {
        var ana = await Host.PersonAsync();
        var bytes = new byte[(5 * 1024 * 1024) + 1];
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), bytes.Length + 1);

        using var answer = await ana.PatchAsync(path, 0, bytes, ("Upload-Checksum", $"sha256 {Convert.ToBase64String(SHA256.HashData(bytes))}"));

        await Tus.AssertStatusAsync(413, answer, "too_large");
        Assert.Equal(0, await ana.OffsetAsync(path));
    }

    [Theory]
    [InlineData("Upload-Length", null)]
    [InlineData("Upload-Length", "-1")]
    [InlineData("Upload-Length", "1e3")]
    [InlineData("Upload-Length", "9223372036854775808")]
    [InlineData("Upload-Metadata", null)]
    [InlineData("Upload-Metadata", "filename !!!")]
    [InlineData("Upload-Metadata", "filename /w==,room cg==")]
    [InlineData("Upload-Metadata", "filename YQ==,filename YQ==")]
    public async Task Create_ShouldBeRefused_WhenAHeaderIsWrong(string header, string? value)
    {
        var ana = await Host.PersonAsync();
        var metadata = Tus.Metadata(("filename", "a"), ("room", await ana.CreateRoomAsync()));

        using var answer = await ana.SendAsync("POST", "/api/uploads", null, ("Upload-Length", "5"), ("Upload-Metadata", metadata), (header, value));

        await Tus.AssertStatusAsync(400, answer, "invalid");
    }

    [Fact]
    public async Task Create_ShouldBeRefused_WhenTheUserIsNotInTheRoom()
    {
        var (ana, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("eve"));
        using var toPublic = await eve.CreateAsync(await ana.CreateRoomAsync(), 5);
        using var toPrivate = await eve.CreateAsync(await ana.CreateRoomAsync(visibility: "private"), 5);
        using var nowhere = await eve.CreateAsync($"r_{new string('0', 32)}", 5);

        await Tus.AssertStatusAsync(403, toPublic, "forbidden");
        await Tus.AssertStatusAsync(404, toPrivate, "not_found");
        await Tus.AssertStatusAsync(404, nowhere, "not_found");
    }

    [Fact]
    public async Task Append_ShouldBeRefused_WhenTheUserHasLeftTheRoom()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        var path = await ben.BeginAsync(room, 5);
        await ben.LeaveAsync(room);

        using var answer = await ben.PatchAsync(path, 0, "hello"u8.ToArray());

        await Tus.AssertStatusAsync(404, answer, "not_found");
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Upload_ShouldNotExist_ToAnybodyElse(string method)
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        var path = await ana.BeginAsync(room, 5);

        using var answer = await ben.SendAsync(method, path, method == "PATCH" ? Tus.Body("hello"u8.ToArray()) : null, ("Upload-Offset", "0"));
        using var anonymous = await new HttpClient().SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(Host.Url, path)));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Unauthorized), (answer.StatusCode, anonymous.StatusCode));
        Assert.Equal(0, await ana.OffsetAsync(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Delete_ShouldEndTheUpload_HoweverFarItHasCome(int received)
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);
        using (await ana.PatchAsync(path, 0, new byte[received]))
        {
        }

        using var deleted = await ana.SendAsync("DELETE", path);
        using var head = await ana.SendAsync("HEAD", path);
        using var patch = await ana.PatchAsync(path, received, new byte[5 - received]);
        using var again = await ana.SendAsync("DELETE", path);
        using var view = await ana.SendAsync("GET", $"/api/files/{path.Split('/')[^1]}");

        Assert.Equal((204, 404, 404, 404, 404), (
            (int)deleted.StatusCode, (int)head.StatusCode, (int)patch.StatusCode, (int)again.StatusCode, (int)view.StatusCode));
    }

    [Fact]
    public async Task Append_ShouldNeedTheHeader_WhenACookieAuthenticates()
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), 5);
        async Task<int> PatchAsync(string? mark)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
            using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(Host.Url, path)) { Content = Tus.Body("hello"u8.ToArray()) };
            request.Headers.TryAddWithoutValidation("Cookie", $"akkachat-access={ana.Token}");
            request.Headers.TryAddWithoutValidation("Tus-Resumable", "1.0.0");
            request.Headers.TryAddWithoutValidation("Upload-Offset", "0");
            if (mark is not null)
            {
                request.Headers.TryAddWithoutValidation("X-AkkaChat", mark);
            }

            using var answer = await http.SendAsync(request);
            return (int)answer.StatusCode;
        }

        Assert.Equal((403, 204), (await PatchAsync(null), await PatchAsync("1")));
    }

    /// <summary>Waits until a request writes.</summary>
    internal static Task WritingAsync(Person person, string path) => Eventually.AssertAsync(async () =>
    {
        var uploads = person.Host.Services.GetRequiredService<UploadStore>();
        var file = await uploads.FindAsync(new FileId(path.Split('/')[^1]), CancellationToken.None);
        Assert.True(file!.LeasedUntil > TimeProvider.System.GetUtcNow(), "no request holds the lease");
    });

    private static async Task<HttpResponseMessage> PatchWhenFreeAsync(Person person, string path, long offset, byte[] bytes)
    {
        HttpResponseMessage? answer = null;
        await Eventually.AssertAsync(async () =>
        {
            answer = await person.PatchAsync(path, offset, bytes);
            Assert.NotEqual(HttpStatusCode.Locked, answer.StatusCode);
        });
        return answer!;
    }

    private static async Task SendAndDropAsync(Person person, string path, byte[] bytes, int sent)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", person.Host.Url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.Token}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            + $"Content-Type: {Tus.BytesType}\r\nContent-Length: {bytes.Length}\r\n\r\n"));
        await stream.WriteAsync(bytes.AsMemory(0, sent));
        await WritingAsync(person, path);
        client.Client.Shutdown(SocketShutdown.Send);
    }
}

[Collection(OnSqlite.Name)]
public sealed class UploadsOnSqliteSpecs(SqliteChat chat) : UploadSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class UploadsOnPostgresSpecs(PostgresChat chat) : UploadSpecs(chat);

[Collection(OnS3.Name)]
public sealed class UploadsOnS3Specs(S3Chat chat) : UploadSpecs(chat);
