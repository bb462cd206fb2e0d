using System.Runtime.InteropServices;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Makes file names durable. Flushing a file makes its bytes durable, but not its name: that is stored in its folder, which .NET cannot
/// open, so on Unix this calls fsync on the folder itself. Elsewhere the file system must ensure it.
/// </summary>
internal static partial class DurableFiles
{
    private const int ReadOnly = 0;

    /// <summary>Creates the folder and those above it, each accessible to its owner only.</summary>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Flush(parent);
    }

    /// <summary>Moves a flushed file to its final name, and replaces an existing one.</summary>
    public static void Move(string from, string to)
    {
        CreateFolder(Path.GetDirectoryName(to)!);
        File.Move(from, to, overwrite: true);
        Flush(Path.GetDirectoryName(to)!);
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
            throw new IOException($"{folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
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
