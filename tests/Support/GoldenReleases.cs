using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AkkaChat.Support.Processes;

namespace AkkaChat.Support;

/// <summary>
/// What each release wrote, in <c>tests/Golden/VERSION</c>, a line an item: its name, a tab, and its bytes or text. Never changed: docs/formats.md.
/// </summary>
public static partial class GoldenReleases
{
    private const string Sums = "SHA256SUMS";

    private static string Folder => Path.Combine(Product.Root, "tests", "Golden");

    public static IReadOnlyList<string> Versions => [.. Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>The version that is being made.</summary>
    public static string Current => Version().Match(File.ReadAllText(Path.Combine(Product.Root, "Directory.Build.props"))).Groups[1].Value;

    public static IReadOnlyList<(string Name, string Value)> Read(string version, string file) =>
    [
        .. File.ReadLines(Path.Combine(Folder, version, file)).Select(line => line.Split('\t', 2)).Select(parts => (parts[0], parts[1])),
    ];

    /// <summary>Makes the files of a version that has none, where they cannot be taken for recorded ones.</summary>
    /// <exception cref="InvalidOperationException">One was missing; the message says what to do.</exception>
    public static void RequireCurrent(params (string File, Func<IEnumerable<(string Name, string Value)>> Items)[] files)
    {
        var drafts = Path.Combine(Product.Root, "artifacts", "golden", Current);
        var missing = files.Where(file => !File.Exists(Path.Combine(Folder, Current, file.File))).ToList();
        Directory.CreateDirectory(drafts);
        foreach (var (file, items) in missing)
        {
            File.WriteAllLines(Path.Combine(drafts, file), items().Select(item => $"{item.Name}\t{item.Value}"));
        }

        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"Version {Current} has no {string.Join(", ", missing.Select(file => file.File))} in tests/Golden/{Current}. Look at those in {drafts}, "
                + $"copy them there and run (cd tests/Golden && sha256sum */* >{Sums}).");
        }
    }

    /// <summary>Files that are not as they were recorded, or not recorded at all.</summary>
    public static IReadOnlyList<string> Changed()
    {
        var recorded = File.ReadLines(Path.Combine(Folder, Sums)).Select(line => line.Split("  ", 2)).ToDictionary(parts => parts[1], parts => parts[0]);
        var found = Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file))
            .Where(file => file != Sums)
            .ToDictionary(file => file, file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, file)))));
        return [.. recorded.Keys.Union(found.Keys).Where(file => recorded.GetValueOrDefault(file) != found.GetValueOrDefault(file)).Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("<Version>(.+)</Version>")]
    private static partial Regex Version();
}
