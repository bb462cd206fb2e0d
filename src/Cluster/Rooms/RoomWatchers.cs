using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Cluster.Rooms;

/// <summary>Topics of distributed pub-sub. Each edge subscribes once, when it starts.</summary>
public static class EdgeTopics
{
    /// <summary>All edges.</summary>
    public const string All = "edges";
}

/// <summary>
/// The edges that watch a room, each under a lease that it renews. Volatile: a new incarnation of the room notifies all edges, and those
/// that watch it renew their leases.
/// </summary>
internal sealed class RoomWatchers(IActorRef outbox, TimeProvider time, TimeSpan lease)
{
    /// <summary>An upper bound for a head or typing broadcast on the wire.</summary>
    private const int SmallBytes = 256;

    private readonly Dictionary<EdgeId, long> _leases = [];

    /// <summary>The edges with a lease. Replaced when they change, since the outbox reads it later.</summary>
    private EdgeId[] _edges = [];

    public void Renew(EdgeId edge)
    {
        ChatMetrics.Leases.Add(_leases.ContainsKey(edge) ? 0 : 1);
        _leases[edge] = time.GetTimestamp();
        UpdateEdges();
    }

    public void Remove(EdgeId edge)
    {
        ChatMetrics.Leases.Add(_leases.Remove(edge) ? -1 : 0);
        UpdateEdges();
    }

    /// <summary>Ends all leases.</summary>
    public void Clear()
    {
        ChatMetrics.Leases.Add(-_leases.Count);
        _leases.Clear();
        UpdateEdges();
    }

    /// <summary>Publishes to each edge with an active lease.</summary>
    /// <param name="bytes">An upper bound for its events on the wire.</param>
    public void Publish(RoomProtocol.IBroadcast broadcast, int bytes = 0)
    {
        if (_edges.Length > 0)
        {
            outbox.Tell(new EdgeOutbox.Broadcast(_edges, broadcast, SmallBytes + bytes));
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

    private void UpdateEdges()
    {
        if (_edges.Length != _leases.Count || !_edges.All(_leases.ContainsKey))
        {
            _edges = [.. _leases.Keys];
        }
    }
}
