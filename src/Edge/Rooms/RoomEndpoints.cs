using System.Text.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Limits;
using AkkaChat.Edge.Presence;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.ReadModel;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Rooms;

/// <summary>Rooms over REST: lists, pages of history, and the commands that change who is in a room.</summary>
internal static class RoomEndpoints
{
    private const int DefaultPage = 50;
    private const int DefaultEvents = 200;

    public static void MapRooms(this IEndpointRouteBuilder endpoints)
    {
        var rooms = endpoints.MapGroup("/api/rooms").RequireAuthorization().WithTags("Rooms");
        rooms.MapGet("/", ListAsync).WithName("ListRooms").WithSummary("The caller's rooms, or public ones to discover")
            .Produces<ListView<RoomView>>();
        rooms.MapPost("/", CreateAsync).WithName("CreateRoom").WithSummary("Create a room and be its owner")
            .Produces<RoomView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict).LimitCreation();
        rooms.MapGet("/{id}", GetAsync).WithName("GetRoom").WithSummary("A room")
            .Produces<RoomView>().ProducesProblem(StatusCodes.Status404NotFound);
        rooms.MapPatch("/{id}", UpdateAsync).WithName("UpdateRoom").WithSummary("Change the room's settings, as an owner or admin")
            .Produces<RoomView>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        rooms.MapDelete("/{id}", DeleteAsync).WithName("DeleteRoom").WithSummary("Delete the room for everybody, as an owner")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        rooms.MapPost("/{id}/join", JoinAsync).WithName("JoinRoom").WithSummary("Join a public room")
            .Produces<RoomView>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).LimitJoins();
        rooms.MapPost("/{id}/leave", LeaveAsync).WithName("LeaveRoom").WithSummary("Leave a room")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).LimitLeaves();
        rooms.MapGet("/{id}/members", MembersAsync).WithName("ListMembers").WithSummary("Who is in the room")
            .Produces<ListView<MemberView>>().ProducesProblem(StatusCodes.Status403Forbidden);
        rooms.MapGet("/{id}/presence", PresenceAsync).WithName("GetPresence").WithSummary("Who of the room is online")
            .Produces<PresenceView>().ProducesProblem(StatusCodes.Status403Forbidden);
        rooms.MapGet("/{id}/messages", MessagesAsync).WithName("ListMessages").WithSummary("A page of history")
            .Produces<MessagePageView>().ProducesProblem(StatusCodes.Status403Forbidden);
        rooms.MapGet("/{id}/events", EventsAsync).WithName("ListEvents").WithSummary("Durable events after a seq, contiguous")
            .Produces<EventPageView>().ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        IRoomDirectory directory,
        RoomViews views,
        [FromQuery] string? filter,
        [FromQuery] string? search,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        CancellationToken cancellationToken)
    {
        var user = context.GetUser().Id;
        var page = filter switch
        {
            null or "joined" => await directory.ListJoinedAsync(user, search, cursor, limit ?? DefaultPage, cancellationToken),
            "discover" => await directory.ListDiscoverableAsync(user, search, cursor, limit ?? DefaultPage, cancellationToken),
            _ => null,
        };
        return page is null
            ? Problems.Invalid(new Dictionary<string, string[]> { ["filter"] = ["The filter must be joined or discover."] })
            : Results.Json(
                new ListView<RoomView>(await views.OfAsync(page.Items, cancellationToken), page.NextCursor));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context,
        CreateRoomRequest request,
        RoomGateway gateway,
        IRoomDirectory directory,
        RoomViews views,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var errors = RoomRules.Validate(request, out var visibility);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var room = RoomId.New(time);
        var reply = await gateway.AskAsync(new RoomProtocol.CreateRoom(
            room, request.Name!.Trim(), request.Topic?.Trim() ?? "", visibility, Caller(context)));
        if (reply is RoomProtocol.Nack nack)
        {
            return Problem(nack);
        }

        return await ViewAsync(StatusCodes.Status201Created, room, context, directory, views, cancellationToken);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        RoomViews views,
        CancellationToken cancellationToken) =>
        RoomId.TryParse(id, out var room) && await access.FindAsync(room, context.GetUser().Id, cancellationToken) is { } found
            ? Results.Json(await views.OfAsync(found, cancellationToken))
            : NoSuchRoom();

    private static async Task<IResult> UpdateAsync(
        HttpContext context,
        string id,
        UpdateRoomRequest request,
        RoomGateway gateway,
        IRoomDirectory directory,
        RoomViews views,
        RoomPictures pictures,
        CancellationToken cancellationToken)
    {
        if (!RoomId.TryParse(id, out var room))
        {
            return NoSuchRoom();
        }

        var errors = RoomRules.Validate(request);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (RoomRules.PictureOf(request) is { } picture
            && await pictures.CheckAsync(room, Caller(context).Id, picture, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        foreach (var command in Changes(room, request, Caller(context)))
        {
            if (await gateway.AskAsync(command) is RoomProtocol.Nack nack)
            {
                return Problem(nack);
            }
        }

        return await ViewAsync(StatusCodes.Status200OK, room, context, directory, views, cancellationToken);
    }

    private static IEnumerable<RoomProtocol.ICommand> Changes(RoomId room, UpdateRoomRequest request, UserRef by)
    {
        if (request.Name is { } name)
        {
            yield return new RoomProtocol.RenameRoom(room, name.Trim(), by);
        }

        if (request.Visibility is { } visibility)
        {
            yield return new RoomProtocol.ChangeVisibility(room, visibility == "private" ? RoomVisibility.Private : RoomVisibility.Public, by);
        }

        if (request.Archived is { } archived)
        {
            yield return new RoomProtocol.ArchiveRoom(room, archived, by);
        }

        if (request.Topic is { } topic)
        {
            yield return new RoomProtocol.ChangeTopic(room, topic.Trim(), by);
        }

        if (request.LinkCards is { } linkCards)
        {
            yield return new RoomProtocol.ChangeLinkCards(room, linkCards, by);
        }

        if (request.Picture.ValueKind != JsonValueKind.Undefined)
        {
            yield return new RoomProtocol.ChangePicture(room, RoomRules.PictureOf(request), by);
        }
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, RoomGateway gateway, IRoomConsumers consumers, CancellationToken cancellationToken) =>
        RoomId.TryParse(id, out var room)
            ? await CarryOutAsync(room, new RoomProtocol.DeleteRoom(room, Caller(context)), gateway, consumers, cancellationToken)
            : NoSuchRoom();

    private static async Task<IResult> JoinAsync(
        HttpContext context,
        string id,
        RoomGateway gateway,
        IRoomDirectory directory,
        RoomViews views,
        CancellationToken cancellationToken)
    {
        if (!RoomId.TryParse(id, out var room))
        {
            return NoSuchRoom();
        }

        if (await gateway.AskAsync(new RoomProtocol.JoinRoom(room, Caller(context))) is RoomProtocol.Nack nack)
        {
            return Problem(nack);
        }

        return await ViewAsync(StatusCodes.Status200OK, room, context, directory, views, cancellationToken);
    }

    private static async Task<IResult> LeaveAsync(
        HttpContext context,
        string id,
        RoomGateway gateway,
        RoomAccess access,
        IRoomConsumers consumers,
        CancellationToken cancellationToken)
    {
        if (!RoomId.TryParse(id, out var room) || await access.FindAsync(room, context.GetUser().Id, cancellationToken) is null)
        {
            return NoSuchRoom();
        }

        return await CarryOutAsync(room, new RoomProtocol.LeaveRoom(room, Caller(context)), gateway, consumers, cancellationToken);
    }

    /// <summary>204 once the change of memberships, and its place in users' streams, are in the tables.</summary>
    internal static async Task<IResult> CarryOutAsync(
        RoomId room, RoomProtocol.ICommand command, RoomGateway gateway, IRoomConsumers consumers, CancellationToken cancellationToken)
    {
        if (await gateway.AskAsync(command) is RoomProtocol.Nack nack)
        {
            return Problem(nack);
        }

        await consumers.CatchUpAsync(room, cancellationToken);
        return Results.NoContent();
    }

    private static Task<IResult> MembersAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        IRoomDirectory directory,
        OnlineUsers online,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        AsMemberAsync(context, id, access, async room =>
        {
            var page = await directory.ListMembersAsync(room, cursor, limit ?? DefaultPage, cancellationToken);
            var members = page.Items.Select(member => new MemberView(
                UserView.From(member.User),
                member.Role.WireName(),
                online.IsKnown ? online.IsOnline(member.User.Id) : null,
                member.JoinedAt));
            return Results.Json(new ListView<MemberView>([.. members], page.NextCursor));
        }, cancellationToken);

    private static Task<IResult> PresenceAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        RoomViews views,
        CancellationToken cancellationToken) =>
        AsMemberAsync(context, id, access, async room =>
        {
            var online = await views.ListOnlineAsync(room, cancellationToken);
            var view = online is null
                ? new PresenceView("unknown", [], null)
                : new PresenceView("ok", [.. online.Select(user => user.Value)], online.Count);
            return Results.Json(view);
        }, cancellationToken);

    private static Task<IResult> MessagesAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        IRoomLog log,
        RoomThreads threads,
        [FromQuery] long? before,
        [FromQuery] long? after,
        [FromQuery] long? around,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        AsMemberAsync(context, id, access, async room =>
        {
            if (QueryOf(before, after, around) is not { } query)
            {
                return TwoPlaces();
            }

            var viewer = context.GetUser().Id;
            return await log.ReadMessagesAsync(room, query, limit ?? DefaultPage, viewer, cancellationToken: cancellationToken) is { } page
                ? Results.Json(new MessagePageView(
                    await threads.ShowAsync(room, viewer, page.Items, cancellationToken), new HeadView(page.Head.Seq, page.Head.N)))
                : NoSuchRoom();
        }, cancellationToken);

    /// <summary>Null if the request names more than one place.</summary>
    internal static MessageQuery? QueryOf(long? before, long? after, long? around) => (before, after, around) switch
    {
        (null, null, null) => new MessageQuery.Latest(),
        ({ } n, null, null) => new MessageQuery.Before(n),
        (null, { } n, null) => new MessageQuery.After(n),
        (null, null, { } n) => new MessageQuery.Around(n),
        _ => null,
    };

    internal static IResult TwoPlaces() =>
        Problems.Invalid(new Dictionary<string, string[]> { ["before"] = ["Give at most one of before, after, around."] });

    private static Task<IResult> EventsAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        IRoomLog log,
        [FromQuery] long? after,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        AsMemberAsync(context, id, access, async room =>
            await log.ReadEventsAsync(
                room, after ?? 0, limit ?? DefaultEvents, context.GetUser().Id, cancellationToken: cancellationToken) is { } page
                ? Results.Bytes(
                    ClientFrames.EventPage(page.Events.Select(e => ClientFrames.Event(room, e)), page.Head.Seq, page.Head.N),
                    "application/json; charset=utf-8")
                : NoSuchRoom(),
            cancellationToken);

    internal static Task<IResult> AsMemberAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        Func<RoomId, Task<IResult>> answer,
        CancellationToken cancellationToken) =>
        AnswerAsync(id, room => access.CheckAsync(room, context.GetUser().Id, cancellationToken), answer);

    /// <summary>For owners and admins of the room.</summary>
    internal static Task<IResult> AsAdminAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        Func<RoomId, Task<IResult>> answer,
        CancellationToken cancellationToken) =>
        AnswerAsync(id, room => access.CheckAdminAsync(room, context.GetUser().Id, cancellationToken), answer);

    private static async Task<IResult> AnswerAsync(string id, Func<RoomId, Task<AccessRefusal?>> check, Func<RoomId, Task<IResult>> answer)
    {
        if (!RoomId.TryParse(id, out var room))
        {
            return NoSuchRoom();
        }

        return await check(room) switch
        {
            null => await answer(room),
            { Code: ErrorCode.NotFound } => NoSuchRoom(),
            var refusal => Problems.Forbidden(refusal.Message),
        };
    }

    /// <summary>The room as it is after an acknowledged change: the read applies the journal's unprojected tail.</summary>
    internal static async Task<IResult> ViewAsync(
        int statusCode,
        RoomId room,
        HttpContext context,
        IRoomDirectory directory,
        RoomViews views,
        CancellationToken cancellationToken) =>
        await directory.FindAsync(room, context.GetUser().Id, cancellationToken) is { } found
            ? Results.Json(await views.OfAsync(found, cancellationToken), statusCode: statusCode)
            : Problems.Unavailable(TimeSpan.FromSeconds(1));

    internal static UserRef Caller(HttpContext context)
    {
        var user = context.GetUser();
        return new UserRef(user.Id, user.Username, user.DisplayName);
    }

    internal static IResult NoSuchRoom() => Problems.NotFound(RoomAccess.NoSuchRoom.Message);

    internal static IResult Problem(RoomProtocol.Nack nack) => nack.Code switch
    {
        NackCode.NotFound => Problems.NotFound(nack.Message),
        NackCode.Forbidden => Problems.Forbidden(nack.Message),
        NackCode.LastOwner => Problems.Of(StatusCodes.Status409Conflict, ProblemCodes.LastOwner, nack.Message),
        NackCode.Archived => Problems.Of(StatusCodes.Status403Forbidden, ProblemCodes.Archived, nack.Message),
        NackCode.Blocked => Problems.Of(StatusCodes.Status403Forbidden, ProblemCodes.Blocked, nack.Message),
        NackCode.Busy => Problems.Busy(nack.RetryAfter),
        NackCode.Unavailable => Problems.Unavailable(nack.RetryAfter),
        _ => Problems.Of(StatusCodes.Status400BadRequest, nack.Code.ToErrorCode().WireName(), nack.Message),
    };
}
