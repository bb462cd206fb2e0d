using System.Text.RegularExpressions;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>Finds the links in a message that get cards.</summary>
public static partial class LinkFinder
{
    /// <summary>The most links in one message that get cards.</summary>
    public const int MaxLinks = 3;

    /// <summary>The longest link, in characters.</summary>
    public const int MaxLength = 2_048;

    /// <summary>The first http and https links, each once, as written in the text. Links in code are left out.</summary>
    public static IReadOnlyList<string> Find(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return [];
        }

        return
        [
            .. Link().Matches(Code().Replace(text, " "))
                .Select(match => Trim(match.Value))
                .Where(link => link.Length <= MaxLength && Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Host.Length > 0)
                .Distinct(StringComparer.Ordinal)
                .Take(MaxLinks),
        ];
    }

    /// <summary>Removes punctuation that ends the sentence, and a closing bracket that was not opened in the link.</summary>
    private static string Trim(string link)
    {
        while (true)
        {
            var trimmed = link.TrimEnd('.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '|');
            if (IsClosedOnly(trimmed))
            {
                trimmed = trimmed[..^1];
            }

            if (trimmed.Length == link.Length)
            {
                return link;
            }

            link = trimmed;
        }
    }

    private static bool IsClosedOnly(string link)
    {
        var last = link.Length == 0 ? ' ' : link[^1];
        return last is ')' or ']' or '}' && link.Count(c => c == last) > link.Count(c => c == Opening(last));
    }

    private static char Opening(char closing) => closing switch
    {
        ')' => '(',
        ']' => '[',
        _ => '{',
    };

    [GeneratedRegex(@"https?://[^\s<>""`\\^\p{Cc}]+", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex("```[^`]*(?:```|$)|`[^`\n]*`", RegexOptions.NonBacktracking)]
    private static partial Regex Code();
}
