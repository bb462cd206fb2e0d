using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Objects;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Backup;

/// <summary>
/// Copies the data folder of a single process on SQLite while it runs: the databases of one moment, the generated signing key, and the files
/// in a folder. What it makes is a data folder again.
/// </summary>
public sealed class DataBackup(IDatabase database, IOptions<ObjectStoreOptions> objects)
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <param name="folder">Must not be there. It gets its name when it is complete.</param>
    /// <exception cref="IOException">The folder is there, or cannot be written, or the database is not SQLite.</exception>
    public async Task CreateAsync(string folder, CancellationToken cancellationToken)
    {
        if (database is not SqliteDatabase sqlite)
        {
            throw new IOException("The command backup is for SQLite. PostgreSQL has its own tools: see docs/backup.md.");
        }

        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(folder))
        {
            throw new IOException($"{folder} is there already: a back-up needs a name of its own.");
        }

        var draft = $"{folder}.partial";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        CreateFolder(draft);
        await SqliteBackup.CopyAsync(sqlite, draft, cancellationToken).ConfigureAwait(false);
        CopyFolder(Path.Combine(sqlite.DataFolder, "keys"), Path.Combine(draft, "keys"));
        // After the databases: a file is in its folder before a database knows of it.
        if (objects.Value.FolderBelow(sqlite.DataFolder) is { } files)
        {
            CopyFolder(files, Path.Combine(draft, "objects"));
        }

        Directory.Move(draft, folder);
    }

    private static void CopyFolder(string from, string to)
    {
        if (!Directory.Exists(from))
        {
            return;
        }

        CreateFolder(to);
        foreach (var file in new DirectoryInfo(from).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file.FullName));
            CreateFolder(Path.GetDirectoryName(target)!);
            try
            {
                file.CopyTo(target);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Removed meanwhile, as what no message carries, or made an object, whose own turn comes.
            }
        }
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnersOnly);
        }
    }
}
