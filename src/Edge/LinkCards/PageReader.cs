using System.Text;
using System.Text.RegularExpressions;
using AkkaChat.Messages.Rooms;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Html.Parser.Tokens.Struct;
using AngleSharp.Text;

namespace AkkaChat.Edge.LinkCards;

/// <summary>
/// Reads a page's card from Open Graph and Twitter tags, the title and the description. It reads tokens without building a tree, so no
/// nesting can exhaust the stack, and the cost is proportional to the length of the page.
/// </summary>
internal static partial class PageReader
{
    private const int MaxTitle = 300;
    private const int MaxDescription = 500;
    private const int MaxSite = 100;
    private const int MaxImageLink = 2_048;

    /// <summary>A page must name its encoding within this many bytes.</summary>
    private const int EncodingScan = 1_024;

    /// <param name="url">As written in the message.</param>
    /// <param name="page">Where the page was found, for its host.</param>
    /// <param name="html">The page, or its beginning.</param>
    /// <param name="charset">From the response; null if it names none.</param>
    /// <returns>No card if the page has no title.</returns>
    public static FetchedPage Read(string url, Uri page, ReadOnlySpan<byte> html, string? charset)
    {
        var (names, title) = ReadHead(Decode(html, charset));
        var shown = First(MaxTitle, Named("og:title"), Named("twitter:title"), title);
        return shown.Length == 0
            ? FetchedPage.Nothing
            : new FetchedPage(
                new LinkCard(
                    url,
                    shown,
                    First(MaxDescription, Named("og:description"), Named("twitter:description"), Named("description")),
                    First(MaxSite, Named("og:site_name"), Named("application-name"), page.IdnHost)),
                Image(page, Named("og:image:secure_url") ?? Named("og:image") ?? Named("og:image:url") ?? Named("twitter:image")));

        string? Named(string name) => names.GetValueOrDefault(name);
    }

    /// <summary>Where the page says that its picture is; whether that may be asked for is the address policy's to say.</summary>
    private static Uri? Image(Uri page, string? link) =>
        link is not null && link.Length <= MaxImageLink && Uri.TryCreate(page, link.Trim(), out var image) ? image : null;

    private static (Dictionary<string, string> Names, string? Title) ReadHead(string html)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var title = new StringBuilder();
        var (inTitle, hasTitle) = (false, false);
        using var source = new TextSource(html);
        var tokenizer = new HtmlTokenizer(source, HtmlEntityProvider.Resolver) { SkipComments = true, SkipScriptText = true, SkipRawText = true };
        tokenizer.ShouldEmitAttribute = IsOfMeta;
        while (tokenizer.Get() is { Type: not HtmlTokenType.EndOfFile } token && !IsStartTag(token, "body"))
        {
            switch (token.Type)
            {
                case HtmlTokenType.StartTag:
                    tokenizer.State = ModeWithin(token.Name);
                    inTitle = token.Name == "title" && !hasTitle;
                    if (token.Name == "meta")
                    {
                        Add(names, token.AsTag());
                    }

                    break;
                case HtmlTokenType.Character when inTitle:
                    title.Append(token.Data);
                    break;
                case HtmlTokenType.EndTag when inTitle:
                    (inTitle, hasTitle) = (false, true);
                    break;
            }
        }

        return (names, title.ToString());
    }

    private static bool IsStartTag(HtmlToken token, string name) => token.Type == HtmlTokenType.StartTag && token.Name == name;

    private static bool IsOfMeta(ref StructHtmlToken token, ReadOnlyMemory<char> name) => name.Span is "property" or "name" or "content";

    private static HtmlParseMode ModeWithin(string element) => element switch
    {
        "title" or "textarea" => HtmlParseMode.RCData,
        "style" or "xmp" or "iframe" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
        "script" => HtmlParseMode.Script,
        "plaintext" => HtmlParseMode.Plaintext,
        _ => HtmlParseMode.PCData,
    };

    /// <summary>Of tags with the same name, the first counts.</summary>
    private static void Add(Dictionary<string, string> names, HtmlTagToken meta)
    {
        var name = meta.GetAttribute("property") is { Length: > 0 } property ? property : meta.GetAttribute("name");
        var content = meta.GetAttribute("content");
        if (name is { Length: > 0 and < 64 } && !string.IsNullOrWhiteSpace(content))
        {
            names.TryAdd(name, content);
        }
    }

    /// <summary>The first value that is not blank, on one line, shortened between characters.</summary>
    private static string First(int max, params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            var line = Blanks().Replace(text ?? "", " ").Trim();
            if (line.Length > 0)
            {
                return line.Length <= max ? line : $"{Cut(line, max - 1)}…";
            }
        }

        return "";
    }

    private static string Cut(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)].TrimEnd();

    private static string Decode(ReadOnlySpan<byte> html, string? charset)
    {
        var (named, mark) = html switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (Find(charset) ?? Find(NamedWithin(html)) ?? Encoding.UTF8, 0),
        };
        return named.GetString(html[mark..]);
    }

    private static string? NamedWithin(ReadOnlySpan<byte> html) =>
        Charset().Match(Encoding.Latin1.GetString(html[..Math.Min(html.Length, EncodingScan)])) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>
    /// Finds an encoding of .NET, including the old code pages; null for unknown ones, and for UTF-7, which can hide markup.
    /// </summary>
    private static Encoding? Find(string? name)
    {
        try
        {
            var encoding = name is null
                ? null
                : CodePagesEncodingProvider.Instance.GetEncoding(name.Trim('"', '\'')) ?? Encoding.GetEncoding(name.Trim('"', '\''));
            return encoding?.WebName == "utf-7" ? null : encoding;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    // Controls and characters that change the direction of text. Not all of \p{C}: it contains surrogates and what joins emoji.
    [GeneratedRegex(@"[\s\p{Cc}\u202A-\u202E\u2066-\u2069]+", RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();

    [GeneratedRegex(@"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[""']?([A-Za-z0-9_:.-]{1,40})", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();
}
