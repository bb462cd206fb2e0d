using System.Threading.RateLimiting;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Throttling;
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
    private const int WaitingUploads = 50;
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(1);

    private readonly KeyedLimiter<UserId> _requests;
    private readonly PartitionedRateLimiter<UserId> _atOnce;
    private readonly PartitionedRateLimiter<UserId> _uploadsAtOnce;
    private readonly PartitionedRateLimiter<UserId> _downloadsAtOnce;
    private readonly PartitionedRateLimiter<UserId> _searchesAtOnce;
    private readonly KeyedLimiter<UserId> _rooms;
    private readonly KeyedLimiter<UserId> _moves;
    private readonly KeyedLimiter<(UserId, string)> _movesPerRoom;
    private readonly KeyedLimiter<UserId> _changes;
    private readonly KeyedLimiter<UserId> _unknownRooms;
    private readonly int _roomsPerUser;

    public RequestLimits(IOptions<LimitOptions> options)
    {
        var limits = options.Value;
        _roomsPerUser = limits.RoomsPerUser;
        _requests = new(limits.RequestsPerSecond, TimeSpan.FromSeconds(1), limits.RequestsPerSecond * BurstFactor);
        _atOnce = AtOnce(limits.ConcurrentRequests, limits.ConcurrentRequests);
        _uploadsAtOnce = AtOnce(limits.ConcurrentUploads, WaitingUploads);
        _downloadsAtOnce = AtOnce(limits.ConcurrentDownloads, limits.ConcurrentDownloads);
        _searchesAtOnce = AtOnce(limits.ConcurrentSearches, limits.ConcurrentRequests);
        _rooms = new(limits.RoomsPerHour, TimeSpan.FromHours(1), Math.Min(limits.RoomsPerHour, MaxBurst));
        _moves = new(limits.MovesPerMinute, TimeSpan.FromMinutes(1), Math.Min(limits.MovesPerMinute * 60, MaxBurst));
        _changes = new(limits.ChangesPerMinute, TimeSpan.FromMinutes(1), Math.Min(limits.ChangesPerMinute, MaxBurst));
        _unknownRooms = new(limits.UnknownRoomsPerMinute, TimeSpan.FromMinutes(1));
        _movesPerRoom = new(limits.MovesPerRoomPerMinute, TimeSpan.FromMinutes(1), Math.Min(limits.MovesPerRoomPerMinute, MaxBurst));
    }

    /// <summary>Runs a request, once the user has few enough under way, or refuses it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        // Without a login: what can be asked then (logging in, registering) has limits per address, and the rest is refused.
        if (AuthenticatedUser.From(context.User)?.Id is not { } user)
        {
            await next(context);
        }
        else if ((_requests.Try(user) ?? Try(context, user)) is { } wait)
        {
            await Problems.RateLimited(wait).ExecuteAsync(context);
        }
        else if (PlacesFor(context) is not { } places)
        {
            await next(context);
        }
        else
        {
            using var place = await places.AcquireAsync(user, 1, context.RequestAborted);
            await (place.IsAcquired ? next(context) : Problems.RateLimited(RetryWhenFull).ExecuteAsync(context));
            if (NamesRoom(context) && context.Response.StatusCode == StatusCodes.Status404NotFound)
            {
                CountUnknownRoom(user);
            }
        }
    }

    /// <summary>
    /// How long a user must wait who has named too many rooms that are not there, each of which costs a look into the journal. Null: not at all.
    /// </summary>
    public TimeSpan? WaitForUnknownRooms(UserId user) => _unknownRooms.Wait(user);

    public void CountUnknownRoom(UserId user) => _unknownRooms.Try(user);

    /// <summary>Null when the user may create a room now, else the refusal; the same holds for <see cref="TryMove"/>.</summary>
    public IResult? TryCreate(HttpContext context) => Try(_rooms, context.GetUser().Id);

    /// <summary>For a join or a leave: each is an event in the journal of a room, and reaches all its members.</summary>
    public IResult? TryMove(HttpContext context, string room) =>
        Try(_movesPerRoom, (context.GetUser().Id, room)) ?? Try(_moves, context.GetUser().Id);

    /// <summary>
    /// Null once a content may be sent to the user, else the refusal. Its place is free again when the response has ended. The URL of a content says who
    /// the user is, and not the request's login.
    /// </summary>
    public async Task<IResult?> TryDownloadAsync(HttpContext context, UserId user)
    {
        var place = await _downloadsAtOnce.AcquireAsync(user, 1, context.RequestAborted);
        context.Response.RegisterForDispose(place);
        return place.IsAcquired ? null : Problems.RateLimited(RetryWhenFull);
    }

    /// <summary>Null when the user may be in another room, or is in this one.</summary>
    public async Task<IResult?> TryEnterAsync(HttpContext context, IRoomDirectory directory, RoomId? room) =>
        await directory.CountMembershipsAsync(context.GetUser().Id, context.RequestAborted) < _roomsPerUser
        || (room is { } known && await directory.GetMembershipAsync(known, context.GetUser().Id, context.RequestAborted) is not null)
            ? null
            : Problems.Of(StatusCodes.Status409Conflict, ProblemCodes.TooManyRooms, $"You are in {_roomsPerUser} rooms, which is the most. Leave one first.");

    public void Dispose()
    {
        _atOnce.Dispose();
        _uploadsAtOnce.Dispose();
        _downloadsAtOnce.Dispose();
        _searchesAtOnce.Dispose();
    }

    private static PartitionedRateLimiter<UserId> AtOnce(int most, int waiting) => PartitionedRateLimiter.Create<UserId, UserId>(
        user => RateLimitPartition.GetConcurrencyLimiter(user, _ => new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = waiting }));

    /// <summary>
    /// By its method and path, so that no endpoint is forgotten: a change in a room is an event in its journal that reaches all members, a profile reaches
    /// all who are in a room with the user, and what is the user's own is an event for all their devices.
    /// </summary>
    private TimeSpan? Try(HttpContext context, UserId user)
    {
        var method = context.Request.Method;
        var isChange = !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HasOtherLimits(context);
        return (NamesRoom(context) ? WaitForUnknownRooms(user) : null) ?? (isChange ? _changes.Try(user) : null);
    }

    /// <summary>Creating, joining and leaving rooms, uploads, logins and passwords.</summary>
    private static bool HasOtherLimits(HttpContext context)
    {
        var path = context.Request.Path;
        return (path.StartsWithSegments("/api/rooms") && !NamesRoom(context))
            || path.StartsWithSegments("/api/uploads")
            || (path.StartsWithSegments("/api/auth") && !path.StartsWithSegments("/api/auth/me"))
            || path.Value!.EndsWith("/join", StringComparison.Ordinal)
            || path.Value.EndsWith("/leave", StringComparison.Ordinal);
    }

    private static IResult? Try<TKey>(KeyedLimiter<TKey> limiter, TKey key)
        where TKey : notnull =>
        limiter.Try(key) is { } wait ? Problems.RateLimited(wait) : null;

    private static bool NamesRoom(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api/rooms", out var rest) && rest.Value is { Length: > 1 };

    /// <summary>
    /// Transfers take as long as the client's network does. A node has few places for uploads, each with its memory, and one user, however slow, gets
    /// some of them only. A search may keep the database busy for two seconds. Null: nothing but the rate of requests is limited.
    /// </summary>
    private PartitionedRateLimiter<UserId>? PlacesFor(HttpContext context)
    {
        var (path, method) = (context.Request.Path, context.Request.Method);
        if (path.StartsWithSegments("/api/uploads"))
        {
            return HttpMethods.IsPatch(method) || HttpMethods.IsPost(method) ? _uploadsAtOnce : null;
        }

        return path.StartsWithSegments("/api/files") ? null : path.StartsWithSegments("/api/search") ? _searchesAtOnce : _atOnce;
    }
}

/// <summary>Applies <see cref="RequestLimits"/> to the REST interface; goes after authentication.</summary>
internal sealed class RequestLimitMiddleware(RequestDelegate next, RequestLimits limits)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") ? limits.RunAsync(context, next) : next(context);
}
