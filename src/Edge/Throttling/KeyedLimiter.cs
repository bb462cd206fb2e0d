using System.Collections.Concurrent;

namespace AkkaChat.Edge.Throttling;

/// <summary>
/// A token bucket for each key. Buckets that are full again are dropped, so memory follows the traffic of the last minutes. Without timers, unlike
/// System.Threading.RateLimiting's limiters, each of which wakes a thread ten times a second for ever.
/// </summary>
/// <param name="permits">How many in each <paramref name="period"/>, on average.</param>
/// <param name="burst">The most at once; <paramref name="permits"/> unless told.</param>
internal sealed class KeyedLimiter<TKey>(int permits, TimeSpan period, int? burst = null, TimeProvider? time = null)
    where TKey : notnull
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<TKey, Bucket> _buckets = new();
    private long _swept = (time ?? TimeProvider.System).GetTimestamp();

    /// <summary>How many keys have a bucket.</summary>
    public int Count => _buckets.Count;

    /// <summary>Null when <paramref name="key"/> may proceed, else how long to wait.</summary>
    public TimeSpan? Try(TKey key)
    {
        SweepIfDue();
        while (true)
        {
            var bucket = _buckets.GetOrAdd(key, static (_, limiter) => limiter.NewBucket(), this);
            lock (bucket)
            {
                if (!bucket.IsDropped)
                {
                    return bucket.Tokens.TryTake(out var wait) ? null : wait;
                }
            }
        }
    }

    /// <summary>As <see cref="Try"/>, but takes nothing: for what is counted only once its outcome is known.</summary>
    public TimeSpan? Wait(TKey key)
    {
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            return null;
        }

        lock (bucket)
        {
            return bucket.Tokens.Wait() is var wait && wait > TimeSpan.Zero ? wait : null;
        }
    }

    private Bucket NewBucket() => new() { Tokens = new TokenBucket(permits / period.TotalSeconds, burst ?? permits, _time) };

    private void SweepIfDue()
    {
        var swept = Volatile.Read(ref _swept);
        var now = _time.GetTimestamp();
        if (_time.GetElapsedTime(swept, now) < SweepInterval || Interlocked.CompareExchange(ref _swept, now, swept) != swept)
        {
            return;
        }

        foreach (var (key, bucket) in _buckets)
        {
            lock (bucket)
            {
                if (bucket.Tokens.IsFull())
                {
                    bucket.IsDropped = true;
                    _buckets.TryRemove(key, out _);
                }
            }
        }
    }

    private sealed class Bucket
    {
        public TokenBucket Tokens;

        /// <summary>Whoever finds it dropped takes a new one.</summary>
        public bool IsDropped;
    }
}
