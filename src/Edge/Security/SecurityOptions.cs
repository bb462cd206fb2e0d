using System.Net;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Security;

/// <summary>Which origins' pages and which proxies the node trusts.</summary>
public sealed class SecurityOptions
{
    public const string SectionName = "AkkaChat:Security";

    /// <summary>
    /// Origins besides the request's own whose pages may open a WebSocket and change state, each like <c>https://chat.example.org</c>.
    /// Default: none.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Addresses or networks (<c>10.0.0.0/8</c>) of the proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted. Needed when
    /// TLS ends at a proxy: without it cookies are not Secure and limits see all clients as one. Default: none.
    /// </summary>
    public IList<string> KnownProxies { get; } = [];
}

public sealed class SecurityOptionsValidator : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        var rules = new SettingRules(SecurityOptions.SectionName);
        for (var i = 0; i < options.AllowedOrigins.Count; i++)
        {
            rules.Require(
                OriginPolicy.Normalize(options.AllowedOrigins[i]) is not null,
                $"{nameof(options.AllowedOrigins)}:{i}",
                "a scheme, host and port only, like https://chat.example.org");
        }

        for (var i = 0; i < options.KnownProxies.Count; i++)
        {
            rules.Require(
                IPAddress.TryParse(options.KnownProxies[i], out _) || IPNetwork.TryParse(options.KnownProxies[i], out _),
                $"{nameof(options.KnownProxies)}:{i}",
                "an IP address or a network like 10.0.0.0/8");
        }

        return rules.ToResult();
    }
}
