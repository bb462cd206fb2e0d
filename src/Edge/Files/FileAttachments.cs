using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Attaches files to messages. They are reserved under the message's client id before it is sent to its room, so that no other message
/// takes them and none is removed meanwhile. The projection attaches them for good, in the transaction that makes the message visible.
/// </summary>
internal sealed partial class FileAttachments(
    FileStore files, IRoomConsumers consumers, IRoomLog log, ILogger<FileAttachments> logger)
{
    /// <summary>A client id is valid for a day: until then its message may still be stored.</summary>
    private static readonly TimeSpan Reservation = ClientIds.MaxAge + TimeSpan.FromHours(1);

    /// <returns>Null if one of them is not a complete file of the author in this room, or belongs to another message.</returns>
    public async Task<IReadOnlyList<MessageFile>?> ReserveAsync(
        RoomId room, UserId author, Guid clientId, IReadOnlyList<FileId> ids, CancellationToken cancellationToken)
    {
        var found = await files.ClaimAsync(room, author, clientId, ids, Reservation, cancellationToken);
        return found is null
            ? await FindSentAsync(room, author, clientId, ids, cancellationToken)
            : [.. found.Select(f => new MessageFile(f.Id, f.Name, f.Type, f.Size, f.Width ?? 0, f.Height ?? 0, f.Placeholder ?? ""))];
    }

    /// <summary>The files of a message that was deleted go with it, and its retry is still one.</summary>
    private async Task<IReadOnlyList<MessageFile>?> FindSentAsync(
        RoomId room, UserId author, Guid clientId, IReadOnlyList<FileId> ids, CancellationToken cancellationToken) =>
        await log.FindByClientIdAsync(room, author, clientId, cancellationToken) is { } sent && sent.Files.Select(file => file.Id).SequenceEqual(ids)
            ? sent.Files
            : null;

    /// <summary>
    /// The message is known not to be stored: other messages may use its files. A reservation that is not released expires.
    /// </summary>
    /// <param name="isConflict">Another message has the same client id. Its files are attached to it first.</param>
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
