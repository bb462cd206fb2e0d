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

    /// <summary>Makes the file of a version that has none, where it cannot be taken for a recorded one.</summary>
    /// <exception cref="InvalidOperationException">There was none; the message says what to do.</exception>
    public static void RequireCurrent(string file, Func<IEnumerable<(string Name, string Value)>> items)
    {
        if (File.Exists(Path.Combine(Folder, Current, file)))
        {
            return;
        }

        var draft = Path.Combine(Product.Root, "artifacts", "golden", Current, file);
        Directory.CreateDirectory(Path.GetDirectoryName(draft)!);
        File.WriteAllLines(draft, items().Select(item => $"{item.Name}\t{item.Value}"));
        throw new InvalidOperationException($"Version {Current} has no tests/Golden/{Current}/{file}. Look at {draft}, copy it there and run (cd tests/Golden && sha256sum */* > {Sums}).");
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
