using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Servers;

namespace AkkaChat.Support.Processes;

/// <summary>Where the built product lies: the repository this test assembly was built in, in the same configuration.</summary>
public static class Product
{
    public static string Root => ProductBuild.Root;

    public static string Configuration => ProductBuild.Current.Configuration;

    public static string EdgeFolder => ProductBuild.Current.Folder("Edge");

    public static string ClusterFolder => ProductBuild.Current.Folder("Cluster");

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

    public static string NewSigningKey() => Secret.New(32);
}
