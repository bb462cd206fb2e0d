using System.Text;
using System.Text.Json;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>What this server says of the bytes that it serves from disk.</summary>
[Collection(OnSqlite.Name)]
public sealed class FileServingSpecs(SqliteChat chat)
{
    private const string Sandbox =
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

    public static TheoryData<string, string, byte[], string, string> Files => new()
    {
        { "a.svg", "image/svg+xml", Utf8("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "application/octet-stream", "attachment" },
        { "a.html", "text/html", Utf8("<!doctype html><script>alert(1)</script>"), "application/octet-stream", "attachment" },
        { "a.png", "image/png", Utf8("<html><script>alert(1)</script>"), "application/octet-stream", "attachment" },
        { "a.xml", "application/xhtml+xml", Utf8("<?xml version='1.0'?><html/>"), "application/octet-stream", "attachment" },
        { "a.js", "text/javascript", Utf8("alert(1)"), "application/octet-stream", "attachment" },
        { "a.txt", "text/plain", Utf8("hello"), "application/octet-stream", "attachment" },
        { "a.avif", "image/avif", [0, 0, 0, 28, .. "ftypavif"u8, 0, 0, 0, 0], "application/octet-stream", "attachment" },
        { "a.pdf", "text/html", Utf8("%PDF-1.7 <script>alert(1)</script>"), "application/pdf", "inline" },
        { "a.mp3", "audio/mpeg", [.. "ID3"u8, 4, 0, 0], "audio/mpeg", "inline" },
        { "a.mp4", "video/mp4", [0, 0, 0, 24, .. "ftypisom"u8, 0, 0, 2, 0], "video/mp4", "inline" },
        { "a.m4a", "audio/mp4", [0, 0, 0, 24, .. "ftypmp42"u8, 0, 0, 2, 0], "audio/mp4", "inline" },
        { "a.webm", "video/webm", [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84, .. "webm"u8], "video/webm", "inline" },
        { "a.mkv", "video/x-matroska", [0x1A, 0x45, 0xDF, 0xA3, 0x9F, .. "matroska"u8], "application/octet-stream", "attachment" },
        { "a.ogg", "audio/ogg", [.. "OggS"u8, 0, 2], "audio/ogg", "inline" },
        { "a.wav", "audio/wav", [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8], "audio/wave", "inline" },
        { "a.flac", "audio/flac", [.. "fLaC"u8, 0], "audio/flac", "inline" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Content_ShouldBeOfItsOwnType_AndAbleToNothing(string name, string declared, byte[] bytes, string type, string disposition)
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), bytes, name, declared);

        using var answer = await ana.ViewAsync(id);

        await Tus.AssertContentAsync(bytes, answer);
        Assert.Equal((type, disposition, name), (
            answer.Content.Headers.ContentType!.ToString(), answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileName));
        Assert.Equal(
            ("nosniff", type == "application/pdf" ? "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'" : Sandbox, "same-origin"),
            (answer.Header("X-Content-Type-Options"), answer.Header("Content-Security-Policy"), answer.Header("Cross-Origin-Resource-Policy")));
        Assert.True(answer.Headers.CacheControl is { NoStore: true, Private: true });
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\boot.ini", "boot.ini")]
    [InlineData("/", "file")]
    [InlineData("..", "file")]
    [InlineData("", "file")]
    [InlineData(" . ", "file")]
    [InlineData("a\0b.txt", "ab.txt")]
    [InlineData("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt")]
    [InlineData("\u001b[31mred\u0007.txt", "[31mred.txt")]
    [InlineData("photo\u202Egpj.exe", "photogpj.exe")]
    [InlineData("été 🦊 \"x\"; y.txt", "été 🦊 \"x\"; y.txt")]
    public async Task Name_ShouldBeForPeopleOnly_WhateverItWas(string given, string expected)
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "x"u8.ToArray(), given);

        using var answer = await ana.ViewAsync(id);

        Assert.Equal(expected, answer.Content.Headers.ContentDisposition!.FileNameStar ?? answer.Content.Headers.ContentDisposition.FileName);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("a", 251, 251, ".txt")]
    [InlineData("a", 252, 251, ".txt")]
    [InlineData("🦊", 62, 62, ".txt")]
    [InlineData("🦊", 63, 62, ".txt")]
    [InlineData("é", 300, 125, ".txt")]
    public void Name_ShouldBeCutInFrontOfItsExtension_WhenItIsTooLong(string unit, int count, int expected, string extension)
    {
        var name = FileNames.Clean(string.Concat(Enumerable.Repeat(unit, count)) + extension);

        Assert.Equal(string.Concat(Enumerable.Repeat(unit, expected)) + extension, name);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, FileNames.MaxBytes);
    }

    [Fact]
    public void Name_ShouldStayAName_WhateverItWas() => CsCheck.Gen.String.ForAll(
        given =>
        {
            var name = FileNames.Clean(given);
            Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, FileNames.MaxBytes);
            Assert.DoesNotContain(name, c => char.IsControl(c) || c is '/' or '\\');
            Assert.NotEqual("..", name);
        },
        cases: 2_000);

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/10")]
    [InlineData("bytes=4-", 206, "456789", "bytes 4-9/10")]
    [InlineData("bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=9-100", 206, "9", "bytes 9-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    public async Task Content_ShouldComeInRanges_WhenAskedFor(string range, int status, string expected, string contentRange)
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "0123456789"u8.ToArray());

        using var answer = await ana.ViewAsync(id, range: range);

        Assert.Equal((status, contentRange), ((int)answer.StatusCode, answer.Header("Content-Range")));
        if (status == 206)
        {
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Url_ShouldBeGoodForOneFileAndFormOnly_AndNewForEachView()
    {
        var ana = await chat.Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var (file, other) = (await ana.UploadAsync(room, "x"u8.ToArray()), await ana.UploadAsync(room, "y"u8.ToArray()));
        using var answer = await ana.SendAsync("GET", $"/api/files/{file}");
        var url = answer.Headers.Location!.ToString();
        string[] altered =
        [
            url.Replace(file, other, StringComparison.Ordinal),
            url.Replace("variant=original", "variant=small", StringComparison.Ordinal),
            url.Replace("expires=", "expires=9", StringComparison.Ordinal),
            url.Replace(ana.Id, other.Replace("f_", "u_", StringComparison.Ordinal), StringComparison.Ordinal),
            url[..^1] + (url[^1] == 'A' ? 'B' : 'A'),
            url[..url.IndexOf("&signature", StringComparison.Ordinal)],
            $"/api/files/{file}/content",
            $"/api/files/../files/{file}/content?variant=original&expires=99999999999&signature=",
        ];
        using var http = new HttpClient();

        Assert.Equal("x", await http.GetStringAsync(new Uri(chat.Host.Url, url)));
        foreach (var bad in altered)
        {
            using var refused = await http.GetAsync(new Uri(chat.Host.Url, bad));
            await Tus.AssertStatusAsync(403, refused, "forbidden");
        }
    }

    /// <summary>The URL was minted while they were in the room, and has minutes left.</summary>
    [Fact]
    public async Task Url_ShouldGiveNothing_OnceItsUserHasLeftTheRoom()
    {
        var (ana, ben) = (await chat.Host.PersonAsync("ana"), await chat.Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        var file = await ana.UploadAsync(room, "x"u8.ToArray());
        await using var socket = await Socket.OpenAsync(ana);
        await socket.OkAsync("message.send", room, JsonSerializer.SerializeToNode(new { cid = Guid.CreateVersion7(), text = "", files = new[] { file } }));
        using var answer = await ben.SendAsync("GET", $"/api/files/{file}");
        var url = new Uri(chat.Host.Url, answer.Headers.Location!);
        using var http = new HttpClient();
        Assert.Equal("x", await http.GetStringAsync(url));

        await ben.LeaveAsync(room);

        using var refused = await http.GetAsync(url);
        await Tus.AssertStatusAsync(404, refused, "not_found");
    }

    [Theory]
    [InlineData("")]
    [InlineData("original")]
    [InlineData("huge")]
    public async Task Thumb_ShouldBeRefused_WhenItIsNoSize(string thumb)
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "x"u8.ToArray());

        using var bad = await ana.SendAsync("GET", $"/api/files/{id}?thumb={thumb}");
        using var none = await ana.SendAsync("GET", $"/api/files/{id}?thumb=small");

        await Tus.AssertStatusAsync(400, bad, "invalid");
        await Tus.AssertStatusAsync(404, none, "not_found");
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
