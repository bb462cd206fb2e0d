using System.Text;

namespace AkkaChat.Persistence.Search;

/// <summary>Grams from one to another, both included: those that begin alike.</summary>
internal readonly record struct GramRange(long From, long To);

/// <summary>
/// What the index knows of a folded text: at each place the characters that begin there, three of them, or two where the first is of a script
/// without blanks, whose pairs are rare enough. Fewer at the end of the text. A gram is a number of 63 bits with 21 for each code point, so
/// those that begin alike follow each other: that is how one character is found, and two.
/// </summary>
internal static class Grams
{
    private const int Bits = 21;
    private const long Any = (1L << Bits) - 1;

    /// <summary>Each of the text's grams, some of them several times.</summary>
    public static IEnumerable<long> Of(string folded)
    {
        var points = CodePoints(folded);
        for (var i = 0; i < points.Length; i++)
        {
            yield return At(points, i, Length(points[i]));
        }
    }

    /// <summary>
    /// What a text must have to contain <paramref name="term"/>: all of some grams, or, where the term is too short for one, any of a range.
    /// </summary>
    /// <param name="limit">The most grams; of a long term every part is represented.</param>
    public static (IReadOnlyList<long> All, GramRange? AnyOf) Needed(string term, int limit)
    {
        var points = CodePoints(term);
        var all = new List<long>();
        for (var i = 0; i < points.Length; i++)
        {
            if (i + Length(points[i]) <= points.Length)
            {
                all.Add(At(points, i, Length(points[i])));
            }
        }

        all = [.. all.Distinct()];
        return all.Count == 0 ? ([], BeginningWith(points))
            : all.Count <= limit ? (all, null)
            : ([.. Enumerable.Range(0, limit).Select(i => all[(int)((long)i * (all.Count - 1) / (limit - 1))])], null);
    }

    private static GramRange BeginningWith(int[] points)
    {
        var (first, second) = ((long)points[0] << (2 * Bits), points.Length > 1 ? (long)points[1] << Bits : -1);
        return second < 0
            ? new GramRange(first, first | (Any << Bits) | Any)
            : new GramRange(first | second, first | second | Any);
    }

    private static long At(int[] points, int i, int length)
    {
        long gram = 0;
        for (var k = 0; k < 3; k++)
        {
            gram = (gram << Bits) | (k < length && i + k < points.Length ? (long)points[i + k] : 0);
        }

        return gram;
    }

    private static int Length(int point) => IsOfAScriptWithoutBlanks(point) ? 2 : 3;

    /// <summary>Ideographs, kana, bopomofo, and the punctuation beside them.</summary>
    private static bool IsOfAScriptWithoutBlanks(int point) => point is (>= 0x2E80 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF);

    private static int[] CodePoints(string folded)
    {
        var points = new int[folded.Length];
        var count = 0;
        foreach (var rune in folded.EnumerateRunes())
        {
            points[count++] = rune.Value;
        }

        return count == points.Length ? points : points[..count];
    }
}
