using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Limits;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Invites;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Invites;

/// <summary>Links that let people into a room, made by its owners and admins.</summary>
internal static class InviteEndpoints
{
    private static readonly TimeSpan DefaultLife = TimeSpan.FromDays(7);

    public static void MapInvites(this IEndpointRouteBuilder endpoints)
    {
        var room = endpoints.MapGroup("/api/rooms/{id}/invites").RequireAuthorization().WithTags("Invites");
        room.MapPost("/", CreateAsync).WithName("CreateInvite").WithSummary("Make a link that lets people into the room")
            .Produces<InviteView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        room.MapGet("/", ListAsync).WithName("ListInvites").WithSummary("The room's valid invitations")
            .Produces<ListView<InviteView>>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        room.MapDelete("/{code}", RevokeAsync).WithName("RevokeInvite").WithSummary("End an invitation")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        var invites = endpoints.MapGroup("/api/invites/{code}").RequireAuthorization().WithTags("Invites");
        invites.MapGet("/", LookAsync).WithName("GetInvite").WithSummary("The room that an invitation leads to")
            .Produces<InvitedRoomView>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);
        invites.MapPost("/accept", AcceptAsync).WithName("AcceptInvite").WithSummary("Join the room that an invitation leads to")
            .Produces<RoomView>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status410Gone).LimitJoins("code");
    }

    private static Task<IResult> CreateAsync(
        HttpContext context, string id, InviteRequest request, RoomAccess access, RoomInvites invites, CancellationToken cancellationToken) =>
        RoomEndpoints.AsAdminAsync(context, id, access, async room =>
        {
            var errors = InviteRules.Validate(request, out var user);
            if (errors.Count > 0)
            {
                return Problems.Invalid(errors);
            }

            var life = request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultLife;
            return await invites.CreateAsync(room, context.GetUser().Id, life, request.MaxUses, user, cancellationToken) is { } invite
                ? Results.Json(InviteView.From(invite, context.Request), statusCode: StatusCodes.Status201Created)
                : Problems.Of(
                    StatusCodes.Status400BadRequest,
                    ProblemCodes.Invalid,
                    $"A room has at most {RoomInvites.MaxPerRoom} valid invitations: revoke one first.");
        }, cancellationToken);

    private static Task<IResult> ListAsync(
        HttpContext context, string id, RoomAccess access, RoomInvites invites, CancellationToken cancellationToken) =>
        RoomEndpoints.AsAdminAsync(context, id, access, async room =>
        {
            var list = await invites.ListAsync(room, cancellationToken);
            return Results.Json(new ListView<InviteView>([.. list.Select(invite => InviteView.From(invite, context.Request))], null));
        }, cancellationToken);

    private static Task<IResult> RevokeAsync(
        HttpContext context, string id, string code, RoomAccess access, RoomInvites invites, CancellationToken cancellationToken) =>
        RoomEndpoints.AsAdminAsync(
            context,
            id,
            access,
            async room => await invites.RevokeAsync(room, code, cancellationToken) ? Results.NoContent() : NoSuchInvite(),
            cancellationToken);

    private static async Task<IResult> LookAsync(
        HttpContext context, string code, RoomInvites invites, IRoomDirectory directory, CancellationToken cancellationToken)
    {
        var user = context.GetUser().Id;
        if (await FindAsync(code, user, invites, cancellationToken) is not { } invite
            || await directory.FindAsync(invite.Room, user, cancellationToken) is not { } room)
        {
            return NoSuchInvite();
        }

        return room.Joined || invites.IsValid(invite)
            ? Results.Json(new InvitedRoomView(
                room.Id.Value, room.Name, room.Topic, room.Visibility.WireName(), room.MemberCount, room.Joined, invite.ExpiresAt))
            : Expired();
    }

    private static async Task<IResult> AcceptAsync(
        HttpContext context,
        string code,
        RoomInvites invites,
        RoomGateway gateway,
        IRoomDirectory directory,
        IRoomConsumers consumers,
        RoomViews views,
        CancellationToken cancellationToken)
    {
        var user = context.GetUser().Id;
        if (await FindAsync(code, user, invites, cancellationToken) is not { } invite)
        {
            return NoSuchInvite();
        }

        if (await directory.GetMembershipAsync(invite.Room, user, cancellationToken) is null)
        {
            if (!await invites.BeginUseAsync(code, user, cancellationToken))
            {
                return Expired();
            }

            // Once the use is counted, the client's leaving does not stop it halfway.
            switch (await gateway.AskAsync(new RoomProtocol.JoinRoom(invite.Room, RoomEndpoints.Caller(context), Invited: true)))
            {
                case RoomProtocol.Nack { Code: NackCode.Busy or NackCode.Unavailable or NackCode.OutOfOrder } unknown:
                    return RoomEndpoints.Problem(unknown);
                case RoomProtocol.Nack refused:
                    await invites.EndUseAsync(code, user, joined: false, CancellationToken.None);
                    return RoomEndpoints.Problem(refused);
                case RoomProtocol.ChangeAck ack:
                    await invites.EndUseAsync(code, user, ack.Changed, CancellationToken.None);
                    await consumers.CatchUpAsync(invite.Room, CancellationToken.None);
                    break;
            }
        }

        return await RoomEndpoints.ViewAsync(StatusCodes.Status200OK, invite.Room, context, directory, views, cancellationToken);
    }

    /// <summary>An invitation for another user does not exist for this one.</summary>
    private static async Task<RoomInvite?> FindAsync(string code, UserId user, RoomInvites invites, CancellationToken cancellationToken) =>
        await invites.FindAsync(code, cancellationToken) is { } invite && (invite.User is null || invite.User == user) ? invite : null;

    private static IResult NoSuchInvite() => Problems.NotFound("There is no such invitation.");

    private static IResult Expired() =>
        Problems.Of(StatusCodes.Status410Gone, ProblemCodes.InviteExpired, "The invitation has expired or was used up.");
}
