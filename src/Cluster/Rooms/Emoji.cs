using System.Globalization;
using System.Text;

namespace AkkaChat.Cluster.Rooms;

/// <summary>Which texts are an emoji to react with.</summary>
public static class Emoji
{
    /// <summary>More than the longest one that is in use, a couple with two skin tones, has in UTF-8.</summary>
    public const int MaxBytes = 64;

    private const int Keycap = 0x20E3;
    private const int FirstSymbol = 0xA9;

    /// <summary>
    /// One character as a reader sees it, without letters: the list of emoji grows each year, so none is kept here.
    /// </summary>
    public static bool IsOne(string text)
    {
        if (text.Length is 0 or > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes || new StringInfo(text).LengthInTextElements != 1)
        {
            return false;
        }

        var runes = text.EnumerateRunes().ToList();
        var isKeycap = runes[^1].Value == Keycap;
        return runes.Exists(rune => rune.Value >= FirstSymbol && rune != Rune.ReplacementChar)
            && runes.TrueForAll(rune => rune != Rune.ReplacementChar && !Rune.IsLetter(rune) && !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune)
                && (isKeycap || !Rune.IsDigit(rune)))
            && Rune.GetUnicodeCategory(runes[0]) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format);
    }
}
