using System.Security.Cryptography;

namespace AkkaChat.Support.Processes;

/// <summary>Where the built product lies: the repository this test assembly was built in, in the same configuration.</summary>
public static class Product
{
    public static string Root { get; } = FindRoot();

    public static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release"
            : "Debug";

    public static string EdgeFolder => BinFolder("Edge");

    public static string ClusterFolder => BinFolder("Cluster");

    /// <summary>The built web client, or null where it was not built.</summary>
    public static string? WebRoot =>
        Path.Combine(Root, "src/Web/dist") is var dist && File.Exists(Path.Combine(dist, "index.html")) ? dist : null;

    /// <summary>A folder for one run's logs, kept after the run.</summary>
    public static string NewLogFolder(string name)
    {
        var folder = Path.Combine(Root, "artifacts/test-logs", $"{name}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    public static string NewSigningKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string BinFolder(string project)
    {
        var folder = Path.Combine(Root, "src", project, "bin", Configuration, "net10.0");
        return File.Exists(Path.Combine(folder, $"AkkaChat.{project}.dll"))
            ? folder
            : throw new InvalidOperationException($"AkkaChat.{project}.dll is not in {folder}; build the solution first.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AkkaChat.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No AkkaChat.sln above {AppContext.BaseDirectory}.");
    }
}
