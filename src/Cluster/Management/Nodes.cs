using Akka.Actor;
using Akka.Cluster;
using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Cluster.Management;

/// <summary>A member as pbm and owners of the installation see it.</summary>
public sealed record MemberView(string Address, IReadOnlyList<string> Roles, string Status, bool Reachable, string Version);

/// <summary>Shared by the palettes about the cluster.</summary>
internal static class Nodes
{
    public static ActorSystem Running(this RunningSystem running) =>
        running.System ?? throw new CommandException("The node is starting; its actor system is not running yet.");

    public static MemberView View(this AkkaCluster cluster, Member member) => new(
        member.Address.ToString(),
        [.. member.Roles.Order(StringComparer.Ordinal)],
        member.Status.ToString().ToLowerInvariant(),
        !cluster.State.Unreachable.Contains(member),
        member.AppVersion.Version);

    /// <summary>Address, roles, status, whether it is unreachable, version.</summary>
    public static string Text(this MemberView member) =>
        $"{member.Address} | [{string.Join(", ", member.Roles)}] | {member.Status} | {(member.Reachable ? "" : "unreachable ")}| {member.Version}";

    /// <summary>The member at the address that the operator gave.</summary>
    public static Member Member(this AkkaCluster cluster, string given)
    {
        var address = ParseAddress(given).WithProtocol(cluster.SelfAddress.Protocol);
        return cluster.State.Members.FirstOrDefault(member => member.Address == address)
               ?? throw new CommandException($"{address} is not a member of the cluster.");
    }

    public static Address ParseAddress(string given) =>
        Address.TryParse(given, out var address) && address.Host is not null && address.Port is not null
            ? address
            : throw new CommandUsageException($"-a must be of the form akka.tcp://{ChatClusterOptions.SystemName}@host:port, not '{given}'.");
}
