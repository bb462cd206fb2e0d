using System.Text;

namespace AkkaChat.Edge.Files;

/// <summary>Turns an uploader's file name into one that can be shown and saved. Never used as a path or a key.</summary>
internal static class FileNames
{
    /// <summary>In bytes of UTF-8: the limit of file systems.</summary>
    public const int MaxBytes = 255;

    private const int MaxExtensionBytes = 20;
    private const string Fallback = "file";

    /// <summary>
    /// The last part of a path, without invisible characters and those that change the direction of text, shortened to
    /// <see cref="MaxBytes"/> with its extension kept.
    /// </summary>
    public static string Clean(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var visible = string.Concat(last.EnumerateRunes().Where(IsVisible)).Trim().Trim('.').Trim();
        return visible.Length == 0 ? Fallback : Fit(visible);
    }

    private static bool IsVisible(Rune rune) =>
        !Rune.IsControl(rune)
        && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x061C or 0x2028 or 0x2029 or 0xFEFF or 0xFFFD);

    private static string Fit(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxBytes)
        {
            return name;
        }

        var extension = Path.GetExtension(name);
        if (Encoding.UTF8.GetByteCount(extension) > MaxExtensionBytes)
        {
            extension = "";
        }

        var room = MaxBytes - Encoding.UTF8.GetByteCount(extension);
        var stem = new StringBuilder();
        foreach (var rune in name[..^extension.Length].EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            stem.Append(rune.ToString());
        }

        return stem.ToString().TrimEnd() + extension;
    }
}
