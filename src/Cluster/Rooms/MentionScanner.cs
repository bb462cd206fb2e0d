namespace AkkaChat.Cluster.Rooms;

/// <summary>Finds <c>@username</c> in a text.</summary>
public static class MentionScanner
{
    private const int MaxMentions = 50;

    /// <summary>The length of the longest username.</summary>
    private const int MaxLength = 32;

    /// <summary>
    /// The usernames that a text may mention, without the @, for at most 50 mentions. Dots and hyphens at the end may belong to the name or
    /// to the sentence: <c>@ana.-</c> gives <c>ana.-</c>, <c>ana.</c> and <c>ana</c>.
    /// </summary>
    public static IEnumerable<string> Names(string text)
    {
        var count = 0;
        for (var at = text.IndexOf('@'); at >= 0 && count < MaxMentions; at = text.IndexOf('@', at + 1))
        {
            if (at > 0 && IsNamePart(text[at - 1]))
            {
                continue; // an e-mail address
            }

            var end = at + 1;
            while (end < text.Length && IsNamePart(text[end]))
            {
                end++;
            }

            var longest = end - at - 1;
            var shortest = Math.Max(1, text.AsSpan(at + 1, longest).TrimEnd(".-").Length);
            count += longest > 0 ? 1 : 0;
            for (var length = Math.Min(longest, MaxLength); length >= shortest; length--)
            {
                yield return text.Substring(at + 1, length);
            }
        }
    }

    /// <summary>Whether the text may mention this name, in any case.</summary>
    public static bool HasName(string text, string name) => Names(text).Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
}
