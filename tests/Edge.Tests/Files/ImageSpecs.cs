using System.Text;
using System.Text.Json;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>What becomes of images between upload and view.</summary>
public abstract class ImageSpecs(ChatFixture chat)
{
    private const string ImageKind = "file.image";

    private ChatHost Host => chat.Host;

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, "image/jpeg")]
    [InlineData(SKEncodedImageFormat.Png, "image/png")]
    [InlineData(SKEncodedImageFormat.Webp, "image/webp")]
    public async Task Image_ShouldHaveThumbnailsAndAPlaceholder_WhateverItWasCalled(SKEncodedImageFormat format, string type)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var id = await ana.UploadAsync(room, TestImages.Encoded(1600, 1200, format), "a.exe", "application/x-msdownload");

        await ReadyAsync(ana, id);

        Assert.Equal((type, 1600, 1200), await ViewAsync(ana, id));
        Assert.Equal(("image/webp", 320, 240), await ViewAsync(ana, id, "?thumb=small"));
        Assert.Equal(("image/webp", 1280, 960), await ViewAsync(ana, id, "?thumb=large"));
        await using var socket = await Socket.OpenAsync(ana);
        await socket.OkAsync("message.send", room, JsonSerializer.SerializeToNode(new { cid = Guid.CreateVersion7(), text = "", files = new[] { id } }));
        var file = (await socket.EventAsync("message.created")).GetProperty("d").GetProperty("files")[0];
        Assert.Equal((type, 1600, 1200), (file.GetProperty("type").GetString(), file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32()));
        var placeholder = file.GetProperty("placeholder").GetString()!;
        Assert.StartsWith("data:image/webp;base64,", placeholder, StringComparison.Ordinal);
        Assert.InRange(placeholder.Length, 50, 1000);
        using var tiny = SKBitmap.Decode(Convert.FromBase64String(placeholder.Split(',')[1]));
        Assert.Equal((20, 15), (tiny.Width, tiny.Height));
        Assert.Equal("""[{"width":320,"height":240},{"width":1280,"height":960}]""", file.GetProperty("thumbnails").GetRawText());
    }

    public static TheoryData<int, int, int, string> Orientations => new()
    {
        { 1, 60, 40, "red blue blue blue" },
        { 2, 60, 40, "blue red blue blue" },
        { 3, 60, 40, "blue blue blue red" },
        { 4, 60, 40, "blue blue red blue" },
        { 5, 40, 60, "red blue blue blue" },
        { 6, 40, 60, "blue red blue blue" },
        { 7, 40, 60, "blue blue blue red" },
        { 8, 40, 60, "blue blue red blue" },
    };

    [Theory]
    [MemberData(nameof(Orientations))]
    public async Task Image_ShouldStandUpright_AndSayNothingOfItsPlace(int orientation, int width, int height, string corners)
    {
        var ana = await Host.PersonAsync();
        var bytes = TestImages.WithExif(60, 40, orientation);
        Assert.Contains(TestImages.Secret, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), bytes);

        await ReadyAsync(ana, id);

        foreach (var form in new[] { "", "?thumb=small", "?thumb=large" })
        {
            var served = await BytesAsync(ana, id, form);
            AssertStripped(served);
            using var image = SKBitmap.Decode(served);
            Assert.Equal((width, height), (image.Width, image.Height));
            Assert.Equal(corners, Corners(image));
        }
    }

    [Fact]
    public async Task Image_ShouldBeTaken_WhenItsSizeStandsBehindMegabytesOfMetadata()
    {
        var ana = await Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), TestImages.WithLongHeader(60, 40));

        await ReadyAsync(ana, id);

        Assert.Equal(("image/jpeg", 60, 40), await ViewAsync(ana, id));
    }

    /// <summary>Its work may be in the middle: what that writes goes too.</summary>
    [Fact]
    public async Task Image_ShouldLeaveNothing_WhenItIsDeletedWhileItIsMade()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var objects = Host.Services.GetRequiredService<IObjectStore>();
        foreach (var id in await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ana.UploadAsync(room, TestImages.Encoded(1600, 1200)))))
        {
            using var deleted = await ana.SendAsync("DELETE", $"/api/uploads/{id}");
            await Tus.AssertStatusAsync(204, deleted);
            await Eventually.AssertAsync(async () =>
            {
                Assert.DoesNotContain(await WaitingAsync(), key => key == id);
                foreach (var key in FileKeys.All(new FileId(id)))
                {
                    Assert.Null(await objects.OpenAsync(key, 0, null, CancellationToken.None));
                }
            });
        }
    }

    [Fact]
    public async Task Gif_ShouldStillMove_WithoutItsComments()
    {
        var ana = await Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), TestImages.AnimatedGif());

        await ReadyAsync(ana, id);

        AssertAnimated(await BytesAsync(ana, id), SKEncodedImageFormat.Gif);
        Assert.Equal(("image/webp", 2, 2), await ViewAsync(ana, id, "?thumb=small"));
    }

    [Fact]
    public async Task WebP_ShouldStillMove_WithoutItsMetadata()
    {
        var ana = await Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), TestImages.AnimatedWebP());

        await ReadyAsync(ana, id);

        AssertAnimated(await BytesAsync(ana, id), SKEncodedImageFormat.Webp);
        Assert.Equal(("image/webp", 16, 16), await ViewAsync(ana, id, "?thumb=small"));
    }

    [Fact]
    public async Task Png_ShouldKeepItsTransparency_WithoutItsTexts()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var (text, clear) = (
            await ana.UploadAsync(room, TestImages.PngWithText()), await ana.UploadAsync(room, TestImages.Encoded(50, 50, SKEncodedImageFormat.Png, hasAlpha: true)));

        await ReadyAsync(ana, text);
        await ReadyAsync(ana, clear);

        AssertStripped(await BytesAsync(ana, text));
        foreach (var form in new[] { "", "?thumb=small" })
        {
            using var image = SKBitmap.Decode(await BytesAsync(ana, clear, form));
            Assert.Equal(0, image.GetPixel(49, 49).Alpha);
        }
    }

    /// <summary>An archive behind a picture: what is served is the picture alone.</summary>
    [Fact]
    public async Task Polyglot_ShouldLoseItsOtherHalf_WhenItIsAnImage()
    {
        var ana = await Host.PersonAsync();
        byte[] polyglot = [.. TestImages.Encoded(10, 10), .. Encoding.ASCII.GetBytes($"<html><script>alert('{TestImages.Secret}')</script>PK\x03\x04")];
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), polyglot, "a.html", "text/html");

        await ReadyAsync(ana, id);

        AssertStripped(await BytesAsync(ana, id));
        Assert.Equal(("image/jpeg", 10, 10), await ViewAsync(ana, id));
    }

    public static TheoryData<string, byte[]> BadImages => new()
    {
        { "50k by 50k", TestImages.PngBomb(50_000, 50_000) },
        { "one row too many", TestImages.PngBomb(10_000, 5_001) },
        { "overflowing", TestImages.PngBomb(int.MaxValue, int.MaxValue) },
        { "a header alone", [0x89, .. "PNG\r\n\x1A\n"u8] },
        { "no JPEG behind its magic", [0xFF, 0xD8, 0xFF, .. new byte[100]] },
        { "no GIF behind its magic", [.. "GIF89a"u8, .. new byte[3]] },
        { "no WebP behind its magic", [.. "RIFF\x10\0\0\0WEBPVP8 "u8, .. new byte[8]] },
    };

    [Theory]
    [MemberData(nameof(BadImages))]
    public async Task BadImage_ShouldBeRefused_BeforeItIsDecoded(string name, byte[] bytes)
    {
        var ana = await Host.PersonAsync();
        var path = await ana.BeginAsync(await ana.CreateRoomAsync(), bytes.Length, name);

        using var answer = await ana.PatchAsync(path, 0, bytes);

        await Tus.AssertStatusAsync(415, answer, "bad_image");
        Assert.Equal(404, (int)(await ana.SendAsync("HEAD", path)).StatusCode);
    }

    /// <summary>The header is good and the rest is not: it can be attached, and is never shown.</summary>
    [Fact]
    public async Task Image_ShouldNeverBeShown_WhenItTurnsOutToBeDamaged()
    {
        var ana = await Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), TestImages.Damaged());

        await Eventually.AssertAsync(async () =>
        {
            using var answer = await ana.SendAsync("GET", $"/api/files/{id}");
            await Tus.AssertStatusAsync(404, answer, "not_found");
        });
    }

    private async Task<IReadOnlyList<string>> WaitingAsync() =>
        [.. (await Host.Services.GetRequiredService<WorkOperations>().ListAsync(ImageKind, null, 0, 200)).Select(item => item.Key)];

    private static void AssertAnimated(byte[] bytes, SKEncodedImageFormat format)
    {
        AssertStripped(bytes);
        using var codec = SKCodec.Create(new MemoryStream(bytes));
        Assert.Equal((format, 2), (codec.EncodedFormat, codec.FrameCount));
        if (format == SKEncodedImageFormat.Gif)
        {
            Assert.Equal(-1, codec.RepetitionCount);
        }
    }

    private static void AssertStripped(byte[] bytes) =>
        Assert.DoesNotContain(TestImages.Secret, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);

    private static string Corners(SKBitmap image)
    {
        var (right, bottom) = (image.Width - 5, image.Height - 5);
        return string.Join(' ', new[] { (4, 4), (right, 4), (4, bottom), (right, bottom) }
            .Select(at => image.GetPixel(at.Item1, at.Item2)).Select(color => color.Red > color.Blue ? "red" : "blue"));
    }

    private static Task ReadyAsync(Person person, string id) => Eventually.AssertAsync(async () =>
    {
        using var answer = await person.SendAsync("GET", $"/api/files/{id}");
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            Assert.NotNull(answer.Header("Retry-After"));
        }

        await Tus.AssertStatusAsync(302, answer);
    });

    private static async Task<(string Type, int Width, int Height)> ViewAsync(Person person, string id, string query = "")
    {
        using var answer = await person.ViewAsync(id, query);
        using var codec = SKCodec.Create(await answer.Content.ReadAsStreamAsync());
        return (answer.Content.Headers.ContentType!.MediaType!, codec.Info.Width, codec.Info.Height);
    }

    private static async Task<byte[]> BytesAsync(Person person, string id, string query = "")
    {
        using var answer = await person.ViewAsync(id, query);
        await Tus.AssertStatusAsync(200, answer);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}

[Collection(OnSqlite.Name)]
public sealed class ImagesOnSqliteSpecs(SqliteChat chat) : ImageSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class ImagesOnPostgresSpecs(PostgresChat chat) : ImageSpecs(chat);

[Collection(OnS3.Name)]
public sealed class ImagesOnS3Specs(S3Chat chat) : ImageSpecs(chat);
