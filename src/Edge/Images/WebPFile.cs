using System.Buffers.Binary;

namespace AkkaChat.Edge.Images;

/// <summary>
/// Removes from a WebP what is not picture (RFC 9649): keeps the chunks of frames and colours, and drops Exif, XMP, unknown chunks and
/// trailing data. For animations, which Skia cannot write.
/// </summary>
internal static class WebPFile
{
    private const int HeaderSize = 12;
    private const int ChunkHeaderSize = 8;
    private const byte ExifFlag = 0x08;
    private const byte XmpFlag = 0x04;

    private static readonly string[] Kept = ["VP8X", "ANIM", "ANMF", "ICCP", "ALPH", "VP8 ", "VP8L"];

    /// <exception cref="BadImageException">The chunks do not follow each other.</exception>
    public static byte[] Strip(ReadOnlySpan<byte> file)
    {
        using var kept = new MemoryStream(file.Length);
        kept.Write("RIFF\0\0\0\0WEBP"u8);
        var end = (int)Math.Min(file.Length, BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L);
        for (var at = HeaderSize; at + ChunkHeaderSize <= end;)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            var whole = ChunkHeaderSize + size + (size & 1);
            if (at + ChunkHeaderSize + size > end)
            {
                throw new DamagedImageException("The WebP is damaged.");
            }

            var chunk = file.Slice(at, (int)Math.Min(whole, end - at)).ToArray();
            var name = System.Text.Encoding.ASCII.GetString(chunk, 0, 4);
            if (name == "VP8X" && size > 0)
            {
                chunk[ChunkHeaderSize] &= unchecked((byte)~(ExifFlag | XmpFlag));
            }

            if (Kept.Contains(name))
            {
                kept.Write(chunk);
            }

            at += (int)whole;
        }

        var result = kept.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(4), (uint)result.Length - 8);
        return result;
    }
}
