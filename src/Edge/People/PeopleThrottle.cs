using System.Threading.RateLimiting;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.People;

/// <summary>
/// How often one user may look others up or begin a conversation, so that nobody reads the list of all users or writes to all of them. Each node
/// counts separately.
/// </summary>
internal sealed class PeopleThrottle : IDisposable
{
    private const int SearchesPerMinute = 120;
    private const int NewRoomsPerMinute = 30;
    private const int PeriodsPerMinute = 10;

    private readonly PartitionedRateLimiter<UserId> _searches = Limiter(SearchesPerMinute);
    private readonly PartitionedRateLimiter<UserId> _rooms = Limiter(NewRoomsPerMinute);

    /// <summary>Null when it may proceed, else how long to wait; the same holds for the other method.</summary>
    public TimeSpan? TrySearch(UserId user) => Wait(_searches, user);

    public TimeSpan? TryNewRoom(UserId user) => Wait(_rooms, user);

    public void Dispose()
    {
        _searches.Dispose();
        _rooms.Dispose();
    }

    private static PartitionedRateLimiter<UserId> Limiter(int perMinute) =>
        PartitionedRateLimiter.Create<UserId, UserId>(user => RateLimitPartition.GetTokenBucketLimiter(user, _ => new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = perMinute / PeriodsPerMinute,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / PeriodsPerMinute,
            QueueLimit = 0,
        }));

    private static TimeSpan? Wait(PartitionedRateLimiter<UserId> limiter, UserId user)
    {
        using var lease = limiter.AttemptAcquire(user);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait
            : TimeSpan.FromSeconds(1);
    }
}
