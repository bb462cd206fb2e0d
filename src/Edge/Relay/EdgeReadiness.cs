using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Edge.Relay;

/// <summary>Whether this edge can take new sockets: rooms reach it, and it is not shutting down.</summary>
public sealed class EdgeReadiness : IReadinessCheck
{
    private volatile bool _roomsReachable;
    private volatile bool _stopping;
    private volatile bool _drained;

    public string Name => "edge";

    public bool IsReady => Reason is null;

    public string? Reason => _stopping ? "the node is shutting down"
        : _drained ? "an operator drains the node"
        : !_roomsReachable ? "no room node has answered through this edge's topic yet"
        : null;

    internal void RoomsReachable() => _roomsReachable = true;

    internal void Stop() => _stopping = true;

    /// <summary>Until <see cref="Resume"/> or the end of the process.</summary>
    internal void Drain() => _drained = true;

    internal void Resume() => _drained = false;
}
