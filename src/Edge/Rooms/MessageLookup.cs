using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

internal static class MessageLookup
{
    /// <summary>The message of the room with this id, as a client names it. Null: there is none, or it is of another room, or the id is none.</summary>
    public static async Task<StoredMessage?> FindMessageAsync(
        this IRoomLog log, RoomId room, string? message, UserId viewer, CancellationToken cancellationToken) =>
        MessageId.TryParse(message, out var id) && id.Room == room
            ? await log.FindMessageAsync(room, id.Seq, viewer, cancellationToken)
            : null;
}
