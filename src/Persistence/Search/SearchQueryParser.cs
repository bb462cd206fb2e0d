using System.Buffers;
using System.Globalization;

namespace AkkaChat.Persistence.Search;

/// <summary>
/// Reads what people type: words and "quoted phrases", all of which a message must have; <c>-word</c>, which it must not; and filters such as
/// <c>from:ana</c>. What looks like an operator of a database or a search engine is text.
/// </summary>
public static class SearchQueryParser
{
    private const string DateForm = "yyyy-MM-dd";

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Whether the text has nothing that could be found: marks and what nobody sees.</summary>
    public static bool IsEmpty(string? text) => FoldedText.Fold(text ?? "").Length == 0;

    /// <param name="offset">Of the caller's clock from UTC, for what a day is.</param>
    public static ParsedQuery Parse(string? text, TimeSpan offset = default)
    {
        if (text is null || string.IsNullOrWhiteSpace(text))
        {
            return Error("Say what to look for.");
        }

        if (text.Length > SearchQuery.MaxLength)
        {
            return Error($"A search has at most {SearchQuery.MaxLength} characters.");
        }

        var words = Split(text);
        return words.Count > SearchQuery.MaxParts
            ? Error($"A search has at most {SearchQuery.MaxParts} words and filters.")
            : new Reading(offset).Read(words);
    }

    private static ParsedQuery Error(string message) => new(null, message);

    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '„';

    /// <summary>At blanks that are not quoted.</summary>
    private static List<Word> Split(string text)
    {
        var words = new List<Word>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            words.Add(ReadWord(text, ref at));
        }

        return words;
    }

    private static Word ReadWord(string text, ref int at)
    {
        // "--verbose" is an option of some program, and text.
        var isExcluded = text[at] == '-' && at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]) && text[at + 1] != '-';
        at += isExcluded ? 1 : 0;
        if (IsQuote(text[at]))
        {
            return new Word(isExcluded, null, ReadQuoted(text, ref at), IsQuoted: true);
        }

        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
        {
            if (text[at] == ':' && IsName(text.AsSpan(start, at - start)) && !IsText(text, at + 1))
            {
                var name = text[start..at].ToLowerInvariant();
                at++;
                return new Word(isExcluded, name, ReadValue(text, ref at), IsQuoted: false);
            }

            at++;
        }

        return new Word(isExcluded, null, text[start..at], IsQuoted: false);
    }

    private static bool IsName(ReadOnlySpan<char> name) => name.Length > 0 && !name.ContainsAnyExcept(Letters);

    /// <summary>What follows the colon of a link, a path or a C++ name. A filter's value begins otherwise.</summary>
    private static bool IsText(string text, int at) => at < text.Length && text[at] is '/' or '\\' or ':' or ')' or '(';

    private static string ReadValue(string text, ref int at)
    {
        if (at < text.Length && IsQuote(text[at]))
        {
            return ReadQuoted(text, ref at);
        }

        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return text[start..at];
    }

    /// <summary>A quote that is not closed goes to the end.</summary>
    private static string ReadQuoted(string text, ref int at)
    {
        var start = ++at;
        while (at < text.Length && !IsQuote(text[at]))
        {
            at++;
        }

        var quoted = text[start..at];
        at += at < text.Length ? 1 : 0;
        return quoted;
    }

    /// <param name="Filter">Null for text.</param>
    private sealed record Word(bool IsExcluded, string? Filter, string Value, bool IsQuoted);

    private sealed class Reading(TimeSpan offset)
    {
        private readonly List<string> _terms = [];
        private readonly List<string> _excluded = [];
        private readonly List<string> _from = [];
        private readonly List<string> _in = [];
        private MessageParts _has;
        private long _since = long.MinValue;
        private long _until = long.MaxValue;

        public ParsedQuery Read(IEnumerable<Word> words)
        {
            foreach (var word in words)
            {
                var error = word.Filter is null ? ReadText(word) : ReadFilter(word);
                if (error is not null)
                {
                    return Error(error);
                }
            }

            var isFiltered = _from.Count > 0 || _in.Count > 0 || _has != MessageParts.None || _since != long.MinValue || _until != long.MaxValue;
            return _terms.Count == 0 && !isFiltered
                ? Error(_excluded.Count > 0 ? "Say also what to look for, not only what not." : "There is nothing in it to look for.")
                : new ParsedQuery(new SearchQuery(_terms, _excluded, _from, _in, _has, _since, _until), null);
        }

        private string? ReadText(Word word)
        {
            var folded = FoldedText.Fold(word.Value);
            if (folded.Length > 0)
            {
                (word.IsExcluded ? _excluded : _terms).Add(folded);
            }

            return null;
        }

        private string? ReadFilter(Word word)
        {
            var (name, value) = (word.Filter!, word.Value);
            if (!SearchQuery.Filters.Contains(name))
            {
                // A word before a colon and a blank is text: "todo: call".
                return value.Length == 0
                    ? ReadText(word with { Value = $"{name}:" })
                    : $"{name}: is no filter. There are {string.Join(", ", SearchQuery.Filters.Select(filter => $"{filter}:"))}; put quotes around what is text.";
            }

            return word.IsExcluded ? $"{name}: cannot be excluded; only words can."
                : value.Length == 0 ? $"{name}: needs a value, without a blank before it."
                : name switch
                {
                    "from" => Take(_from, value.TrimStart('@')),
                    "in" => Take(_in, FoldedText.Fold(value.TrimStart('#'))),
                    "has" => ReadHas(value),
                    _ => ReadDay(name, value),
                };
        }

        private static string? Take(List<string> values, string value)
        {
            if (value.Length > 0)
            {
                values.Add(value);
            }

            return value.Length > 0 ? null : "There is no name after the colon.";
        }

        private string? ReadHas(string value)
        {
            MessageParts? part = value.ToLowerInvariant() switch
            {
                "file" or "files" => MessageParts.File,
                "image" or "images" => MessageParts.Image,
                "link" or "links" => MessageParts.Link,
                _ => null,
            };
            _has |= part ?? MessageParts.None;
            return part is null ? $"has: is followed by {string.Join(", ", SearchQuery.Parts)}." : null;
        }

        private string? ReadDay(string name, string value)
        {
            if (!DateTime.TryParseExact(value, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                || day.Year is < 1970 or > 9998)
            {
                return $"{name}: is followed by a day such as 2026-01-31.";
            }

            var start = new DateTimeOffset(day, TimeSpan.Zero).ToUnixTimeMilliseconds() - (long)offset.TotalMilliseconds;
            var end = start + (long)TimeSpan.FromDays(1).TotalMilliseconds;
            _since = name switch { "on" => Math.Max(_since, start), "after" => Math.Max(_since, end), _ => _since };
            _until = name switch { "on" => Math.Min(_until, end), "before" => Math.Min(_until, start), _ => _until };
            return null;
        }
    }
}
