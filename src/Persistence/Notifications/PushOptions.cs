using System.Net;
using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Notifications;

/// <summary>Web Push. Read from <c>AkkaChat:Push</c>.</summary>
public sealed class PushOptions
{
    public const string SectionName = "AkkaChat:Push";

    /// <summary>Whether browsers can subscribe, and are sent pushes. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The public VAPID key: an uncompressed P-256 point in base64url. Default: none, which means that of the database.</summary>
    public string? PublicKey { get; set; }

    /// <summary>The private VAPID key: 32 bytes in base64url. Default: none, which means that of the database, made at first use.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>Whom push services may write to: <c>mailto:</c> or <c>https:</c>. Default <c>mailto:admin@localhost</c>.</summary>
    public string Subject { get; set; } = "mailto:admin@localhost";

    /// <summary>Ports besides 443 that push services may use. Default none.</summary>
    public IList<int> AllowedPorts { get; set; } = [];

    /// <summary>
    /// Private networks, such as <c>10.1.0.0/16</c>, with push services. Any user can then make the server send a POST request to any
    /// address in them. Default none.
    /// </summary>
    public IList<string> AllowedNetworks { get; set; } = [];
}

public sealed class PushOptionsValidator : IValidateOptions<PushOptions>
{
    private const int PublicBytes = 65;
    private const int PrivateBytes = 32;

    public ValidateOptionsResult Validate(string? name, PushOptions options) => new SettingRules(PushOptions.SectionName)
        .Require(
            IsKey(options.PublicKey, PublicBytes) && (options.PublicKey is null) == (options.PrivateKey is null),
            nameof(options.PublicKey),
            "an uncompressed P-256 point in base64url, with PrivateKey, or neither")
        .Require(IsKey(options.PrivateKey, PrivateBytes), nameof(options.PrivateKey), "32 bytes in base64url")
        .Require(
            Uri.TryCreate(options.Subject, UriKind.Absolute, out var subject) && subject.Scheme is "mailto" or "https",
            nameof(options.Subject),
            "mailto: or https:")
        .Require(options.AllowedPorts.All(port => port is > 0 and <= ushort.MaxValue), nameof(options.AllowedPorts), "ports from 1 to 65535")
        .Require(
            options.AllowedNetworks.All(network => IPNetwork.TryParse(network, out _)),
            nameof(options.AllowedNetworks),
            "networks such as 10.1.0.0/16 or fd00:1::/32")
        .ToResult();

    private static bool IsKey(string? key, int bytes) => key is null || (PushKeys.TryDecode(key, out var decoded) && decoded.Length == bytes);
}
