using System.Text.RegularExpressions;
using AkkaChat.Support.Processes;

namespace AkkaChat.Architecture.Tests;

/// <summary>A link from one document to a file of this repository leads somewhere.</summary>
public sealed partial class LinkSpecs
{
    public static TheoryData<string> Documents =>
    [
        "README.md",
        "CONTRIBUTING.md",
        "src/Web/README.md",
        .. Directory.GetFiles(Path.Combine(Product.Root, "docs"), "*.md").Select(file => Path.GetRelativePath(Product.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Link_ShouldLeadToAFileAndItsHeading(string document)
    {
        var file = Path.Combine(Product.Root, document);
        var broken =
            from link in Link().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)
            where !link.Contains("://", StringComparison.Ordinal) && !Leads(file, link)
            select link;

        Assert.Empty(broken);
    }

    [Fact]
    public void Path_ShouldLinkEachStepToItsFile()
    {
        var architecture = File.ReadAllText(Path.Combine(Product.Root, "docs/architecture.md"));
        var path = architecture[architecture.IndexOf("## The path of a message", StringComparison.Ordinal)..];
        var steps = Step().Matches(path[..path.IndexOf("\n## ", 1, StringComparison.Ordinal)]);

        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.Matches(@"\[`\w+`\]", step.Value));
    }

    private static bool Leads(string from, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? from : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from)!, parts[0]));
        return (File.Exists(target) || Directory.Exists(target))
            && (parts.Length == 1 || Heading().Matches(File.ReadAllText(target)).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]));
    }

    /// <summary>As GitHub derives it.</summary>
    private static string Anchor(string heading) => NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|^\[[^\]\n]+\]: (\S+)", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w \-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^\d+\. .*?(?=^\d+\. |^$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Step();
}
