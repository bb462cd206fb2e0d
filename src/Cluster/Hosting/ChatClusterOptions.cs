using Akka.Actor;
using AkkaChat.Persistence.Database;
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

    /// <summary>Any of <see cref="ChatRoles"/>. Empty, the default: every role the executable supports.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>The address other nodes use to reach this one. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The address to listen on if it differs, as in a container. Default: <see cref="Hostname"/>.</summary>
    public string? BindHostname { get; set; }

    /// <summary>The remoting port; 0, the default, takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>Addresses of the form <c>akka.tcp://chat@host:port</c>. Empty, the default: a cluster of its own.</summary>
    public IList<string> SeedNodes { get; set; } = [];

    /// <summary>
    /// How long the set of unreachable nodes must be stable before the split brain resolver decides. Default 5 s, for up to ten nodes:
    /// a fail-over takes the detection (about 7 s), this, and a second.
    /// </summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node may be silent before it counts as unreachable. Default 6 s: small machines pause that long under load.</summary>
    public TimeSpan AcceptableHeartbeatPause { get; set; } = TimeSpan.FromSeconds(6);
}

internal sealed class ChatClusterOptionsValidator : IValidateOptions<ChatClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ChatClusterOptions options)
    {
        var rules = new SettingRules(ChatClusterOptions.SectionName);
        for (var i = 0; i < options.Roles.Count; i++)
        {
            rules.Require(
                options.Roles[i] is ChatRoles.Room or ChatRoles.Edge,
                $"{nameof(options.Roles)}:{i}",
                $"'{ChatRoles.Room}' or '{ChatRoles.Edge}', not '{options.Roles[i]}'");
        }

        for (var i = 0; i < options.SeedNodes.Count; i++)
        {
            rules.Require(
                IsSeed(options.SeedNodes[i]),
                $"{nameof(options.SeedNodes)}:{i}",
                $"of the form akka.tcp://{ChatClusterOptions.SystemName}@host:port, not '{options.SeedNodes[i]}'");
        }

        return rules
            .Require(!string.IsNullOrWhiteSpace(options.Hostname), nameof(options.Hostname), "a name or an address")
            .RequireRange(options.Port, nameof(options.Port), 0, ushort.MaxValue)
            .Require(options.StableAfter >= TimeSpan.FromSeconds(1), nameof(options.StableAfter), "at least 1 second")
            .Require(options.AcceptableHeartbeatPause >= TimeSpan.FromSeconds(1), nameof(options.AcceptableHeartbeatPause), "at least 1 second")
            .ToResult();
    }

    private static bool IsSeed(string seed) =>
        Address.TryParse(seed, out var address) && address.System == ChatClusterOptions.SystemName && address.Port is not null;
}

/// <summary>SQLite serves one process: nodes with a file each would have separate rooms.</summary>
internal sealed class ClusterDatabaseCheck(IOptions<ChatClusterOptions> cluster) : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options) => new SettingRules(DatabaseOptions.SectionName)
        .Require(
            options.ProviderKind == DatabaseProvider.Postgres || cluster.ValueIfValid() is not { SeedNodes.Count: > 0 },
            nameof(options.Provider),
            $"'postgres' when {ChatClusterOptions.SectionName}:{nameof(ChatClusterOptions.SeedNodes)} is set")
        .ToResult();
}
