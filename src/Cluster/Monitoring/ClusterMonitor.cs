using Akka.Actor;
using Akka.Cluster;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Messages.Nodes;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>A member of the cluster and what it says of itself.</summary>
/// <param name="Report">Null where it did not answer in time, as a node of an earlier release, or one that cannot be reached.</param>
public sealed record NodeState(MemberView Member, bool IsLeader, bool IsCoordinator, NodeProtocol.NodeReport? Report);

/// <summary>Asks every member of the cluster how it is. All members are asked at once, and one that is silent delays the answer by 2 s.</summary>
public sealed class ClusterMonitor(RunningSystem running)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <param name="sockets">The most sockets that each node lists.</param>
    /// <param name="history">Whether nodes give the samples of the last hour.</param>
    /// <returns>By address.</returns>
    /// <exception cref="TimeoutException">This node is still starting.</exception>
    public async Task<IReadOnlyList<NodeState>> GetNodesAsync(int sockets, bool history, CancellationToken cancellationToken)
    {
        var cluster = AkkaCluster.Get(System);
        var (leader, coordinator) = (cluster.State.Leader, RoomShards.Coordinator(cluster));
        var query = new NodeProtocol.GetNodeReport(sockets, history);
        return await Task.WhenAll(cluster.State.Members
            .OrderBy(member => member.Address.ToString(), StringComparer.Ordinal)
            .Select(async member =>
            {
                var view = cluster.View(member);
                var report = view.Reachable ? await AskAsync(cluster.System, member.Address, query, cancellationToken) : null;
                return new NodeState(view, member.Address == leader, member.Address == coordinator, report);
            }));
    }

    /// <summary>The shards of the rooms that have a home, in the order of their numbers.</summary>
    /// <exception cref="TimeoutException">The shard coordinator does not answer, or this node is still starting.</exception>
    public async Task<IReadOnlyList<ShardView>> GetShardsAsync()
    {
        try
        {
            return RoomShards.List(await RoomShards.StatsAsync(System));
        }
        catch (CommandException e)
        {
            throw new TimeoutException(e.Message, e);
        }
    }

    /// <summary>As <see cref="GetShardsAsync"/>; null where that takes longer than a node may take to report, as during a fail-over.</summary>
    public async Task<IReadOnlyList<ShardView>?> FindShardsAsync()
    {
        try
        {
            return await GetShardsAsync().WaitAsync(Timeout);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public static string ShardOf(string room) => RoomShards.ShardOf(room);

    private ActorSystem System => running.System ?? throw new TimeoutException("The node is starting; its actor system is not running yet.");

    /// <summary>
    /// Looks for the actor first: a node of an earlier release has none, says so in a format that it knows, and never gets a message that it
    /// cannot read.
    /// </summary>
    private static async Task<NodeProtocol.NodeReport?> AskAsync(
        ActorSystem system, Address node, NodeProtocol.GetNodeReport query, CancellationToken cancellationToken)
    {
        try
        {
            var path = new RootActorPath(node) / "user" / NodeMonitor.Name;
            var found = await system.ActorSelection(path).Ask<ActorIdentity>(new Identify(null), Timeout, cancellationToken);
            return found.Subject is { } monitor ? await monitor.Ask<NodeProtocol.NodeReport>(query, Timeout, cancellationToken) : null;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
