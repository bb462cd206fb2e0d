using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Cluster.Rooms;

/// <summary>The topics of distributed pub-sub that edges subscribe to, each edge once, at its start.</summary>
public static class EdgeTopics
{
    /// <summary>All edges.</summary>
    public const string All = "edges";
}

/// <summary>
/// The edges that watch a room, each under a lease that it renews. Volatile: a new incarnation of the room announces itself to all edges,
/// and those that watch it renew their leases.
/// </summary>
internal sealed class RoomWatchers(IActorRef mediator, TimeProvider time, TimeSpan lease)
{
    private readonly Dictionary<EdgeId, long> _leases = [];

    public void Renew(EdgeId edge)
    {
        ChatMetrics.Leases.Add(_leases.ContainsKey(edge) ? 0 : 1);
        _leases[edge] = time.GetTimestamp();
    }

    public void Remove(EdgeId edge) => ChatMetrics.Leases.Add(_leases.Remove(edge) ? -1 : 0);

    /// <summary>The room stops.</summary>
    public void Clear()
    {
        ChatMetrics.Leases.Add(-_leases.Count);
        _leases.Clear();
    }

    /// <summary>Publishes to the topic of each edge with an active lease.</summary>
    public void Publish(RoomProtocol.IBroadcast broadcast)
    {
        foreach (var edge in _leases.Keys)
        {
            mediator.Tell(new Publish(edge.Topic, broadcast));
        }
    }

    public void DropExpired()
    {
        foreach (var (edge, renewed) in _leases.ToArray())
        {
            if (time.GetElapsedTime(renewed) > lease)
            {
                Remove(edge);
                ChatMetrics.LeasesExpired.Add(1);
            }
        }
    }
}
