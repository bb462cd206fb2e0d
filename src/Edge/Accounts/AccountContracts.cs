using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;

namespace AkkaChat.Edge.Accounts;

public sealed record RegisterRequest(string? Username, string? Email, string? Password, string? DisplayName, string? Locale);

public sealed record LoginRequest(string? Login, string? Password);

public sealed record RefreshRequest(string? RefreshToken);

/// <param name="Avatar">A file; null: there is to be none; absent: it stays.</param>
/// <param name="Status"><c>{emoji?, text?}</c>; null: there is to be none; absent: it stays.</param>
public sealed record UpdateProfileRequest(string? DisplayName, string? Locale, JsonElement Avatar, JsonElement Status);

public sealed record ChangePasswordRequest(string? Current, string? New);

/// <summary>The caller's own account. Other people get a view without e-mail, locale and time.</summary>
/// <param name="Owner">Whether the account owns the installation.</param>
public sealed record UserResponse(string Id, string Username, string DisplayName, string Email, string? Locale, DateTime CreatedAt, string? Avatar, bool Owner,
    StatusView? Status)
{
    public static UserResponse Of(Account account, InstallationOwners owners) => new(
        account.Id.Value, account.Username, account.DisplayName, account.Email, account.Locale,
        account.CreatedAt.UtcDateTime, account.Avatar?.Value, owners.Contains(account.Username), StatusView.Of(account.StatusEmoji, account.StatusText)); // a UTC DateTime is written with Z
}

/// <summary><see cref="ExpiresIn"/> is the access token's, in seconds; <see cref="RefreshToken"/> is omitted unless requested.</summary>
public sealed record SessionResponse(
    UserResponse User,
    string AccessToken,
    int ExpiresIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken);

/// <summary>Rules for the fields of the account endpoints; messages are for the person who fills in the form.</summary>
internal static partial class AccountFields
{
    private const int MaxDisplayName = 64;
    private const int MaxLogin = 254;
    private const int MaxStatus = 100;

    public static bool IsUsername(string? value) => value is not null && Username().IsMatch(value);

    private static bool IsWord(string username) => username.ToLowerInvariant() is "room" or "here";

    public static Dictionary<string, string[]> Check(RegisterRequest request)
    {
        var errors = new Dictionary<string, string[]>();
        if (!IsUsername(request.Username))
        {
            errors["username"] = ["A username has 3 to 32 of: a-z, A-Z, 0-9, underscore, dot and hyphen."];
        }
        else if (IsWord(request.Username!))
        {
            errors["username"] = ["@room and @here mention more than one person: choose another name."];
        }

        if (request.Email is null || AccountKeys.Email(request.Email.Trim()) is null)
        {
            errors["email"] = ["This is not an e-mail address."];
        }

        CheckPassword(errors, "password", request.Password, request.Username, request.Email?.Trim());
        CheckProfile(errors, request.DisplayName, request.Locale);
        return errors;
    }

    public static Dictionary<string, string[]> Check(LoginRequest request)
    {
        var errors = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(request.Login) || request.Login.Length > MaxLogin)
        {
            errors["login"] = ["Give your username or e-mail address."];
        }

        if (string.IsNullOrEmpty(request.Password))
        {
            errors["password"] = ["Give your password."];
        }

        return errors;
    }

    public static Dictionary<string, string[]> Check(UpdateProfileRequest request)
    {
        var errors = new Dictionary<string, string[]>();
        if (request.Avatar.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && Avatar(request) is null)
        {
            errors["avatar"] = ["avatar must be the id of a file, or null."];
        }

        if (request.Status.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && Status(request) is null)
        {
            errors["status"] = [$"status must be null, or have an emoji, a text of at most {MaxStatus} characters on one line, or both."];
        }

        CheckProfile(errors, request.DisplayName, request.Locale);
        return errors;
    }

    public static Dictionary<string, string[]> Check(ChangePasswordRequest request, AccountCredentials credentials)
    {
        var errors = new Dictionary<string, string[]>();
        if (string.IsNullOrEmpty(request.Current))
        {
            errors["current"] = ["Give your current password."];
        }

        CheckPassword(errors, "new", request.New, credentials.Account.Username, credentials.Account.Email);
        return errors;
    }

    /// <summary>Null where there is to be none, or it stays.</summary>
    public static FileId? Avatar(UpdateProfileRequest request) =>
        request.Avatar.ValueKind == JsonValueKind.String && FileId.TryParse(request.Avatar.GetString(), out var avatar) ? avatar : null;

    /// <summary>Null where it is not one; without emoji and text where there is to be none.</summary>
    public static StatusView? Status(UpdateProfileRequest request)
    {
        if (request.Status.ValueKind == JsonValueKind.Null)
        {
            return new StatusView("", "");
        }

        if (request.Status.ValueKind != JsonValueKind.Object || Member("emoji") is not { } emoji || Member("text") is not { } text)
        {
            return null;
        }

        text = text.Trim().Normalize(NormalizationForm.FormC);
        return (emoji.Length == 0 || Emoji.IsOne(emoji)) && (text.Length == 0 || IsPrintable(text, MaxStatus)) ? new StatusView(emoji, text) : null;

        string? Member(string name) => !request.Status.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? ""
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : null;
    }

    /// <summary>The name in its stored form: trimmed and in NFC. Null stays null.</summary>
    public static string? DisplayName(string? value) => value?.Trim().Normalize(NormalizationForm.FormC);

    private static void CheckPassword(
        Dictionary<string, string[]> errors, string field, string? password, string? username, string? email)
    {
        var problem = password is null ? "Give a password." : Passwords.Problem(password, username, email);
        if (problem is not null)
        {
            errors[field] = [problem];
        }
    }

    private static void CheckProfile(Dictionary<string, string[]> errors, string? displayName, string? locale)
    {
        if (displayName is not null && !IsPrintable(displayName.Trim(), MaxDisplayName))
        {
            errors["displayName"] = [$"A display name has 1 to {MaxDisplayName} printable characters."];
        }

        if (locale is not null && (locale.Length > 35 || !Locale().IsMatch(locale)))
        {
            errors["locale"] = ["A locale is a language tag like en or pt-BR."];
        }
    }

    // Direction overrides and other invisible characters would let one name look like another; the joiners are needed by scripts and emoji.
    private static bool IsPrintable(string text, int most)
    {
        var count = 0;
        for (var rest = text.AsSpan(); rest.Length > 0; count++)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done || !IsPrintable(rune))
            {
                return false;
            }

            rest = rest[length..];
        }

        return count >= 1 && count <= most;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D or (>= 0xE0020 and <= 0xE007F),
        _ => true,
    };

    [GeneratedRegex(@"\A[a-zA-Z0-9_.-]{3,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Username();

    [GeneratedRegex(@"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Locale();
}
