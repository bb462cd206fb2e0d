using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.People;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.People;

/// <summary>
/// Direct rooms. The room's id follows from its people, so the room itself sees to it that there is one of them, however many edges are asked at
/// once, and whatever dies in between: whoever asks again asks the same room.
/// </summary>
internal static class DirectEndpoints
{
    /// <summary>Besides the caller.</summary>
    private const int MaxOthers = 9;

    public static void MapDirect(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/direct", OpenAsync).RequireAuthorization().WithTags("People").WithName("OpenDirect")
            .WithSummary("The direct room of the caller and these people")
            .Produces<RoomView>().Produces<RoomView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status429TooManyRequests);
        endpoints.MapPost("/api/rooms/{id}/hide", HideAsync).RequireAuthorization().WithTags("People").WithName("HideDirect")
            .WithSummary("Take a direct room out of one's list until its next message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> OpenAsync(
        HttpContext context,
        DirectRequest request,
        IAccountStore accounts,
        UserBlocks blocks,
        HiddenRooms hidden,
        PeopleThrottle throttle,
        RoomGateway gateway,
        IRoomDirectory directory,
        IRoomConsumers consumers,
        RoomViews views,
        CancellationToken cancellationToken)
    {
        var caller = RoomEndpoints.Caller(context);
        if (Others(request, caller.Id) is not { } others)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["userIds"] = [$"userIds must be the ids of 1 to {MaxOthers} other users."] });
        }

        var room = RoomId.OfDirect([caller.Id, .. others]);
        if (await directory.GetMembershipAsync(room, caller.Id, cancellationToken) is not null)
        {
            await hidden.ShowAsync(room, caller.Id, cancellationToken);
            return await RoomEndpoints.ViewAsync(StatusCodes.Status200OK, room, context, directory, views, cancellationToken);
        }

        if (throttle.TryNewRoom(caller.Id) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        var found = await accounts.FindManyAsync(others, cancellationToken);
        if (found.Count < others.Count)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["userIds"] = ["There is no such user."] });
        }

        if ((await blocks.ListBlockersAsync(caller.Id, others, cancellationToken)).Count > 0)
        {
            return Problems.Of(StatusCodes.Status403Forbidden, ProblemCodes.Blocked, RoomAccess.Blocked.Message);
        }

        // In an order that does not depend on who asks: two who ask at once tell the room the same.
        var people = found.Select(account => new UserRef(account.Id, account.Username, account.DisplayName)).Append(caller)
            .OrderBy(person => person.Id.Value, StringComparer.Ordinal);
        await hidden.HideNewAsync(room, others, cancellationToken);
        switch (await gateway.AskAsync(new RoomProtocol.OpenDirect(room, [.. people], caller)))
        {
            case RoomProtocol.Nack nack:
                return RoomEndpoints.Problem(nack);
            case RoomProtocol.ChangeAck ack:
                await consumers.CatchUpAsync(room, cancellationToken);
                await hidden.ShowAsync(room, caller.Id, cancellationToken);
                return await RoomEndpoints.ViewAsync(
                    ack.Changed ? StatusCodes.Status201Created : StatusCodes.Status200OK, room, context, directory, views, cancellationToken);
            case var reply:
                throw new InvalidOperationException($"{reply.GetType().Name} does not answer the opening of a direct room.");
        }
    }

    /// <summary>Each once, without the caller; null where they are not as many as may be.</summary>
    private static IReadOnlyList<UserId>? Others(DirectRequest request, UserId caller)
    {
        var others = new HashSet<UserId>();
        foreach (var id in request.UserIds is { } ids ? ids.Append(request.UserId ?? caller.Value) : [request.UserId])
        {
            if (!UserId.TryParse(id, out var user))
            {
                return null;
            }

            others.Add(user);
        }

        others.Remove(caller);
        return others.Count is >= 1 and <= MaxOthers ? [.. others] : null;
    }

    private static Task<IResult> HideAsync(
        HttpContext context, string id, RoomAccess access, HiddenRooms hidden, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room =>
            {
                if (!room.IsDirect)
                {
                    return Problems.Forbidden("Only a direct conversation can be hidden; leave this room instead.");
                }

                await hidden.HideAsync(room, context.GetUser().Id, cancellationToken);
                return Results.NoContent();
            },
            cancellationToken);
}
