using System.Globalization;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Accounts;

/// <summary>An account as its owner sees it. <see cref="Email"/> and <see cref="Locale"/> are never shown to anyone else.</summary>
public sealed record Account(
    UserId Id, string Username, string Email, string DisplayName, string? Locale, DateTimeOffset CreatedAt)
{
    /// <summary>Null where there is none.</summary>
    public FileId? Avatar { get; init; }

    /// <summary>Empty where there is none, as <see cref="StatusText"/>.</summary>
    public string StatusEmoji { get; init; } = "";

    public string StatusText { get; init; } = "";

    /// <summary>When the last socket closed, to the minute; null if that is not known.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}

/// <summary>An account with the PHC string of its password; never leaves the code that checks passwords.</summary>
public sealed record AccountCredentials(Account Account, string PasswordHash)
{
    /// <summary>Without the hash, so that no log line can contain it.</summary>
    public override string ToString() => $"{nameof(AccountCredentials)} {{ {Account.Id} }}";
}

/// <summary>The data of a new account. A <see cref="DisplayName"/> of null means the username.</summary>
public sealed record NewAccount(string Username, string Email, string PasswordHash, string? DisplayName, string? Locale)
{
    public override string ToString() => $"{nameof(NewAccount)} {{ {Username} }}";
}

public enum CreateAccountStatus
{
    Created,
    UsernameTaken,
    EmailTaken,
}

/// <summary><see cref="Account"/> is set exactly when the status is <see cref="CreateAccountStatus.Created"/>.</summary>
public sealed record CreateAccountResult(CreateAccountStatus Status, Account? Account);

/// <summary>The keys under which names are unique: names that people would read as the same have the same key.</summary>
public static class AccountKeys
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    /// <summary>Usernames are ASCII by contract, so their key is their lower case.</summary>
    public static string Username(string username) => username.ToLowerInvariant();

    /// <summary>
    /// The key of an e-mail address: NFKC and lower case of both parts, the domain in its ASCII (IDNA) form. Null if it is none:
    /// no single @, no dot in the domain, white space or control characters, or over 254 characters (RFC 5321's limit).
    /// </summary>
    public static string? Email(string email)
    {
        if (email.Length is < 3 or > 254 || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return null;
        }

        var at = email.LastIndexOf('@');
        if (at <= 0 || at > 64 || email.IndexOf('@', StringComparison.Ordinal) != at)
        {
            return null;
        }

        try
        {
            var local = email[..at].Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();
            var domain = Idn.GetAscii(email[(at + 1)..].Normalize(System.Text.NormalizationForm.FormKC)).ToLowerInvariant();
            var isComplete = domain.Contains('.', StringComparison.Ordinal) && !domain.StartsWith('.') && !domain.EndsWith('.');
            return isComplete && !local.Contains('@', StringComparison.Ordinal) ? $"{local}@{domain}" : null;
        }
        catch (ArgumentException)
        {
            return null; // not a domain name, or a lone surrogate
        }
    }
}
