using AkkaChat.Support;

namespace AkkaChat.Chaos.Stage;

/// <summary>The object store that the nodes share: a folder, or a bucket of an S3 server. It is never down; nodes are cut from it.</summary>
internal sealed class Objects : IAsyncDisposable
{
    private const string S3Suffix = "._S3rver_object";

    private readonly S3Server? _server;
    private readonly string _folder;

    private Objects(S3Server? server, string folder) => (_server, _folder) = (server, folder);

    /// <summary>Whether the nodes serve the bytes themselves.</summary>
    public bool IsDisk => _server is null;

    public IReadOnlyDictionary<string, string> Settings => _server?.Settings.ToDictionary(
        setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!) ?? [];

    /// <param name="dataFolder">The nodes' data folder, which the disk store is in.</param>
    public static async Task<Objects> StartAsync(bool isDisk, string dataFolder, string address)
    {
        if (isDisk)
        {
            return new Objects(null, Path.Combine(dataFolder, "objects"));
        }

        var server = await S3Server.StartAsync(address);
        return new Objects(server, server.Folder);
    }

    /// <summary>The objects of files: the file's id without its prefix, a slash, the form.</summary>
    public IReadOnlyList<string> List()
    {
        var root = _server is null ? Path.Combine(_folder, "objects", "files") : Path.Combine(_folder, S3Server.Bucket, "files");
        return !Directory.Exists(root)
            ? []
            : [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Where(file => IsDisk || file.EndsWith(S3Suffix, StringComparison.Ordinal))
                .Select(file => Path.GetRelativePath(root, file).Replace(S3Suffix, "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
