using System.Runtime.InteropServices;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Makes file names durable. Flushing a file makes its bytes durable, but not its name: that is stored in its folder, which .NET cannot
/// open, so on Unix this calls fsync on the folder itself. Elsewhere the file system must ensure it.
/// </summary>
internal static partial class DurableFiles
{
    private const int ReadOnly = 0;
    private const int NoEntry = 2; // ENOENT

    /// <summary>Each attempt fails only if another caller removes the folder in the same moment.</summary>
    private const int MostAttempts = 100;

    /// <summary>Creates the folder and those above it, each accessible to its owner only.</summary>
    public static void CreateFolder(string folder)
    {
        var grown = new HashSet<string>();
        CreateFolder(folder, grown);
        FlushAll(grown);
    }

    /// <param name="grown">Gets the folders that got a new name and must be flushed.</param>
    private static void CreateFolder(string folder, HashSet<string> grown)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent, grown);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        grown.Add(parent);
    }

    /// <summary>Moves a flushed file to its final name, and replaces an existing one.</summary>
    public static void Move(string from, string to)
    {
        var folder = Path.GetDirectoryName(to)!;
        var grown = new HashSet<string> { folder };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Nothing is flushed between the two, so that hardly anybody comes in between.
                CreateFolder(folder, grown);
                File.Move(from, to, overwrite: true);
                break;
            }
            catch (DirectoryNotFoundException) when (attempt < MostAttempts)
            {
                // Another caller has just removed the folder, which was empty: see RemoveIfEmpty.
            }
        }

        FlushAll(grown);
    }

    /// <returns>False: it has something in it.</returns>
    /// <exception cref="DirectoryNotFoundException">It is gone already.</exception>
    public static bool RemoveIfEmpty(string folder)
    {
        if (Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return false;
        }

        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            // Another caller has just put something there.
            return false;
        }
    }

    private static void FlushAll(HashSet<string> folders)
    {
        foreach (var folder in folders)
        {
            Flush(folder);
        }
    }

    private static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error == NoEntry
                ? new DirectoryNotFoundException($"{folder} is gone.")
                : new IOException($"{folder} cannot be opened (error {error}).");
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw new IOException($"{folder} cannot be flushed (error {Marshal.GetLastPInvokeError()}).");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
