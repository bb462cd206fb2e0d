using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.ReadModel;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Rooms;

/// <summary>What owners and admins do with a room's members. The room decides who may.</summary>
internal static class ModerationEndpoints
{
    private const int DefaultPage = 50;

    public static void MapModeration(this IEndpointRouteBuilder endpoints)
    {
        var room = endpoints.MapGroup("/api/rooms/{id}").RequireAuthorization().WithTags("Moderation");
        Removal(room.MapPost("/kick", KickAsync).WithName("KickMember").WithSummary("Remove a member, who may join again"));
        Removal(room.MapPost("/ban", BanAsync).WithName("BanUser").WithSummary("Remove a user for good: a member, or somebody who is not one"));
        Removal(room.MapPost("/unban", UnbanAsync).WithName("UnbanUser").WithSummary("Lift a ban"));
        Removal(room.MapPut("/members/{userId}/role", ChangeRoleAsync).WithName("ChangeRole").WithSummary("Change a member's role, as an owner"))
            .ProducesProblem(StatusCodes.Status409Conflict);
        room.MapGet("/bans", BansAsync).WithName("ListBans").WithSummary("Who is banned, for owners and admins")
            .Produces<ListView<BanView>>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        room.MapGet("/audit", AuditAsync).WithName("ListAudit").WithSummary("Who changed what, for owners and admins")
            .Produces<ListView<AuditView>>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static RouteHandlerBuilder Removal(RouteHandlerBuilder route) => route.Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static Task<IResult> KickAsync(
        HttpContext context, string id, RemovalRequest request, RoomGateway gateway, IRoomConsumers consumers, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            request,
            (room, user) => Task.FromResult<RoomProtocol.ICommand?>(
                new RoomProtocol.KickMember(room, user, request.Reason?.Trim() ?? "", RoomEndpoints.Caller(context))),
            gateway,
            consumers,
            cancellationToken);

    private static Task<IResult> BanAsync(
        HttpContext context,
        string id,
        RemovalRequest request,
        RoomGateway gateway,
        IAccountStore accounts,
        IRoomConsumers consumers,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            request,
            async (room, user) => await accounts.FindAsync(user, cancellationToken) is { } account
                ? new RoomProtocol.BanUser(
                    room,
                    new UserRef(account.Id, account.Username, account.DisplayName),
                    request.Reason?.Trim() ?? "",
                    RoomEndpoints.Caller(context))
                : null,
            gateway,
            consumers,
            cancellationToken);

    private static Task<IResult> UnbanAsync(
        HttpContext context, string id, RemovalRequest request, RoomGateway gateway, IRoomConsumers consumers, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            request,
            (room, user) => Task.FromResult<RoomProtocol.ICommand?>(new RoomProtocol.UnbanUser(room, user, RoomEndpoints.Caller(context))),
            gateway,
            consumers,
            cancellationToken);

    private static async Task<IResult> ChangeRoleAsync(
        HttpContext context,
        string id,
        string userId,
        RoleRequest request,
        RoomGateway gateway,
        IRoomConsumers consumers,
        CancellationToken cancellationToken)
    {
        MemberRole? role = request.Role switch
        {
            "owner" => MemberRole.Owner,
            "admin" => MemberRole.Admin,
            "member" => MemberRole.Member,
            _ => null,
        };
        if (role is null)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["role"] = ["role must be owner, admin or member."] });
        }

        return RoomId.TryParse(id, out var room) && UserId.TryParse(userId, out var user)
            ? await RoomEndpoints.CarryOutAsync(
                room, new RoomProtocol.ChangeRole(room, user, role.Value, RoomEndpoints.Caller(context)), gateway, consumers, cancellationToken)
            : RoomEndpoints.NoSuchRoom();
    }

    private static Task<IResult> BansAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        RoomModeration moderation,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        RoomEndpoints.AsAdminAsync(context, id, access, async room =>
        {
            var page = await moderation.ListBansAsync(room, cursor, limit ?? DefaultPage, cancellationToken);
            return Results.Json(new ListView<BanView>(
                [.. page.Items.Select(ban => new BanView(UserView.From(ban.User), UserView.From(ban.By), ban.Reason, ban.Time))], page.NextCursor));
        }, cancellationToken);

    private static Task<IResult> AuditAsync(
        HttpContext context,
        string id,
        RoomAccess access,
        RoomModeration moderation,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        RoomEndpoints.AsAdminAsync(context, id, access, async room =>
        {
            var page = await moderation.ListAuditAsync(room, cursor, limit ?? DefaultPage, cancellationToken);
            return Results.Json(new ListView<AuditView>([.. page.Items.Select(AuditView.From)], page.NextCursor));
        }, cancellationToken);

    private static async Task<IResult> ChangeAsync(
        string id,
        RemovalRequest request,
        Func<RoomId, UserId, Task<RoomProtocol.ICommand?>> command,
        RoomGateway gateway,
        IRoomConsumers consumers,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        if (!UserId.TryParse(request.UserId, out var user))
        {
            errors["userId"] = ["userId must be the id of a user."];
        }

        if (!RoomRules.IsReason(request.Reason))
        {
            errors["reason"] = [RoomRules.BadReason];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (!RoomId.TryParse(id, out var room))
        {
            return RoomEndpoints.NoSuchRoom();
        }

        return await command(room, user) is { } found
            ? await RoomEndpoints.CarryOutAsync(room, found, gateway, consumers, cancellationToken)
            : Problems.Invalid(new Dictionary<string, string[]> { ["userId"] = ["There is no such user."] });
    }
}
