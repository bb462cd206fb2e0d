using System.Buffers;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// The format of keys: lower-case letters, digits, <c>-</c>, <c>_</c>, <c>.</c>, and <c>/</c> between parts that are not only dots.
/// </summary>
internal static class ObjectKeys
{
    private const int MaxLength = 200;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_./");

    /// <exception cref="ArgumentException">The key could leave its folder or its bucket's prefix.</exception>
    public static string Check(string key) =>
        key.Length is > 0 and <= MaxLength
        && key.AsSpan().IndexOfAnyExcept(Allowed) < 0
        && key.Split('/').All(part => part.Trim('.').Length > 0)
            ? key
            : throw new ArgumentException($"'{key}' is not a valid object key.", nameof(key));
}
