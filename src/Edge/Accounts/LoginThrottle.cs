using System.Security.Cryptography;
using System.Text;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Security;
using AkkaChat.Edge.Throttling;
using AkkaChat.Messages.Ids;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace AkkaChat.Edge.Accounts;

/// <summary>
/// Slows down password guessing without locking accounts. Token buckets per address, per account and address, and per account. An attempt
/// is refused before any password is checked, in the same way for existing and unknown accounts. A device that has logged in to the account
/// before presents a cookie and has its own bucket (OWASP's device cookies), so others' guesses, or others at its address, cannot keep the owner out.
/// Each node counts separately; what all nodes count together is in <see cref="Persistence.Accounts.ILoginAttempts"/>.
/// </summary>
public sealed class LoginThrottle
{
    private readonly KeyedLimiter<string> _logins;
    private readonly KeyedLimiter<string> _accountsAndAddresses;
    private readonly KeyedLimiter<string> _accounts;
    private readonly KeyedLimiter<string> _registrations;
    private readonly KeyedLimiter<string> _refreshes;
    private readonly byte[] _deviceKey;

    public LoginThrottle(IOptions<AuthOptions> options, SigningKeyRing keys)
    {
        var value = options.Value;
        _logins = new(value.LoginsPerAddressPerMinute, TimeSpan.FromMinutes(1));
        _accountsAndAddresses = new(value.LoginsPerAccountAndAddressPerMinute, TimeSpan.FromMinutes(1));
        _accounts = new(value.LoginsPerAccountPerMinute, TimeSpan.FromMinutes(1));
        _registrations = new(value.RegistrationsPerAddressPerMinute, TimeSpan.FromMinutes(1));
        _refreshes = new(value.RefreshesPerAddressPerMinute, TimeSpan.FromMinutes(1));
        var signing = (SymmetricSecurityKey)keys.Signing.Key;
        _deviceKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, signing.Key, 32, info: "akkachat device cookie"u8.ToArray());
    }

    /// <summary>Null when the attempt may proceed, else how long to wait; the same holds for the other methods.</summary>
    public TimeSpan? TryLogin(HttpContext context) => _logins.Try(ClientAddress.Of(context));

    /// <summary>Whether the request comes from a device that has logged in to the account; its own bucket is all that limits it.</summary>
    public bool IsKnownDevice(HttpContext context, UserId? account) =>
        account is { } id && AuthCookies.Device(context.Request) is { } device && IsDeviceOf(device, id);

    /// <summary><paramref name="loginKey"/> is the normalised input. For a device that <see cref="IsKnownDevice"/> does not know.</summary>
    public TimeSpan? TryLoginTo(HttpContext context, string loginKey) =>
        _accountsAndAddresses.Try($"{ClientAddress.Of(context)} {loginKey}") ?? _accounts.Try(loginKey);

    public TimeSpan? TryKnownDevice(HttpContext context) => _accountsAndAddresses.Try($"device {AuthCookies.Device(context.Request)}");

    /// <summary>Guesses at the current password through a session; the session is its own partition.</summary>
    public TimeSpan? TryPassword(SessionId session) => _accountsAndAddresses.Try($"session {session}");

    public TimeSpan? TryRegister(HttpContext context) => _registrations.Try(ClientAddress.Of(context));

    public TimeSpan? TryRefresh(HttpContext context) => _refreshes.Try(ClientAddress.Of(context));

    /// <summary>Marks the device as one that has logged in to the account.</summary>
    public void Remember(HttpContext context, UserId account)
    {
        if (AuthCookies.Device(context.Request) is not { } device || !IsDeviceOf(device, account))
        {
            var nonce = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
            AuthCookies.SetDevice(context, $"{nonce}.{Mac(nonce, account)}");
        }
    }

    private bool IsDeviceOf(string device, UserId account)
    {
        var parts = device.Split('.');
        return device.Length < 128 && parts.Length == 2 && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(parts[1]), Encoding.UTF8.GetBytes(Mac(parts[0], account)));
    }

    private string Mac(string nonce, UserId account) => System.Buffers.Text.Base64Url.EncodeToString(
        HMACSHA256.HashData(_deviceKey, Encoding.UTF8.GetBytes($"{nonce}|{account}")));
}
