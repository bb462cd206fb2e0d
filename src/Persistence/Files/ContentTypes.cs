namespace AkkaChat.Persistence.Files;

/// <summary>
/// Detects types by the first bytes, following the WHATWG MIME Sniffing standard: those that a browser may show. Everything else has no
/// type and is only downloaded. A file's name and declared type do not matter.
/// </summary>
public static class ContentTypes
{
    public const string Unknown = "application/octet-stream";

    /// <summary>The number of first bytes that <see cref="Sniff"/> reads.</summary>
    public const int SniffedBytes = 64;

    private static readonly HashSet<string> Images = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    private static readonly HashSet<string> Media =
    [
        "audio/mpeg", "audio/ogg", "audio/wave", "audio/flac", "audio/mp4", "audio/webm", "video/mp4", "video/webm", "application/pdf",
    ];

    /// <summary>Images that are decoded, re-encoded and given thumbnails.</summary>
    public static bool IsImage(string type) => Images.Contains(type);

    /// <summary>Types that a browser may show in the page; others are downloaded.</summary>
    public static bool IsInline(string type) => Images.Contains(type) || Media.Contains(type);

    /// <param name="declared">Tells audio from video if both use the same container.</param>
    public static string Sniff(ReadOnlySpan<byte> head, string declared)
    {
        var isAudio = declared.StartsWith("audio/", StringComparison.OrdinalIgnoreCase);
        return head switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
            [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => "image/gif",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..] => "application/pdf",
            [(byte)'I', (byte)'D', (byte)'3', ..] => "audio/mpeg",
            [0xFF, 0xFB or 0xF3 or 0xF2 or 0xFA, ..] => "audio/mpeg",
            [(byte)'O', (byte)'g', (byte)'g', (byte)'S', 0, ..] => "audio/ogg",
            [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => "audio/flac",
            [0x1A, 0x45, 0xDF, 0xA3, ..] when head.IndexOf("webm"u8) >= 0 => isAudio ? "audio/webm" : "video/webm",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'A', (byte)'V', (byte)'E', ..] => "audio/wave",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', var a, var b, var c, ..] => Mp4(a, b, c, isAudio),
            _ => Unknown,
        };
    }

    /// <summary>The brand of an ISO base media file; those of HEIF and AVIF images are not shown.</summary>
    private static string Mp4(byte a, byte b, byte c, bool isAudio) => (a, b, c) switch
    {
        ((byte)'M', (byte)'4', (byte)'A') => "audio/mp4",
        ((byte)'m', (byte)'p', (byte)'4') or ((byte)'i', (byte)'s', (byte)'o') or ((byte)'a', (byte)'v', (byte)'c')
            or ((byte)'M', (byte)'4', (byte)'V') or ((byte)'d', (byte)'a', (byte)'s') => isAudio ? "audio/mp4" : "video/mp4",
        _ => Unknown,
    };
}
