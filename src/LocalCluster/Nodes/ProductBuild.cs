namespace AkkaChat.LocalCluster.Nodes;

/// <summary>The built product: <paramref name="Sources"/> is the folder with its projects, each with its build in it.</summary>
public sealed record ProductBuild(string Sources, string Configuration)
{
    /// <summary>The repository that this assembly was built in.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The build in this repository, in the same configuration.</summary>
    public static ProductBuild Current { get; } = new(
        Path.Combine(Root, "src"), AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug");

    /// <summary>The folder of the project's build.</summary>
    /// <param name="project">Edge, or Cluster for a room-only node.</param>
    public string Folder(string project)
    {
        var folder = Path.Combine(Sources, project, "bin", Configuration, "net10.0");
        return File.Exists(Path.Combine(folder, Assembly(project)))
            ? folder
            : throw new InvalidOperationException($"{Assembly(project)} is not in {folder}; build the solution first.");
    }

    public string[] Command(string project) => ["dotnet", Path.Combine(Folder(project), Assembly(project))];

    private static string Assembly(string project) => $"AkkaChat.{project}.dll";

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
