using Akka.Actor;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>What a node does in the cluster.</summary>
public static class ChatRoles
{
    /// <summary>Hosts room actors.</summary>
    public const string Room = "room";

    /// <summary>Terminates sockets and serves REST.</summary>
    public const string Edge = "edge";
}

/// <summary>This node's place in the cluster. Read from <c>AkkaChat:Cluster</c>. The defaults are a cluster of one process.</summary>
public sealed class ChatClusterOptions
{
    public const string SectionName = "AkkaChat:Cluster";

    /// <summary>The actor system's name, the same on every node of a cluster.</summary>
    public const string SystemName = "chat";

    /// <summary>Any of <see cref="ChatRoles"/>. Empty, the default: all that the executable can do.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>The address that other nodes reach this one by. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The address to listen on where it is another, as in a container. Default: <see cref="Hostname"/>.</summary>
    public string? BindHostname { get; set; }

    /// <summary>The remoting port; 0, the default, takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>Addresses of the form <c>akka.tcp://chat@host:port</c>. Empty, the default: a cluster of its own.</summary>
    public IList<string> SeedNodes { get; set; } = [];

    /// <summary>
    /// How long the set of unreachable nodes must hold still before the split brain resolver decides. Default 5 s, for up to ten nodes:
    /// what fails over takes the detection (about 7 s), this, and a second.
    /// </summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node may be silent before it counts as unreachable. Default 6 s: small machines pause that long under load.</summary>
    public TimeSpan AcceptableHeartbeatPause { get; set; } = TimeSpan.FromSeconds(6);
}

internal sealed class ChatClusterOptionsValidator : IValidateOptions<ChatClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ChatClusterOptions options)
    {
        var errors = new List<string>();
        foreach (var role in options.Roles.Where(role => role is not (ChatRoles.Room or ChatRoles.Edge)))
        {
            errors.Add($"{ChatClusterOptions.SectionName}:Roles has '{role}'; known are '{ChatRoles.Room}' and '{ChatRoles.Edge}'.");
        }

        foreach (var seed in options.SeedNodes)
        {
            if (!Address.TryParse(seed, out var address) || address.System != ChatClusterOptions.SystemName || address.Port is null)
            {
                errors.Add(
                    $"{ChatClusterOptions.SectionName}:SeedNodes has '{seed}'; the form is akka.tcp://{ChatClusterOptions.SystemName}@host:port.");
            }
        }

        if (string.IsNullOrWhiteSpace(options.Hostname))
        {
            errors.Add($"{ChatClusterOptions.SectionName}:Hostname is empty.");
        }

        if (options.Port is < 0 or > ushort.MaxValue)
        {
            errors.Add($"{ChatClusterOptions.SectionName}:Port must be from 0 to 65535.");
        }

        if (options.StableAfter < TimeSpan.FromSeconds(1))
        {
            errors.Add($"{ChatClusterOptions.SectionName}:StableAfter must be at least 1 second.");
        }

        if (options.AcceptableHeartbeatPause < TimeSpan.FromSeconds(1))
        {
            errors.Add($"{ChatClusterOptions.SectionName}:AcceptableHeartbeatPause must be at least 1 second.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
