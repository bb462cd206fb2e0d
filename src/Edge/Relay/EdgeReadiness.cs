using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Edge.Relay;

/// <summary>Whether this edge can take new sockets: rooms reach it, and it is not shutting down.</summary>
public sealed class EdgeReadiness : IReadinessCheck
{
    private volatile bool _roomsReachable;
    private volatile bool _draining;

    public string Name => "edge";

    public bool IsReady => Reason is null;

    public string? Reason => _draining ? "the node is shutting down"
        : !_roomsReachable ? "no room node has answered through this edge's topic yet"
        : null;

    internal void RoomsReachable() => _roomsReachable = true;

    internal void Drain() => _draining = true;
}
