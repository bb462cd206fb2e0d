using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Conversation;

public sealed record EditMessageRequest(string? Text);

/// <summary>Single messages over REST: reading, editing, deleting, reacting, pinning.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder endpoints)
    {
        var messages = endpoints.MapGroup("/api/rooms/{id}/messages/{messageId}").RequireAuthorization().WithTags("Messages");
        messages.MapGet("", GetAsync).WithName("GetMessage").WithSummary("A message")
            .Produces<MessageView>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapPatch("", EditAsync).WithName("EditMessage").WithSummary("Give one's own message another text")
            .Produces<MessageView>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapDelete("", (HttpContext context, string id, string messageId, MessageChanges changes, CancellationToken cancellationToken) =>
                CarryOutAsync(id, messageId, changes, m => new RoomProtocol.DeleteMessage(m.Room, m.Seq, Caller(context)), cancellationToken))
            .WithName("DeleteMessage").WithSummary("Delete one's own message, or any as an owner or admin of the room")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        MapReactions(messages);
        MapPins(messages);
        endpoints.MapGet("/api/rooms/{id}/pins", PinsAsync).RequireAuthorization().WithTags("Messages").WithName("ListPins")
            .WithSummary("The room's pinned messages, the last pinned first")
            .Produces<ListView<MessageView>>().ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static void MapReactions(RouteGroupBuilder messages)
    {
        messages.MapPut("/reactions/{emoji}", (HttpContext context, string id, string messageId, string emoji, MessageChanges changes, CancellationToken cancellationToken) =>
                CarryOutAsync(id, messageId, changes, m => new RoomProtocol.SetReaction(m.Room, m.Seq, emoji, On: true, Caller(context)), cancellationToken))
            .WithName("AddReaction").WithSummary("React to a message with an emoji")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapDelete("/reactions/{emoji}", (HttpContext context, string id, string messageId, string emoji, MessageChanges changes, CancellationToken cancellationToken) =>
                CarryOutAsync(id, messageId, changes, m => new RoomProtocol.SetReaction(m.Room, m.Seq, emoji, On: false, Caller(context)), cancellationToken))
            .WithName("RemoveReaction").WithSummary("Take a reaction back")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static void MapPins(RouteGroupBuilder messages)
    {
        messages.MapPut("/pin", (HttpContext context, string id, string messageId, MessageChanges changes, CancellationToken cancellationToken) =>
                CarryOutAsync(id, messageId, changes, m => new RoomProtocol.PinMessage(m.Room, m.Seq, On: true, Caller(context)), cancellationToken))
            .WithName("PinMessage").WithSummary("Pin a message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        messages.MapDelete("/pin", (HttpContext context, string id, string messageId, MessageChanges changes, CancellationToken cancellationToken) =>
                CarryOutAsync(id, messageId, changes, m => new RoomProtocol.PinMessage(m.Room, m.Seq, On: false, Caller(context)), cancellationToken))
            .WithName("UnpinMessage").WithSummary("Unpin a message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<IResult> GetAsync(
        HttpContext context, string id, string messageId, RoomAccess access, IRoomLog log, RoomThreads threads, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room => await log.FindMessageAsync(room, messageId, context.GetUser().Id, cancellationToken) is { } found
                ? Results.Json(await threads.ShowAsync(found, context.GetUser().Id, cancellationToken))
                : NoSuchMessage(),
            cancellationToken);

    private static async Task<IResult> EditAsync(
        HttpContext context,
        string id,
        string messageId,
        EditMessageRequest request,
        MessageChanges changes,
        IRoomLog log,
        RoomThreads threads,
        CancellationToken cancellationToken)
    {
        if (!TryParse(id, messageId, out var message))
        {
            return NoSuchMessage();
        }

        if (request.Text is not { } text)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["text"] = ["The text is missing."] });
        }

        var reply = await changes.CarryOutAsync(
            new RoomProtocol.EditMessage(message.Room, message.Seq, text, Caller(context)), cancellationToken);
        return reply is RoomProtocol.Nack nack ? Problem(nack)
            : await log.FindMessageAsync(message.Room, message.Seq, context.GetUser().Id, cancellationToken) is { } found
                ? Results.Json(await threads.ShowAsync(found, context.GetUser().Id, cancellationToken))
                : Problems.Unavailable(TimeSpan.FromSeconds(1));
    }

    private static Task<IResult> PinsAsync(HttpContext context, string id, RoomAccess access, IRoomLog log, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room => await log.ListPinnedAsync(room, context.GetUser().Id, cancellationToken) is { } pins
                ? Results.Json(new ListView<MessageView>([.. pins.Reverse().Select(RoomViews.Of)], NextCursor: null))
                : RoomEndpoints.NoSuchRoom(),
            cancellationToken);

    private static async Task<IResult> CarryOutAsync(
        string id,
        string messageId,
        MessageChanges changes,
        Func<MessageId, RoomProtocol.IMessageCommand> command,
        CancellationToken cancellationToken) =>
        !TryParse(id, messageId, out var message) ? NoSuchMessage()
            : await changes.CarryOutAsync(command(message), cancellationToken) is RoomProtocol.Nack nack ? Problem(nack)
            : Results.NoContent();

    private static bool TryParse(string room, string message, out MessageId id) => MessageId.TryParse(message, out id) && id.Room.Value == room;

    private static UserRef Caller(HttpContext context) => RoomEndpoints.Caller(context);

    /// <summary>The answer to a text that is too long is that of a body that is.</summary>
    private static IResult Problem(RoomProtocol.Nack nack) => nack.Code == NackCode.TooLarge
        ? Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCode.TooLarge.WireName(), nack.Message)
        : RoomEndpoints.Problem(nack);

    private static IResult NoSuchMessage() => Problems.NotFound("There is no such message.");
}
