namespace AkkaChat.Cluster.Rooms;

/// <summary>Finds <c>@username</c> in a text.</summary>
internal static class MentionScanner
{
    private const int MaxMentions = 50;

    /// <summary>The names as written, without the @; trailing dots and hyphens belong to the sentence. At most 50.</summary>
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

            var name = text[(at + 1)..end].TrimEnd('.', '-');
            if (name.Length > 0)
            {
                count++;
                yield return name;
            }
        }
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
}
