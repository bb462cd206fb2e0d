using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Management;

/// <summary>The listener for operators, which every node has. Read from <c>AkkaChat:Management</c>. Never the public listener.</summary>
public sealed class ManagementOptions
{
    public const string SectionName = "AkkaChat:Management";

    /// <summary>The address to listen on. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The port when none is set, unless something else listens there.</summary>
    public const int UsualPort = 9110;

    /// <summary>The port; 0 takes a free one. Default: none, which means 9110, or a free one where 9110 is taken.</summary>
    public int? Port { get; set; }

    /// <summary>The token that pbm must present from other machines. Default: none, and commands work from this machine only.</summary>
    public string? Token { get; set; }
}

internal sealed class ManagementOptionsValidator : IValidateOptions<ManagementOptions>
{
    private const int MinTokenLength = 20;

    public ValidateOptionsResult Validate(string? name, ManagementOptions options) => new SettingRules(ManagementOptions.SectionName)
        .Require(!string.IsNullOrWhiteSpace(options.Hostname), nameof(options.Hostname), "a name or an address")
        .RequireRange(options.Port ?? ManagementOptions.UsualPort, nameof(options.Port), 0, ushort.MaxValue)
        .Require(
            string.IsNullOrEmpty(options.Token) || options.Token.Length >= MinTokenLength,
            nameof(options.Token),
            $"at least {MinTokenLength} characters, as from openssl rand -base64 32")
        .ToResult();
}
