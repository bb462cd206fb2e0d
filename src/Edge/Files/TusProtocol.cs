using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Names, numbers and formats of tus 1.0.0 (https://tus.io/protocols/resumable-upload), as far as the server supports it.
/// </summary>
internal static class TusProtocol
{
    public const string Version = "1.0.0";
    public const string Extensions = "creation,creation-with-upload,termination,checksum,expiration";
    public const string ChecksumAlgorithms = "sha1,sha256";
    public const string ContentType = "application/offset+octet-stream";

    /// <summary>The most bytes of a request with a checksum: they are kept in memory until it is verified.</summary>
    public const int MaxChecksummedBytes = 5 * 1024 * 1024;

    public const int ChecksumMismatch = 460;

    private const int MaxMetadata = 8 * 1024;

    /// <summary>Reads a length or an offset: digits only, up to the largest long.</summary>
    public static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Reads <c>Upload-Metadata</c>: pairs of a key and a UTF-8 value in base64. Null if it is malformed.</summary>
    public static Dictionary<string, string>? Metadata(string? header)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(header) || header.Length > MaxMetadata)
        {
            return header?.Length > MaxMetadata ? null : values;
        }

        foreach (var pair in header.Split(','))
        {
            var parts = pair.Trim().Split(' ', 2);
            if (parts[0].Length == 0 || Decode(parts.Length == 2 ? parts[1].Trim() : "") is not { } value || !values.TryAdd(parts[0], value))
            {
                return null;
            }
        }

        return values;
    }

    public static string Metadata(params (string Key, string Value)[] pairs) =>
        string.Join(',', pairs.Select(pair => $"{pair.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value))}"));

    private static string? Decode(string base64)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>A request's <c>Upload-Checksum</c>.</summary>
internal sealed record TusChecksum(HashAlgorithmName Algorithm, byte[] Expected)
{
    /// <summary>Null if it is malformed or its algorithm is not supported.</summary>
    public static TusChecksum? Parse(string header)
    {
        var parts = header.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var digest = new byte[SHA256.HashSizeInBytes];
        return parts.Length == 2 && Convert.TryFromBase64String(parts[1], digest, out var length)
            ? (parts[0], length) switch
            {
                ("sha1", SHA1.HashSizeInBytes) => new TusChecksum(HashAlgorithmName.SHA1, digest[..length]),
                ("sha256", SHA256.HashSizeInBytes) => new TusChecksum(HashAlgorithmName.SHA256, digest),
                _ => null,
            }
            : null;
    }

    public bool Matches(ReadOnlySpan<byte> body) =>
        CryptographicOperations.HashData(Algorithm, body).AsSpan().SequenceEqual(Expected);
}
