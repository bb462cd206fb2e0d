using System.Diagnostics;
using AkkaChat.LocalCluster.Processes;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Planted;

/// <summary>
/// A copy of the product's sources with planted bugs in it. Each <c>.patch</c> beside this file is one bug, or a condition that a bug
/// needs; the product itself holds none of them.
/// </summary>
internal static class PlantedCopy
{
    private static readonly string Folder = Path.Combine(Product.Root, "artifacts/planted");
    private static readonly string[] BuildFiles =
        ["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "BannedSymbols.txt"];

    public static string Patches { get; } = Path.Combine(Product.Root, "tests/Chaos/Planted");

    /// <summary>The folder with the copy's projects, each with its build in it.</summary>
    public static string Binaries { get; } = Path.Combine(Folder, "src");

    /// <exception cref="InvalidOperationException">A patch does not apply to the product's sources as they are now.</exception>
    public static Task CheckAsync(IEnumerable<string> names) => ApplyAsync(names, "--check");

    /// <summary>Makes the copy, plants the bugs in it and builds it; only what differs from the copy's last build is built again.</summary>
    /// <exception cref="InvalidOperationException">A patch does not apply, or what comes of it does not build.</exception>
    public static async Task BuildAsync(IEnumerable<string> names)
    {
        Refresh();
        await ApplyAsync(names, $"--directory={Path.GetRelativePath(Product.Root, Folder)}");
        // Without the analyzers, since a planted bug need not be in good style, and without what only speeds up a start.
        string[] command = ["build", "src/Edge/Edge.csproj", "-c", "Release", "-v", "q", "--nologo", "-p:RunAnalyzers=false", "-p:AheadOfTime=false"];
        using var build = Process.Start(new ProcessStartInfo("dotnet", command) { WorkingDirectory = Folder })
            ?? throw new InvalidOperationException("dotnet did not start.");
        await build.WaitForExitAsync();
        if (build.ExitCode != 0)
        {
            throw new InvalidOperationException($"The product does not build with {string.Join(", ", names)} in it.");
        }
    }

    /// <summary>
    /// Equal files are left alone, so that the build stays incremental. The others are written anew and never copied with their time: a
    /// bug taken out would look older than the build that has it.
    /// </summary>
    private static void Refresh()
    {
        var wanted = BuildFiles.Concat(Sources(Product.Root)).ToHashSet();
        Directory.CreateDirectory(Binaries);
        foreach (var stale in Sources(Folder).Where(file => !wanted.Contains(file)).ToList())
        {
            File.Delete(Path.Combine(Folder, stale));
        }

        foreach (var file in wanted)
        {
            var (original, copy) = (File.ReadAllBytes(Path.Combine(Product.Root, file)), Path.Combine(Folder, file));
            if (!File.Exists(copy) || !File.ReadAllBytes(copy).AsSpan().SequenceEqual(original))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.WriteAllBytes(copy, original);
            }
        }
    }

    private static IEnumerable<string> Sources(string root) =>
        Walk(Path.Combine(root, "src")).Select(file => Path.GetRelativePath(root, file));

    /// <summary>Without what builds make, and without the web client, which no node of the harness serves.</summary>
    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(child => Path.GetFileName(child) is not ("bin" or "obj" or "wwwroot" or "Web"))
                .SelectMany(Walk));

    /// <summary>One line of context on each side of a hunk is enough, so that changes nearby break no patch.</summary>
    private static async Task ApplyAsync(IEnumerable<string> names, string how) => await Command.RunAsync(
        ["git", "-C", Product.Root, "apply", "--recount", "-C1", how, .. names.Select(name => Path.Combine(Patches, $"{name}.patch"))]);
}
