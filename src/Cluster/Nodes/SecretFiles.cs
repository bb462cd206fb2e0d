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

    public static void AddSecretFiles(this IConfigurationBuilder builder)
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        builder.AddKeyPerFile(source =>
        {
            source.FileProvider = new PhysicalFileProvider(Folder);
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
