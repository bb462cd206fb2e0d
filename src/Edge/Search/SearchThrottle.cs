using System.Threading.RateLimiting;
using AkkaChat.Messages.Ids;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Search;

/// <summary>A token bucket for each user who searches; the limiter drops those that are full again.</summary>
internal sealed class SearchThrottle(IOptions<SearchOptions> options) : IDisposable
{
    private const int PeriodsPerMinute = 30;

    private readonly PartitionedRateLimiter<UserId> _searches = PartitionedRateLimiter.Create<UserId, UserId>(
        user => RateLimitPartition.GetTokenBucketLimiter(user, _ => new()
        {
            TokenLimit = options.Value.PerUserPerMinute,
            TokensPerPeriod = Math.Max(1, options.Value.PerUserPerMinute / PeriodsPerMinute),
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / Math.Min(PeriodsPerMinute, options.Value.PerUserPerMinute),
            QueueLimit = 0,
        }));

    /// <summary>Null: the search may proceed; else how long to wait.</summary>
    public TimeSpan? TrySearch(UserId user)
    {
        using var lease = _searches.AttemptAcquire(user);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait
            : TimeSpan.FromSeconds(1);
    }

    public void Dispose() => _searches.Dispose();
}
