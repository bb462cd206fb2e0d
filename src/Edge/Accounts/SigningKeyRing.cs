using System.Security.Cryptography;
using System.Text.Json;
using AkkaChat.Persistence.Database;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace AkkaChat.Edge.Accounts;

/// <summary>The configured keys, or a generated one, kept in a file that only the process's user can read.</summary>
public sealed partial class SigningKeyRing
{
    private readonly Dictionary<string, SymmetricSecurityKey> _keys;

    public SigningKeyRing(IOptions<AuthOptions> auth, IOptions<DatabaseOptions> database, ILogger<SigningKeyRing> logger)
    {
        var keys = auth.Value.SigningKeys.Count > 0
            ? auth.Value.SigningKeys.Select(key => (key.Id, Bytes: Convert.FromBase64String(key.Key))).ToList()
            : [Generated(Path.Combine(Path.GetFullPath(database.Value.DataFolder), "keys", "signing-key.json"), logger)];
        _keys = keys.ToDictionary(key => key.Id, key => new SymmetricSecurityKey(key.Bytes) { KeyId = key.Id }, StringComparer.Ordinal);
        Signing = new SigningCredentials(_keys[keys[0].Id], SecurityAlgorithms.HmacSha256);
    }

    public SigningCredentials Signing { get; }

    /// <summary>Keys for another purpose, one from each of the ring, the signing one's first (HKDF with SHA-256, RFC 5869).</summary>
    public IReadOnlyList<byte[]> Derive(string purpose) =>
        [.. _keys.Values.OrderByDescending(key => key.KeyId == Signing.Key.KeyId)
            .Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Key, 32, info: System.Text.Encoding.UTF8.GetBytes(purpose)))];

    public SecurityKey? Find(string? id) => id is null ? null : _keys.GetValueOrDefault(id);

    private static (string Id, byte[] Bytes) Generated(string path, ILogger logger)
    {
        if (!File.Exists(path))
        {
            Create(path);
            LogGenerated(logger, path);
        }

        var stored = JsonSerializer.Deserialize<StoredKey>(File.ReadAllText(path))
            ?? throw new InvalidOperationException($"{path} holds no key.");
        var bytes = Convert.FromBase64String(stored.Key);
        return bytes.Length >= 32 ? (stored.Id, bytes) : throw new InvalidOperationException($"The key in {path} is too short.");
    }

    // Written to a temporary file and moved into place, so that two processes that start at once read the same, complete key.
    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var key = new StoredKey($"g-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        var draft = $"{path}.{Guid.NewGuid():N}";
        using (var stream = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(stream, key);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft); // another process was first
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "AkkaChat:Auth:SigningKeys is empty: generated a key in {Path}, which works for a single process only")]
    private static partial void LogGenerated(ILogger logger, string path);

    private sealed record StoredKey(string Id, string Key);
}
