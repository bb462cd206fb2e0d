using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Security;
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
public sealed class LoginThrottle : IDisposable
{
    private readonly PartitionedRateLimiter<string> _logins;
    private readonly PartitionedRateLimiter<string> _accountsAndAddresses;
    private readonly PartitionedRateLimiter<string> _accounts;
    private readonly PartitionedRateLimiter<string> _registrations;
    private readonly PartitionedRateLimiter<string> _refreshes;
    private readonly byte[] _deviceKey;

    public LoginThrottle(IOptions<AuthOptions> options, SigningKeyRing keys)
    {
        var value = options.Value;
        _logins = Limiter(value.LoginsPerAddressPerMinute);
        _accountsAndAddresses = Limiter(value.LoginsPerAccountAndAddressPerMinute);
        _accounts = Limiter(value.LoginsPerAccountPerMinute);
        _registrations = Limiter(value.RegistrationsPerAddressPerMinute);
        _refreshes = Limiter(value.RefreshesPerAddressPerMinute);
        var signing = (SymmetricSecurityKey)keys.Signing.Key;
        _deviceKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, signing.Key, 32, info: "akkachat device cookie"u8.ToArray());
    }

    /// <summary>Null when the attempt may proceed, else how long to wait; the same holds for the other methods.</summary>
    public TimeSpan? TryLogin(HttpContext context) => Wait(_logins, ClientAddress.Of(context));

    /// <summary>Whether the request comes from a device that has logged in to the account; its own bucket is all that limits it.</summary>
    public bool IsKnownDevice(HttpContext context, UserId? account) =>
        account is { } id && AuthCookies.Device(context.Request) is { } device && IsDeviceOf(device, id);

    /// <summary><paramref name="loginKey"/> is the normalised input. For a device that <see cref="IsKnownDevice"/> does not know.</summary>
    public TimeSpan? TryLoginTo(HttpContext context, string loginKey) =>
        Wait(_accountsAndAddresses, $"{ClientAddress.Of(context)} {loginKey}") ?? Wait(_accounts, loginKey);

    public TimeSpan? TryKnownDevice(HttpContext context) => Wait(_accountsAndAddresses, $"device {AuthCookies.Device(context.Request)}");

    /// <summary>Guesses at the current password through a session; the session is its own partition.</summary>
    public TimeSpan? TryPassword(SessionId session) => Wait(_accountsAndAddresses, $"session {session}");

    public TimeSpan? TryRegister(HttpContext context) => Wait(_registrations, ClientAddress.Of(context));

    public TimeSpan? TryRefresh(HttpContext context) => Wait(_refreshes, ClientAddress.Of(context));

    /// <summary>Marks the device as one that has logged in to the account.</summary>
    public void Remember(HttpContext context, UserId account)
    {
        if (AuthCookies.Device(context.Request) is not { } device || !IsDeviceOf(device, account))
        {
            var nonce = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
            AuthCookies.SetDevice(context, $"{nonce}.{Mac(nonce, account)}");
        }
    }

    public void Dispose()
    {
        _logins.Dispose();
        _accountsAndAddresses.Dispose();
        _accounts.Dispose();
        _registrations.Dispose();
        _refreshes.Dispose();
    }

    // The limiter drops idle partitions itself, so memory follows the traffic of the last minutes.
    private static PartitionedRateLimiter<string> Limiter(int perMinute) =>
        PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(perMinute >= 10 ? 6 : 60.0 / perMinute),
            QueueLimit = 0,
        }));

    private static TimeSpan? Wait(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
        {
            return null;
        }

        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
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
