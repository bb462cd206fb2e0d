namespace AkkaChat.Edge.Sockets;

/// <summary>
/// A token bucket for one reader loop: 24 bytes a connection, where System.Threading.RateLimiting's takes an object with a timer.
/// Not thread-safe.
/// </summary>
internal struct TokenBucket(double perSecond, double burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _updated = time.GetTimestamp();

    /// <summary>Takes a token, or says how long until there is one.</summary>
    public bool TryTake(out TimeSpan retryAfter)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_updated, now).TotalSeconds * perSecond));
        _updated = now;
        if (_tokens >= 1)
        {
            _tokens--;
            retryAfter = TimeSpan.Zero;
            return true;
        }

        retryAfter = TimeSpan.FromSeconds((1 - _tokens) / perSecond);
        return false;
    }
}
