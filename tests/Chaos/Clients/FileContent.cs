using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace AkkaChat.Chaos.Clients;

/// <summary>A file that a user uploads.</summary>
internal sealed record FileContent(byte[] Bytes, string Name, string Type, bool IsImage)
{
    private static readonly uint[] Crc = CrcTable();

    /// <summary>What its readers must get, by <see cref="Describe"/>.</summary>
    public string Description => Describe(Bytes);

    public static FileContent Random(Random random)
    {
        var what = random.NextDouble();
        if (what < 0.3)
        {
            return Picture(random);
        }

        // Now and then more than a piece of any store, so that there is something to go on with after a kill.
        var bytes = new byte[what < 0.92 ? random.Next(1, 80_000) : random.Next(2_000_000, 7_000_000)];
        random.NextBytes(bytes);
        // What looks like an image by chance would be taken for one.
        bytes[0] = (byte)'x';
        return new FileContent(bytes, "notes.bin", "application/octet-stream", IsImage: false);
    }

    public static FileContent Picture(Random random) =>
        new(Png(random.Next(100, 700), random.Next(100, 700)), "picture.png", "image/png", IsImage: true);

    /// <summary>
    /// Names content so that what is uploaded and what is served can be compared: by SHA-256, a whole PNG by its size, since the server makes
    /// images anew, and a WebP, as thumbnails are, as such.
    /// </summary>
    public static string Describe(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] when bytes.Length > 45 && bytes[^8..^4].SequenceEqual("IEND"u8) =>
            $"png {BinaryPrimitives.ReadInt32BigEndian(bytes[16..])}x{BinaryPrimitives.ReadInt32BigEndian(bytes[20..])}",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "webp",
        _ => Convert.ToHexStringLower(SHA256.HashData(bytes)),
    };

    private static byte[] Png(int width, int height)
    {
        var rows = new byte[((width * 3) + 1) * height];
        for (var i = 0; i < rows.Length; i++)
        {
            // A row begins with its filter: none.
            rows[i] = i % ((width * 3) + 1) == 0 ? (byte)0 : (byte)(i / 97);
        }

        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(rows);
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        // 8 bits, colours.
        (header[8], header[9]) = (8, 2);
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, packed.ToArray());
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        var crc = uint.MaxValue;
        foreach (var part in new[] { type.ToArray(), data.ToArray() })
        {
            foreach (var b in part)
            {
                crc = Crc[(crc ^ b) & 0xFF] ^ (crc >> 8);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        png.Write(number);
    }

    private static uint[] CrcTable() =>
    [
        .. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1)),
    ];
}
