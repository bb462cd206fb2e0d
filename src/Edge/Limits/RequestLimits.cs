using System.Threading.RateLimiting;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Limits;

/// <summary>
/// Bounds what one user can make this node do over REST: requests a second and at once, and changes that write to rooms' journals. Each node
/// counts for itself: n nodes allow n times as much.
/// </summary>
internal sealed class RequestLimits : IDisposable
{
    private const int BurstFactor = 4;
    private const int MaxBurst = 500;
    private static readonly UserId Nobody = new("");
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly PartitionedRateLimiter<UserId> _rooms;
    private readonly PartitionedRateLimiter<UserId> _moves;
    private readonly PartitionedRateLimiter<(UserId, string)> _movesPerRoom;
    private readonly int _roomsPerUser;

    public RequestLimits(IOptions<LimitOptions> options)
    {
        var limits = options.Value;
        _roomsPerUser = limits.RoomsPerUser;
        _requests = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, UserId>(context => Caller(context) is { } user
                ? RateLimitPartition.GetTokenBucketLimiter(user, _ => Bucket(
                    limits.RequestsPerSecond * BurstFactor, limits.RequestsPerSecond, TimeSpan.FromSeconds(1)))
                : RateLimitPartition.GetNoLimiter(Nobody)),
            PartitionedRateLimiter.Create<HttpContext, UserId>(context => Caller(context) is { } user && !IsBoundElsewhere(context)
                ? RateLimitPartition.GetConcurrencyLimiter(user, _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = limits.ConcurrentRequests, QueueLimit = limits.ConcurrentRequests,
                })
                : RateLimitPartition.GetNoLimiter(Nobody)));
        _rooms = PerKey<UserId>(limits.RoomsPerHour, TimeSpan.FromHours(1));
        _moves = PerKey<UserId>(limits.MovesPerMinute * 60, TimeSpan.FromHours(1));
        _movesPerRoom = PerKey<(UserId, string)>(limits.MovesPerRoomPerMinute, TimeSpan.FromMinutes(1));
    }

    /// <summary>Waits while the user has too many requests under way. Not acquired: too many in too short a time.</summary>
    public ValueTask<RateLimitLease> AcquireAsync(HttpContext context) => _requests.AcquireAsync(context, 1, context.RequestAborted);

    /// <summary>Null when the user may create a room now, else the refusal; the same holds for <see cref="TryMove"/>.</summary>
    public IResult? TryCreate(HttpContext context) => Try(_rooms, context.GetUser().Id);

    /// <summary>For a join or a leave: each is an event in the journal of a room, and reaches all its members.</summary>
    public IResult? TryMove(HttpContext context, string room) =>
        Try(_movesPerRoom, (context.GetUser().Id, room)) ?? Try(_moves, context.GetUser().Id);

    /// <summary>Null when the user may be in another room, or is in this one.</summary>
    public async Task<IResult?> TryEnterAsync(HttpContext context, IRoomDirectory directory, RoomId? room) =>
        await directory.CountMembershipsAsync(context.GetUser().Id, context.RequestAborted) < _roomsPerUser
        || (room is { } known && await directory.GetMembershipAsync(known, context.GetUser().Id, context.RequestAborted) is not null)
            ? null
            : Problems.Of(StatusCodes.Status409Conflict, ProblemCodes.TooManyRooms, $"You are in {_roomsPerUser} rooms, which is the most. Leave one first.");

    public static IResult Refusal(RateLimitLease lease) =>
        Problems.RateLimited(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : RetryWhenFull);

    public void Dispose()
    {
        _requests.Dispose();
        _rooms.Dispose();
        _moves.Dispose();
        _movesPerRoom.Dispose();
    }

    private static IResult? Try<T>(PartitionedRateLimiter<T> limiter, T key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : Refusal(lease);
    }

    // Idle partitions are dropped by the limiter itself.
    private static PartitionedRateLimiter<T> PerKey<T>(int permits, TimeSpan each)
        where T : notnull =>
        PartitionedRateLimiter.Create<T, T>(key => RateLimitPartition.GetTokenBucketLimiter(
            key, _ => Bucket(Math.Min(permits, MaxBurst), 1, each / permits)));

    private static TokenBucketRateLimiterOptions Bucket(int burst, int tokens, TimeSpan period) =>
        new() { TokenLimit = burst, TokensPerPeriod = tokens, ReplenishmentPeriod = period, QueueLimit = 0 };

    /// <summary>Null without a login: what can be asked then (logging in, registering) has limits per address, and the rest is refused.</summary>
    private static UserId? Caller(HttpContext context) => AuthenticatedUser.From(context.User)?.Id;

    /// <summary>Transfers take as long as the client's network does, and have limits of their own.</summary>
    private static bool IsBoundElsewhere(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api/uploads") || context.Request.Path.StartsWithSegments("/api/files");
}

/// <summary>Applies <see cref="RequestLimits"/> to the REST interface; goes after authentication.</summary>
internal sealed class RequestLimitMiddleware(RequestDelegate next, RequestLimits limits)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }

        using var lease = await limits.AcquireAsync(context);
        await (lease.IsAcquired ? next(context) : RequestLimits.Refusal(lease).ExecuteAsync(context));
    }
}
