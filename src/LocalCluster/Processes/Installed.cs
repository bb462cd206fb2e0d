namespace AkkaChat.LocalCluster.Processes;

/// <summary>Finds the programs of other packages.</summary>
public static class Installed
{
    /// <summary>The program's path, even if only root has its folder in PATH; null if it is not installed.</summary>
    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    public static string Need(string program) =>
        Find(program) ?? throw new InvalidOperationException($"{program} is needed; install the package {program}.");
}
