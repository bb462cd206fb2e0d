using System.Net;
using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>Whether and how linked pages are fetched. Read from <c>AkkaChat:LinkCards</c>.</summary>
public sealed class LinkCardOptions
{
    public const string SectionName = "AkkaChat:LinkCards";

    /// <summary>Whether the installation fetches linked pages at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Ports besides 80 and 443 that links may use. Default none.</summary>
    public IList<int> AllowedPorts { get; set; } = [];

    /// <summary>
    /// Private networks, such as <c>10.1.0.0/16</c>, whose links get cards too. Anyone who
    /// may write a message can then make the server send a GET request to any address in them. Default none.
    /// </summary>
    public IList<string> AllowedNetworks { get; set; } = [];
}

public sealed class LinkCardOptionsValidator : IValidateOptions<LinkCardOptions>
{
    public ValidateOptionsResult Validate(string? name, LinkCardOptions options) => new SettingRules(LinkCardOptions.SectionName)
        .Require(options.AllowedPorts.All(port => port is > 0 and <= ushort.MaxValue), nameof(options.AllowedPorts), "ports from 1 to 65535")
        .Require(
            options.AllowedNetworks.All(network => IPNetwork.TryParse(network, out _)),
            nameof(options.AllowedNetworks),
            "networks such as 10.1.0.0/16 or fd00:1::/32")
        .ToResult();
}
