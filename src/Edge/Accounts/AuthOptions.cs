using System.Text;
using Microsoft.Extensions.Options;
using SessionOptions = AkkaChat.Persistence.Accounts.SessionOptions;

namespace AkkaChat.Edge.Accounts;

/// <summary>A key that signs access tokens. <see cref="Id"/> travels in the token as <c>kid</c>; <see cref="Key"/> is base64.</summary>
public sealed class SigningKeyOptions
{
    /// <summary>1-64 characters, unique. Default: none.</summary>
    public string Id { get; set; } = string.Empty;

    /// <summary>At least 32 random bytes in base64, for example of <c>openssl rand -base64 32</c>. Default: none.</summary>
    public string Key { get; set; } = string.Empty;

    public override string ToString() => $"{nameof(SigningKeyOptions)} {{ {Id} }}";
}

/// <summary>Access tokens and login limits. Session lifetimes are in SessionOptions, which reads the same section.</summary>
public sealed class AuthOptions
{
    public const string SectionName = "AkkaChat:Auth";

    /// <summary>
    /// The first key signs; all of them are accepted. To rotate: add the new key as the last on every node, then make it the first, and
    /// remove the old one after <see cref="AccessTokenLifetime"/>. Every node needs the same keys. Default: none, see
    /// <see cref="AllowGeneratedKey"/>.
    /// </summary>
    public IList<SigningKeyOptions> SigningKeys { get; } = [];

    /// <summary>
    /// Whether a node without a key generates one and keeps it in keys/signing-key.json of the data folder, as it does in development. For
    /// single-process installations. Default: false.
    /// </summary>
    public bool AllowGeneratedKey { get; set; }

    /// <summary>
    /// Usernames of the accounts that own the installation: they see its nodes, rooms, sockets and work, and retry or drop work. Register an
    /// account before it is named here. Default: none, nobody does.
    /// </summary>
    public IList<string> Owners { get; } = [];

    /// <summary>The <c>iss</c> of access tokens. Default: akkachat.</summary>
    public string Issuer { get; set; } = "akkachat";

    /// <summary>The <c>aud</c> of access tokens. Default: akkachat.</summary>
    public string Audience { get; set; } = "akkachat";

    /// <summary>Lifetime of an access token. Default: 15 min.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long a node caches that a session is active, 0-4 s: the delay after which a logout on another node invalidates its access
    /// tokens. Default: 3 s.
    /// </summary>
    public TimeSpan SessionCacheDuration { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Logins per minute from one address (IPv6: /64 network); also the burst. Default: 300.</summary>
    public int LoginsPerAddressPerMinute { get; set; } = 300;

    /// <summary>Logins per minute to one account from one address; also the burst. Default: 10.</summary>
    public int LoginsPerAccountAndAddressPerMinute { get; set; } = 10;

    /// <summary>
    /// Logins per minute to one account from all addresses; also the burst. A device that has logged in to the account before has its own
    /// limit, so that others' guesses do not lock the owner out. Default: 60.
    /// </summary>
    public int LoginsPerAccountPerMinute { get; set; } = 60;

    /// <summary>Accounts created per minute from one address; also the burst. Default: 200.</summary>
    public int RegistrationsPerAddressPerMinute { get; set; } = 200;

    /// <summary>Refreshes per minute from one address; also the burst. Default: 3000.</summary>
    public int RefreshesPerAddressPerMinute { get; set; } = 3000;
}

public sealed class AuthOptionsValidator(IHostEnvironment environment) : IValidateOptions<AuthOptions>
{
    private const int MaxPerMinute = 1_000_000;
    private const int KeyBytes = 32;
    // 32 random bytes have 30 distinct values on average; fewer than 16 is practically impossible.
    private const int DistinctBytes = 16;
    private static readonly string[] SampleWords = ["sample", "example", "change", "secret", "password", "akkachat", "development", "0123456789"];

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var rules = new SettingRules(AuthOptions.SectionName);
        if (options.SigningKeys.Count == 0 && !options.AllowGeneratedKey && !environment.IsDevelopment())
        {
            rules.Report(
                nameof(options.SigningKeys),
                $"is empty. Set {AuthOptions.SectionName}:SigningKeys:0:Id and :Key (32 random bytes in base64), "
                + $"or {AuthOptions.SectionName}:{nameof(options.AllowGeneratedKey)} for a single process.");
        }

