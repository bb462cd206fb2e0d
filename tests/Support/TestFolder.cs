using AkkaChat.LocalCluster.Processes;
using Microsoft.Data.Sqlite;

namespace AkkaChat.Support;

public static class TestFolder
{
    /// <summary>A temporary folder that every user may enter, since servers do not run as root. Removed when the test process ends.</summary>
    public static string Create(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        File.SetUnixFileMode(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        ProcessGuard.RemoveAtEnd(folder);
        return folder;
    }

    /// <summary>Deletes a folder of SQLite databases whose owners have stopped.</summary>
    /// <remarks>A query under way when its owner stopped may still create a file beside its database, so the deletion is repeated.</remarks>
    public static Task DeleteAsync(string folder) => Eventually.AssertAsync(() =>
    {
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    });
}
