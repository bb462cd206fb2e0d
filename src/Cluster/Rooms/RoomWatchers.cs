using Akka.Actor;
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
internal sealed class RoomWatchers(IActorRef outbox, TimeProvider time, TimeSpan lease)
{
    /// <summary>More than a head or a typing takes on the wire.</summary>
    private const int SmallBytes = 256;

    private readonly Dictionary<EdgeId, long> _leases = [];

    /// <summary>The edges with a lease. Replaced when they change, since the outbox reads it later.</summary>
    private EdgeId[] _edges = [];

    public void Renew(EdgeId edge)
    {
        ChatMetrics.Leases.Add(_leases.ContainsKey(edge) ? 0 : 1);
        _leases[edge] = time.GetTimestamp();
        Renumber();
    }

    public void Remove(EdgeId edge)
    {
        ChatMetrics.Leases.Add(_leases.Remove(edge) ? -1 : 0);
        Renumber();
    }

    /// <summary>The room stops.</summary>
    public void Clear()
    {
        ChatMetrics.Leases.Add(-_leases.Count);
        _leases.Clear();
        Renumber();
    }

    /// <summary>Publishes to each edge with an active lease.</summary>
    /// <param name="bytes">At least what the events in it take on the wire.</param>
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

    private void Renumber()
    {
        if (_edges.Length != _leases.Count || !_edges.All(_leases.ContainsKey))
        {
            _edges = [.. _leases.Keys];
        }
    }
}
