using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Files;

/// <summary>
/// The URLs at which this server itself serves a file's content. Each is valid for one file, variant and user until it expires, at any
/// edge; the user is checked again at each use. Signed with HMAC-SHA256 and a key derived from those of the access tokens, so replacing
/// these invalidates the URLs too.
/// </summary>
internal sealed class FileUrls
{
    private const string Purpose = "akkachat file url v1";

    private readonly IReadOnlyList<byte[]> _keys;
    private readonly TimeProvider _time;

    public FileUrls(SigningKeyRing keys, TimeProvider time)
    {
        _keys = keys.Derive(Purpose);
        _time = time;
    }

    public string Sign(FileId id, FileVariant variant, UserId user, TimeSpan lifetime)
    {
        var expires = (_time.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        var signature = Base64Url.EncodeToString(Sign(_keys[0], id, variant, user.Value, expires));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"/api/files/{id.Value}/content?variant={variant.WireName()}&user={user.Value}&expires={expires}&signature={signature}");
    }

    /// <summary>Whether the URL was signed by this server and has not expired.</summary>
    public bool IsValid(FileId id, FileVariant variant, string user, long expires, string signature)
    {
        if (expires < _time.GetUtcNow().ToUnixTimeSeconds() || !Base64Url.IsValid(signature))
        {
            return false;
        }

        var given = Base64Url.DecodeFromChars(signature);
        return _keys.Any(key => CryptographicOperations.FixedTimeEquals(Sign(key, id, variant, user, expires), given));
    }

    private static byte[] Sign(byte[] key, FileId id, FileVariant variant, string user, long expires) => HMACSHA256.HashData(
        key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id.Value}\n{variant.WireName()}\n{user}\n{expires}")));
}

internal static class FileVariants
{
    public static string WireName(this FileVariant variant) => variant switch
    {
        FileVariant.Original => "original",
        FileVariant.Small => "small",
        FileVariant.Large => "large",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, null),
    };

    public static FileVariant? Parse(string? name) => name switch
    {
        "original" => FileVariant.Original,
        "small" => FileVariant.Small,
        "large" => FileVariant.Large,
        _ => null,
    };
}
