using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Search;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Saved;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Saved;

/// <param name="Message">Without its reactions.</param>
public sealed record SavedMessageView(MessageView Message, FoundRoomView Room, DateTimeOffset SavedAt);

/// <summary>What the caller wants to find again: nobody else learns of it.</summary>
internal static class SavedEndpoints
{
    private const int DefaultPage = 25;

    public static IServiceCollection AddSavedMessages(this IServiceCollection services) => services.AddSingleton<SavedMessages>();

    public static void MapSavedMessages(this IEndpointRouteBuilder endpoints)
    {
        var saved = endpoints.MapGroup("/api").RequireAuthorization().WithTags("Saved messages");
        saved.MapGet("/saved", ListAsync).WithName("ListSaved").WithSummary("The messages that the caller has saved, the last saved first")
            .Produces<ListView<SavedMessageView>>();
        saved.MapGet("/rooms/{id}/saved", ListIdsAsync).WithName("ListSavedIds").WithSummary("The ids of those of a room")
            .Produces<ListView<string>>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        saved.MapPut("/rooms/{id}/messages/{messageId}/saved", SaveAsync).WithName("SaveMessage").WithSummary("Save a message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        saved.MapDelete("/rooms/{id}/messages/{messageId}/saved", RemoveAsync).WithName("RemoveSavedMessage").WithSummary("Not have a message saved any more")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, [FromQuery] string? cursor, [FromQuery] int? limit, SavedMessages saved, CancellationToken cancellationToken)
    {
        var page = await saved.ListAsync(context.GetUser().Id, cursor, limit ?? DefaultPage, cancellationToken);
        return Results.Json(new ListView<SavedMessageView>(
            [.. page.Items.Select(item => new SavedMessageView(
                RoomViews.Of(item.Message),
                new FoundRoomView(item.Message.Room.Value, item.RoomName, item.Visibility.WireName(), item.Picture?.Value),
                item.SavedAt))],
            page.NextCursor));
    }

    private static Task<IResult> ListIdsAsync(
        HttpContext context, string id, RoomAccess access, SavedMessages saved, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room => Results.Json(new ListView<string>(
                [.. (await saved.ListIdsAsync(context.GetUser().Id, room, cancellationToken)).Select(message => message.ToString())], NextCursor: null)),
            cancellationToken);

    private static Task<IResult> SaveAsync(
        HttpContext context, string id, string messageId, RoomAccess access, IRoomLog log, SavedMessages saved, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room =>
            {
                var user = context.GetUser().Id;
                return await log.FindMessageAsync(room, messageId, user, cancellationToken) is not { IsDeleted: false } found ? NoSuchMessage()
                    : await saved.SaveAsync(user, found, cancellationToken) ? Results.NoContent()
                    : Problems.Of(
                        StatusCodes.Status400BadRequest, ProblemCodes.Invalid, $"You have saved {SavedMessages.MaxSaved} messages already.");
            },
            cancellationToken);

    private static Task<IResult> RemoveAsync(
        HttpContext context, string id, string messageId, RoomAccess access, IRoomLog log, SavedMessages saved, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room =>
            {
                var user = context.GetUser().Id;
                if (await log.FindMessageAsync(room, messageId, user, cancellationToken) is not { } found)
                {
                    return NoSuchMessage();
                }

                await saved.RemoveAsync(user, found.Id, cancellationToken);
                return Results.NoContent();
            },
            cancellationToken);

    private static IResult NoSuchMessage() => Problems.NotFound("There is no such message.");
}
