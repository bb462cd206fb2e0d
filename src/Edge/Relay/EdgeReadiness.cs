namespace AkkaChat.Edge.Relay;

/// <summary>Whether this edge may be given new sockets.</summary>
public sealed class EdgeReadiness
{
    private volatile bool _roomsReachable;
    private volatile bool _draining;

    public bool IsReady => _roomsReachable && !_draining;

    /// <summary>One reason per check that fails; empty when ready.</summary>
    public IReadOnlyDictionary<string, string> Reasons()
    {
        var reasons = new Dictionary<string, string>();
        if (!_roomsReachable)
        {
            reasons.Add("relay", "no room node has answered through this edge's topic yet");
        }

        if (_draining)
        {
            reasons.Add("drain", "the node is shutting down");
        }

        return reasons;
    }

    internal void RoomsReachable() => _roomsReachable = true;

    internal void Drain() => _draining = true;
}
