using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Lets a message carry files. They are reserved before it goes to its room, under its client id, so that no other message takes them and none
/// is removed meanwhile; the projection of the message, in the transaction that makes it visible, attaches them for good.
/// </summary>
internal sealed partial class FileAttachments(FileStore files, IRoomConsumers consumers, ILogger<FileAttachments> logger)
{
    /// <summary>A client id is good for a day; until then its message may still come to stand.</summary>
    private static readonly TimeSpan Reservation = ClientIds.MaxAge + TimeSpan.FromHours(1);

    /// <returns>Null where one of them is not a complete file of the author's in this room, or goes with another message.</returns>
    public async Task<IReadOnlyList<MessageFile>?> ReserveAsync(
        RoomId room, UserId author, Guid clientId, IReadOnlyList<FileId> ids, CancellationToken cancellationToken)
    {
        var found = await files.ClaimAsync(room, author, clientId, ids, Reservation, cancellationToken);
        return found is null
            ? null
            : [.. found.Select(f => new MessageFile(f.Id, f.Name, f.Type, f.Size, f.Width ?? 0, f.Height ?? 0, f.Placeholder ?? ""))];
    }

    /// <summary>
    /// The message is known not to stand: its files can go with another. A reservation that is left behind runs out by itself.
    /// </summary>
    /// <param name="isConflict">Another message stands under its client id. What that one carries is first attached to it.</param>
    public async Task ReleaseAsync(RoomProtocol.PostMessage message, bool isConflict)
    {
        try
        {
            if (isConflict)
            {
                await consumers.CatchUpAsync(message.Room, CancellationToken.None);
            }

            await files.UnclaimAsync(message.ClientId, [.. message.Files.Select(file => file.Id)], CancellationToken.None);
        }
        catch (Exception e)
        {
            LogNotReleased(logger, message.ClientId, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The files of message {ClientId} stay reserved until they expire")]
    private static partial void LogNotReleased(ILogger logger, Guid clientId, Exception exception);
}
