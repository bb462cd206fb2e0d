using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>Images made for the specs, good and bad.</summary>
internal static class TestImages
{
    /// <summary>What must be in no file that is served.</summary>
    public const string Secret = "GPS-52.5200N-13.4050E";

    private const int FrameLength = 24;

    public static byte[] Encoded(int width, int height, SKEncodedImageFormat format = SKEncodedImageFormat.Jpeg, bool hasAlpha = false)
    {
        using var bitmap = Picture(width, height, hasAlpha);
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>A JPEG whose upper left corner is red as stored, with an orientation and a secret in its Exif data and a comment.</summary>
    public static byte[] WithExif(int width, int height, int orientation)
    {
        var jpeg = Encoded(width, height);
        var secret = Encoding.ASCII.GetBytes(Secret + "\0");
        using var tiff = new MemoryStream();
        tiff.Write("MM\0*"u8);
        tiff.Write([0, 0, 0, 8, 0, 2]);
        tiff.Write([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0]);
        tiff.Write([0x01, 0x0E, 0, 2, 0, 0, 0, (byte)secret.Length, 0, 0, 0, 38, 0, 0, 0, 0]);
        tiff.Write(secret);
        byte[] exif = [.. "Exif\0\0"u8, .. tiff.ToArray()];
        return [0xFF, 0xD8, .. Segment(0xE1, exif), .. Segment(0xFE, secret), .. jpeg[2..]];
    }

    /// <summary>A JPEG with megabytes of a camera's own data in front of its size.</summary>
    public static byte[] WithLongHeader(int width, int height) =>
        [0xFF, 0xD8, .. Enumerable.Range(0, 40).SelectMany(_ => Segment(0xE1, new byte[65_000])), .. Encoded(width, height)[2..]];

    /// <summary>A PNG that says it is huge, with a few bytes of picture; all checksums are right.</summary>
    public static byte[] PngBomb(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 6);
        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", [0x78, 0x9C, 0x63, 0, 0, 0, 1, 0, 1]), .. Chunk("IEND", [])];
    }

    /// <summary>A GIF whose first frame is good, and what follows it no block of a GIF.</summary>
    public static byte[] Damaged() => [.. AnimatedGif().TakeWhile((_, i) => i < AnimatedGif().Length - 1 - Secret.Length - FrameLength), 0x77, 1, 2, 3];

    /// <summary>Its header is good, and none of its pixels.</summary>
    public static byte[] Damaged(SKEncodedImageFormat format)
    {
        var good = Encoded(64, 64, format);
        var from = format switch
        {
            SKEncodedImageFormat.Png => good.AsSpan().IndexOf("IDAT"u8) + 4,
            SKEncodedImageFormat.Jpeg => good.AsSpan().IndexOf(new byte[] { 0xFF, 0xDA }) + 14,
            _ => good.AsSpan().IndexOf("VP8 "u8) + 18,
        };
        return [.. good[..from], .. Enumerable.Repeat((byte)0xFF, good.Length - from)];
    }

    /// <summary>Good, and cut off in the middle of its pixels.</summary>
    public static byte[] Cut(SKEncodedImageFormat format)
    {
        var good = Encoded(640, 640, format);
        return good[..(good.Length * 3 / 4)];
    }

    /// <summary>A PNG with a secret in a text chunk.</summary>
    public static byte[] PngWithText()
    {
        var png = Encoded(10, 10, SKEncodedImageFormat.Png);
        return [.. png[..33], .. Chunk("tEXt", Encoding.ASCII.GetBytes($"Comment\0{Secret}")), .. png[33..]];
    }

    /// <summary>Two frames of 2 × 2 pixels that repeat, a secret in a comment, in application data and behind the end.</summary>
    public static byte[] AnimatedGif()
    {
        var secret = Encoding.ASCII.GetBytes(Secret);
        byte[] frame = [0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x84, 0x84, 5, 0];
        return
        [
            .. "GIF89a"u8, 2, 0, 2, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255,
            0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0,
            0x21, 0xFE, (byte)secret.Length, .. secret, 0,
            0x21, 0xFF, 11, .. "XMP DataXMP"u8, (byte)secret.Length, .. secret, 0,
            .. frame, .. frame, 0x3B, .. secret,
        ];
    }

    /// <summary>Two frames, with a secret in its Exif and XMP chunks.</summary>
    public static byte[] AnimatedWebP()
    {
        var secret = Encoding.ASCII.GetBytes(Secret + "!");
        var still = Encoded(16, 16, SKEncodedImageFormat.Webp);
        byte[] frame = Riff("ANMF", [0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 100, 0, 0, 0, .. PictureChunk(still)]);
        byte[] body =
        [
            .. "WEBP"u8, .. Riff("VP8X", [0x02 | 0x08 | 0x04, 0, 0, 0, 15, 0, 0, 15, 0, 0]), .. Riff("ANIM", [0, 0, 0, 0, 0, 0]), .. frame, .. frame,
            .. Riff("EXIF", secret), .. Riff("XMP ", secret),
        ];
        return Riff("RIFF", body);
    }

    private static byte[] PictureChunk(byte[] webp)
    {
        for (var at = 12; ; at += 8 + BinaryPrimitives.ReadInt32LittleEndian(webp.AsSpan(at + 4)) + (webp[at + 4] & 1))
        {
            if (Encoding.ASCII.GetString(webp, at, 4) is "VP8 " or "VP8L")
            {
                return webp[at..(at + 8 + BinaryPrimitives.ReadInt32LittleEndian(webp.AsSpan(at + 4)))];
            }
        }
    }

    private static byte[] Riff(string name, byte[] data)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, data.Length);
        return [.. Encoding.ASCII.GetBytes(name), .. size, .. data, .. new byte[data.Length & 1]];
    }

    private static SKBitmap Picture(int width, int height, bool hasAlpha)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, hasAlpha ? SKAlphaType.Premul : SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(hasAlpha ? SKColors.Transparent : SKColors.Blue);
        using var paint = new SKPaint { Color = SKColors.Red };
        canvas.DrawRect(0, 0, width / 2, height / 2, paint);
        return bitmap;
    }

    private static byte[] Segment(byte marker, byte[] data) => [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        var (length, crc) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32(body));
        return [.. length, .. body, .. crc];
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