        CheckKeys(rules, options.SigningKeys);
        for (var i = 0; i < options.Owners.Count; i++)
        {
            rules.Require(AccountFields.IsUsername(options.Owners[i]), $"{nameof(options.Owners)}:{i}", "a username");
        }

        return rules
            .Require(!string.IsNullOrWhiteSpace(options.Issuer), nameof(options.Issuer), "a text that is not empty")
            .Require(!string.IsNullOrWhiteSpace(options.Audience), nameof(options.Audience), "a text that is not empty")
            .RequireRange(options.AccessTokenLifetime, nameof(options.AccessTokenLifetime), TimeSpan.FromSeconds(10), TimeSpan.FromHours(1))
            .RequireRange(options.SessionCacheDuration, nameof(options.SessionCacheDuration), TimeSpan.Zero, TimeSpan.FromSeconds(4))
            .RequireRange(options.LoginsPerAddressPerMinute, nameof(options.LoginsPerAddressPerMinute), 1, MaxPerMinute)
            .RequireRange(
                options.LoginsPerAccountAndAddressPerMinute, nameof(options.LoginsPerAccountAndAddressPerMinute), 1, MaxPerMinute)
            .RequireRange(options.LoginsPerAccountPerMinute, nameof(options.LoginsPerAccountPerMinute), 1, MaxPerMinute)
            .RequireRange(options.RegistrationsPerAddressPerMinute, nameof(options.RegistrationsPerAddressPerMinute), 1, MaxPerMinute)
            .RequireRange(options.RefreshesPerAddressPerMinute, nameof(options.RefreshesPerAddressPerMinute), 1, MaxPerMinute)
            .ToResult();
    }

    // No message contains a key.
    private static void CheckKeys(SettingRules rules, IList<SigningKeyOptions> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var place = $"{nameof(AuthOptions.SigningKeys)}:{i}";
            rules.Require(
                keys[i].Id.Length is > 0 and <= 64 && keys.Take(i).All(k => k.Id != keys[i].Id),
                $"{place}:{nameof(SigningKeyOptions.Id)}",
                "unique and of 1 to 64 characters");
            if (Problem(keys[i].Key) is { } problem)
            {
                rules.Report($"{place}:{nameof(SigningKeyOptions.Key)}", $"{problem} Make one with: openssl rand -base64 32");
            }
        }
    }

    private static string? Problem(string key)
    {
        var bytes = new byte[key.Length];
        if (key.Length == 0 || !Convert.TryFromBase64String(key, bytes, out var length))
        {
            return "is empty or not base64.";
        }

        if (length < KeyBytes)
        {
            return $"has {length} bytes; it needs at least {KeyBytes}.";
        }

        var text = Encoding.Latin1.GetString(bytes, 0, length);
        var isSample = SampleWords.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase)
            || key.Contains(w, StringComparison.OrdinalIgnoreCase));
        return isSample || bytes.Take(length).Distinct().Count() < DistinctBytes ? "is a sample and not random." : null;
    }
}

/// <summary>An access token that outlives an unused session would keep its client from refreshing the session in time.</summary>
internal sealed class TokenLifetimeCheck(IOptions<SessionOptions> sessions) : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options) => new SettingRules(AuthOptions.SectionName)
        .Require(
            sessions.ValueIfValid() is not { } session || options.AccessTokenLifetime < session.RefreshTokenLifetime,
            nameof(options.AccessTokenLifetime),
            $"shorter than {SessionOptions.SectionName}:{nameof(SessionOptions.RefreshTokenLifetime)}")
        .ToResult();
}
