namespace AkkaChat.Edge.Images;

/// <summary>
/// Removes from a GIF what is not picture (GIF89a specification): comments, plain text, application data except the loop count, and data
/// after the trailer. The frames are copied unchanged, since Skia cannot write GIF.
/// </summary>
internal static class GifFile
{
    private const byte Extension = 0x21;
    private const byte Image = 0x2C;
    private const byte Trailer = 0x3B;
    private const byte GraphicControl = 0xF9;
    private const byte Application = 0xFF;

    /// <exception cref="BadImageException">The blocks do not follow each other.</exception>
    public static byte[] Strip(ReadOnlySpan<byte> file)
    {
        using var kept = new MemoryStream(file.Length);
        var at = 13 + ColorTable(At(file, 10));
        kept.Write(Slice(file, 0, at));
        while (at < file.Length && file[at] != Trailer)
        {
            var start = at;
            var isKept = true;
            switch (file[at])
            {
                case Extension:
                    var label = At(file, at + 1);
                    isKept = label == GraphicControl || (label == Application && IsRepetition(file, at + 2));
                    at = SkipBlocks(file, at + 2);
                    break;
                case Image:
                    at = SkipBlocks(file, at + 11 + ColorTable(At(file, at + 9)));
                    break;
                default:
                    throw Damaged();
            }

            if (isKept)
            {
                kept.Write(Slice(file, start, at - start));
            }
        }

        kept.WriteByte(Trailer);
        return kept.ToArray();
    }

    private static bool IsRepetition(ReadOnlySpan<byte> file, int at) =>
        At(file, at) == 11 && Slice(file, at + 1, 11) is var name && (name.SequenceEqual("NETSCAPE2.0"u8) || name.SequenceEqual("ANIMEXTS1.0"u8));

    private static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int SkipBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (At(file, at) is > 0 and var length)
        {
            at += 1 + length;
        }

        return at + 1;
    }

    private static byte At(ReadOnlySpan<byte> file, int at) => at < file.Length ? file[at] : throw Damaged();

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, int at, int length) =>
        at + length <= file.Length ? file.Slice(at, length) : throw Damaged();

    private static DamagedImageException Damaged() => new DamagedImageException("The GIF is damaged.");
}
