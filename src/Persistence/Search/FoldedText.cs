using System.Globalization;
using System.Text;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Persistence.Search;

/// <summary>A part of a text, in UTF-16 units.</summary>
public readonly record struct TextRange(int Start, int Length)
{
    public int End => Start + Length;
}

/// <summary>
/// A text as searches compare it: as <see cref="SearchText"/> leaves it, and without what nobody sees or types (joiners, direction marks).
/// It remembers where each of its characters comes from, so that what is found can be marked in the text itself.
/// </summary>
internal sealed class FoldedText
{
    private readonly List<TextRange> _sources;

    private FoldedText(string value, List<TextRange> sources)
    {
        Value = value;
        _sources = sources;
    }

    public string Value { get; }

    public static FoldedText Of(string text)
    {
        var sources = new List<TextRange>(text.Length);
        return new FoldedText(Fold(text, sources), sources);
    }

    /// <summary><see cref="Value"/> alone.</summary>
    public static string Fold(string text) => Fold(text, null);

    /// <summary>Where <paramref name="term"/>, itself folded, stands in the text: without overlaps, at most <paramref name="limit"/>.</summary>
    public IEnumerable<TextRange> Find(string term, int limit)
    {
        var from = 0;
        for (var found = 0; found < limit && (from = Value.IndexOf(term, from, StringComparison.Ordinal)) >= 0; found++)
        {
            var start = _sources[from].Start;
            from += term.Length;
            yield return new TextRange(start, _sources[from - 1].End - start);
        }
    }

    private static string Fold(string text, List<TextRange>? sources)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var c = text[at];
            if (c < 0x80)
            {
                AddAscii(c, new TextRange(at, 1));
                at++;
                continue;
            }

            // Half a surrogate pair comes out as U+FFFD.
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            Add(rune, new TextRange(at, length));
            at += length;
        }

        if (result.Length > 0 && result[^1] == ' ')
        {
            result.Length--;
            sources?.RemoveAt(sources.Count - 1);
        }

        return result.ToString();

        void AddAscii(char c, TextRange source)
        {
            if (c is <= ' ' or '\x7f')
            {
                AddBlank(source);
            }
            else
            {
                result.Append(char.ToLowerInvariant(c));
                sources?.Add(source);
            }
        }

        void Add(Rune rune, TextRange source)
        {
            if (IsIdeograph(rune)) // by far the most common that decomposes to itself
            {
                AddText(rune.ToString(), source);
                return;
            }

            // Each by itself: decomposing the whole would only bring its marks into another order, and they go.
            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
            {
                if (Rune.IsWhiteSpace(part) || Rune.IsControl(part))
                {
                    AddBlank(source);
                }
                else if (SearchText.IsMark(part) || Rune.GetUnicodeCategory(part) == UnicodeCategory.Format)
                {
                    Extend(source);
                }
                else
                {
                    AddText(SearchText.Fold(part), source);
                }
            }
        }

        void AddText(string folded, TextRange source)
        {
            result.Append(folded);
            for (var i = 0; sources is not null && i < folded.Length; i++)
            {
                sources.Add(source);
            }
        }

        void AddBlank(TextRange source)
        {
            if (result.Length > 0 && result[^1] != ' ')
            {
                AddText(" ", source);
            }
        }

        // A mark is shown on the letter before it, and marked with it.
        void Extend(TextRange source)
        {
            if (sources is { Count: > 0 } && sources[^1].End == source.Start)
            {
                sources[^1] = new TextRange(sources[^1].Start, source.End - sources[^1].Start);
            }
        }
    }

    private static bool IsIdeograph(Rune rune) => rune.Value is >= 0x4E00 and <= 0x9FFF;
}
