namespace AkkaChat.Edge.Throttling;

/// <summary>
/// A token bucket that is refilled when it is asked: 40 bytes and no timer, where System.Threading.RateLimiting's limiter is an object with a
/// timer of its own. Not thread-safe.
/// </summary>
internal struct TokenBucket
{
    private readonly double _perSecond;
    private readonly double _burst;
    private readonly TimeProvider _time;
    private double _tokens;
    private long _updated;

    public TokenBucket(double perSecond, double burst, TimeProvider time)
    {
        (_perSecond, _burst, _time, _tokens) = (perSecond, burst, time, burst);
        _updated = time.GetTimestamp();
    }

    /// <summary>Takes a token, or returns the time until one is available.</summary>
    public bool TryTake(out TimeSpan retryAfter)
    {
        Refill();
        if (_tokens >= 1)
        {
            _tokens--;
            retryAfter = TimeSpan.Zero;
            return true;
        }

        retryAfter = TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
        return false;
    }

    /// <summary>The time until a token is available; zero when there is one.</summary>
    public TimeSpan Wait()
    {
        Refill();
        return _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
    }

    /// <summary>Takes tokens that have been used already, and returns how long it takes until the bucket owes none.</summary>
    public TimeSpan Charge(double tokens)
    {
        Refill();
        _tokens -= tokens;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
    }

    /// <summary>Whether nothing is missing: a new bucket in its place would be the same.</summary>
    public bool IsFull()
    {
        Refill();
        return _tokens >= _burst;
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_updated, now).TotalSeconds * _perSecond));
        _updated = now;
    }
}
