using System.Text.RegularExpressions;
using AkkaChat.Support.Processes;

namespace AkkaChat.Architecture.Tests;

/// <summary>Folders are features, and what one uses does not use it, directly or over others: each can be read by itself.</summary>
public sealed partial class FolderSpecs
{
    /// <summary>Every project of the product that has folders; those of the SPA are its linter's concern.</summary>
    public static TheoryData<string> Projects =>
    [
        .. Directory.GetDirectories(Path.Combine(Product.Root, "src"))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => File.Exists(Path.Combine(Product.Root, "src", name, $"{name}.csproj")) && FoldersOf(name).Any()),
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folder_ShouldNotUseWhatUsesIt(string project)
    {
        var uses = UsesIn(project);
        Assert.NotEmpty(uses);

        var cyclic = uses.Where(use => Reachable(uses, use.To).Contains(use.From)).Select(use => $"{use.From} → {use.To}: {use.File}");

        Assert.Empty(cyclic);
    }

    private static HashSet<string> Reachable(IReadOnlyList<(string From, string To, string File)> uses, string start)
    {
        var found = new HashSet<string>();
        var next = new Queue<string>([start]);
        while (next.TryDequeue(out var folder))
        {
            if (found.Add(folder))
            {
                foreach (var use in uses.Where(use => use.From == folder))
                {
                    next.Enqueue(use.To);
                }
            }
        }

        return found;
    }

    private static IEnumerable<string> FoldersOf(string project) =>
        Directory.GetDirectories(Path.Combine(Product.Root, "src", project)).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"));

    /// <summary>Which folder names which, by a using or by a qualified name of one of its types.</summary>
    private static List<(string From, string To, string File)> UsesIn(string project)
    {
        var root = Path.Combine(Product.Root, "src", project);
        var sources = FoldersOf(project)
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Select(file => (Folder: Path.GetFileName(folder), File: Path.GetRelativePath(root, file), Text: File.ReadAllText(file))))
            .ToList();
        var types = sources.SelectMany(source => Declaration().Matches(source.Text).Select(match => (source.Folder, Type: match.Groups[1].Value)))
            .ToLookup(type => type.Folder, type => type.Type);
        return
        [
            .. from source in sources
               from folder in types.Select(ofFolder => ofFolder.Key)
               where folder != source.Folder && Names(source.Text, project, folder, types[folder])
               select (source.Folder, folder, source.File),
        ];
    }

    private static bool Names(string text, string project, string folder, IEnumerable<string> types) =>
        Regex.IsMatch(text, $@"AkkaChat\.{project}\.{folder}\b")
        || Regex.IsMatch(text, $@"(?<![\w.]){folder}\.({string.Join('|', types.Distinct())})\b");

    [GeneratedRegex(@"^\s*(?:(?:public|internal|sealed|static|abstract|partial|readonly)\s+)+(?:class|record struct|record|struct|interface|enum)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
