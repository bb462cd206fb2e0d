using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// Settings from files that are named like environment variables, one value each: where containers get their secrets, which then appear in no
/// environment and no listing of processes.
/// </summary>
public static class SecretFiles
{
    private const string DefaultFolder = "/run/secrets";
    private const string FolderVariable = "SECRETS";
    private const string Prefix = "AkkaChat__";

    public static void AddSecretFiles(this IConfigurationBuilder builder) => builder.AddSecretFiles(Folder);

    /// <summary>Nothing where the folder is not there. Other files of the folder are left alone.</summary>
    public static void AddSecretFiles(this IConfigurationBuilder builder, string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        builder.AddKeyPerFile(source =>
        {
            source.FileProvider = new PhysicalFileProvider(folder);
            source.IgnoreCondition = name => !name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
            source.Optional = true;
        });
    }

    /// <exception cref="IOException"><c>SECRETS</c> names a folder that is not there.</exception>
    internal static void Check()
    {
        if (Given is { Length: > 0 } && !Directory.Exists(Folder))
        {
            throw new IOException($"{FolderVariable} is {Folder}, which is not there.");
        }
    }

    private static string? Given => Environment.GetEnvironmentVariable(FolderVariable);

    private static string Folder => Path.GetFullPath(Given is { Length: > 0 } folder ? folder : DefaultFolder);
}
