using System.Security.Cryptography;

namespace AkkaChat.LocalCluster.Servers;

/// <summary>Stores secrets in files that only their owner can read.</summary>
public static class Secret
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string New(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>Reads the secret from the file; generates it if there is none.</summary>
    public static string Keep(string file, int bytes)
    {
        if (new FileInfo(file) is { Exists: false } or { Length: 0 })
        {
            Write(file, New(bytes));
        }

        return File.ReadAllText(file).Trim();
    }

    public static void Write(string file, string text)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using var stream = new FileStream(file, options);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
