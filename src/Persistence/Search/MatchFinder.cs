namespace AkkaChat.Persistence.Search;

/// <summary>Decides whether a text matches, and where.</summary>
internal sealed class MatchFinder(IReadOnlyList<string> terms, IReadOnlyList<string> excluded)
{
    /// <summary>Marked in one message.</summary>
    private const int MaxMatches = 50;

    private const int SnippetLength = 240;

    /// <summary>Shown of what is before the first match.</summary>
    private const int Lead = 60;

    public bool Matches(string searched)
    {
        var folded = FoldedText.Fold(searched);
        return terms.All(term => folded.Contains(term, StringComparison.Ordinal))
            && !excluded.Any(term => folded.Contains(term, StringComparison.Ordinal));
    }

    public IReadOnlyList<TextRange> Find(string text)
    {
        var folded = FoldedText.Of(text);
        var ranges = new List<TextRange>();
        foreach (var range in terms.SelectMany(term => folded.Find(term, MaxMatches)).OrderBy(range => range.Start).ThenByDescending(range => range.End))
        {
            if (ranges.Count > 0 && range.Start < ranges[^1].End)
            {
                ranges[^1] = new TextRange(ranges[^1].Start, Math.Max(ranges[^1].End, range.End) - ranges[^1].Start);
            }
            else
            {
                ranges.Add(range);
            }
        }

        return [.. ranges.Take(MaxMatches)];
    }

    /// <summary>The text around the first match, or its beginning.</summary>
    public static SearchSnippet SnippetOf(string text, IReadOnlyList<TextRange> matches)
    {
        var first = matches.Count > 0 ? matches[0].Start : 0;
        var start = text.Length <= SnippetLength ? 0 : Math.Clamp(first - Lead, 0, text.Length - SnippetLength);
        start = start == 0 ? 0 : AfterABlank(text, start, first);
        var end = Math.Min(text.Length, start + SnippetLength);
        end = end < text.Length && char.IsLowSurrogate(text[end]) ? end - 1 : end;
        return new SearchSnippet(
            text[start..end],
            [
                .. matches.Where(match => match.Start < end && match.End > start)
                    .Select(match => (Start: Math.Max(match.Start, start), End: Math.Min(match.End, end)))
                    .Select(match => new TextRange(match.Start - start, match.End - match.Start)),
            ],
            start > 0,
            end < text.Length);
    }

    /// <summary>Where a word begins, if one does before the match; never within a character.</summary>
    private static int AfterABlank(string text, int start, int first)
    {
        for (var at = start; at < Math.Min(first, start + (Lead / 2)); at++)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                return at + 1;
            }
        }

        return char.IsLowSurrogate(text[start]) ? start + 1 : start;
    }
}
