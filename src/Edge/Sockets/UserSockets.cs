using AkkaChat.Edge.Throttling;

namespace AkkaChat.Edge.Sockets;

/// <summary>What the sockets of one user on this edge share.</summary>
internal sealed class UserSockets(SocketOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private TokenBucket _sends = new(options.SendPerSecond * options.UserFactor, (double)options.SendBurst * options.UserFactor, time);
    private TokenBucket _requests = SessionLimits.Requests(options, options.UserFactor, time);

    /// <summary>Guarded by the lock of <see cref="ConnectionRegistry"/>, like <see cref="LeftAt"/>.</summary>
    public int Count { get; set; }

    /// <summary>When the last socket that has gone went.</summary>
    public long LeftAt { get; set; }

    public bool TrySend(out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            return _sends.TryTake(out retryAfter);
        }
    }

    public bool TryRequest(out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            return _requests.TryTake(out retryAfter);
        }
    }
}
