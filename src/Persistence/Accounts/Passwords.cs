using System.Reflection;
using System.Text;

namespace AkkaChat.Persistence.Accounts;

/// <summary>What a password may be: 8-128 characters and none of the common ones, with no rule of composition (NIST SP 800-63B).</summary>
public static class Passwords
{
    public const int MinLength = 8;
    public const int MaxLength = 128;

    private static readonly Lazy<HashSet<string>> Common = new(Load);

    /// <summary>Null when it will do, else the sentence to show. <paramref name="own"/>: the user's own names, which will not do either.</summary>
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

    /// <summary>NFKC; a string with lone surrogates, which is no text, stays as it is.</summary>
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
