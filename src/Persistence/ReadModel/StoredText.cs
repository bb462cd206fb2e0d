using System.Globalization;
using System.Text;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Text as the tables can store it.</summary>
internal static class StoredText
{
    /// <summary>PostgreSQL's text has no U+0000, and one such character must not stop a room's projection: it becomes U+FFFD.</summary>
    public static string Of(string text) => text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
}

/// <summary>Makes texts comparable, ignoring case and accents, in any script.</summary>
internal static class SearchText
{
    private const int MaxQuery = 200;

    // Kana with and without the sound mark are different letters.
    private const int VoicedSoundMark = 0x3099;
    private const int SemiVoicedSoundMark = 0x309A;

    /// <summary>The search text of a room.</summary>
    public static string OfRoom(string name, string topic) => $"{Normalize(name)}\n{Normalize(topic)}";

    /// <summary>A LIKE pattern, with <c>\</c> as its escape, that finds <paramref name="search"/> anywhere; null if it is empty.</summary>
    public static string? Pattern(string? search)
    {
        var text = Normalize(search ?? "");
        if (text.Length == 0)
        {
            return null;
        }

        text = text.Length > MaxQuery ? text[..MaxQuery] : text;
        return $"%{text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
    }

    /// <summary>
    /// Unicode's compatibility decomposition without its non-spacing marks, in lower case by way of upper case (so that ς is σ), blanks
    /// collapsed, and the common letters that carry a stroke instead of a mark spelled without it.
    /// </summary>
    public static string Normalize(string text)
    {
        var valid = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // half a surrogate pair comes out as U+FFFD; Normalize would throw
        {
            valid.Append(rune.ToString());
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in valid.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            Append(result, rune);
        }

        return result.ToString().Trim();
    }

    private static void Append(StringBuilder result, Rune rune)
    {
        if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
        {
            if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }
        else if (!IsMark(rune))
        {
            result.Append(Fold(rune));
        }
    }

    /// <summary>A letter of a decomposed text, in lower case and without a stroke.</summary>
    internal static string Fold(Rune rune)
    {
        var folded = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune));
        return Unstroked(folded) ?? folded.ToString();
    }

    internal static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        && rune.Value is not (VoicedSoundMark or SemiVoicedSoundMark);

    private static string? Unstroked(Rune rune) => rune.Value switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' or 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        _ => null,
    };
}
