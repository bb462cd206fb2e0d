using System.Buffers;

namespace AkkaChat.Messages.Ids;

/// <summary>Creates the identifiers that clients treat as opaque: a prefix and the 32 hexadecimal digits of a UUIDv7.</summary>
public static class OpaqueId
{
    private const int DigitCount = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    public static string New(string prefix, TimeProvider time) => prefix + Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>Whether <paramref name="value"/> has the form that <see cref="New"/> creates.</summary>
    public static bool IsWellFormed(string prefix, string? value) =>
        value is not null
        && value.Length == prefix.Length + DigitCount
        && value.StartsWith(prefix, StringComparison.Ordinal)
        && value.AsSpan(prefix.Length).IndexOfAnyExcept(Digits) < 0;
}
