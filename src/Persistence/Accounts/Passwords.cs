using System.Reflection;
using System.Text;

namespace AkkaChat.Persistence.Accounts;

/// <summary>Password rules: 8-128 characters, not a common password, no composition rules (NIST SP 800-63B).</summary>
public static class Passwords
{
    public const int MinLength = 8;
    public const int MaxLength = 128;

    private static readonly Lazy<HashSet<string>> Common = new(Load);

    /// <summary>
    /// Null when the password is acceptable, else the message to show. <paramref name="own"/>: the user's own names, which are refused too.
    /// </summary>
    public static string? Problem(string password, params ReadOnlySpan<string?> own)
    {
        var length = password.EnumerateRunes().Count();
        if (length is < MinLength or > MaxLength)
        {
            return $"A password has {MinLength} to {MaxLength} characters.";
        }

        var normalized = Normalize(password);
        if (Common.Value.Contains(normalized))
        {
            return "This password is among the most common ones.";
        }

        foreach (var name in own)
        {
            if (name is not null && string.Equals(Normalize(name), normalized, StringComparison.OrdinalIgnoreCase))
            {
                return "The password must not be your username or e-mail address.";
            }
        }

        return null;
    }

    /// <summary>NFKC; a string with lone surrogates, which is not valid text, is returned unchanged.</summary>
    internal static string Normalize(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return password;
        }
    }

    private static HashSet<string> Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("The list of common passwords is not embedded.");
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new HashSet<string>(lines, StringComparer.OrdinalIgnoreCase);
    }
}
