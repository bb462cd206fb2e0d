using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.LinkCards;

internal static class LinkCardEndpoints
{
    public static void MapLinkCards(this IEndpointRouteBuilder endpoints) => endpoints
        .MapDelete("/api/rooms/{id}/messages/{messageId}/preview", RemoveAsync)
        .RequireAuthorization()
        .WithTags("Rooms")
        .WithName("RemoveLinkCards")
        .WithSummary("Remove the link cards of one's own message")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> RemoveAsync(
        HttpContext context,
        string id,
        string messageId,
        LinkCardRemoval removal,
        CancellationToken cancellationToken)
    {
        if (!RoomId.TryParse(id, out var room) || !MessageId.TryParse(messageId, out var message) || message.Room != room)
        {
            return RoomEndpoints.NoSuchRoom();
        }

        return await removal.RemoveAsync(message, RoomEndpoints.Caller(context), cancellationToken) is RoomProtocol.Nack nack
            ? RoomEndpoints.Problem(nack)
            : Results.NoContent();
    }
}
