using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.LinkCards;

namespace AkkaChat.Edge.Files;

/// <summary>What the serving of a file needs to know of it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Type">Of the original.</param>
/// <param name="IsReduced">Whether there are only two small forms of it.</param>
/// <param name="Caching">Of a picture of a person or a room, which this server sends itself; null of anything else.</param>
internal sealed record ServedFile(FileId Id, string Name, string Type, FileProcessing Processing, bool IsReduced, string? Caching = null)
{
    public const string ThumbnailType = "image/webp";

    public string KeyOf(FileVariant variant) => IsReduced ? FileKeys.Reduced(Id, variant) : FileKeys.Of(Id, variant, ContentTypes.IsImage(Type));

    public string TypeOf(FileVariant variant) => variant == FileVariant.Original ? Type : ThumbnailType;
}

/// <summary>
/// Who may see a file: the members of the room whose message carries it, as of now; before a message does, its owner alone. The image of a
/// link card is seen by the members of the rooms with a message that shows it, a person's picture by everybody with an account, and a room's
/// picture by those who may know of the room.
/// </summary>
internal sealed class FileAccess(UploadStore uploads, LinkImages linkImages, RoomAccess rooms, IRoomConsumers consumers)
{
    private const string ForGood = "private, max-age=86400, immutable";

    /// <summary>Kept, and asked for again at each use: one who has left the room has no more of it.</summary>
    private const string Checked = "private, no-cache";

    /// <summary>The file; null where there is none that the user may see.</summary>
    public async Task<ServedFile?> FindAsync(FileId id, UserId user, CancellationToken cancellationToken)
    {
        var file = await uploads.FindAsync(id, cancellationToken);
        if (file is { State: FileState.Complete, ClaimedBy: not null } or { State: FileState.Complete, Purpose: FilePurpose.RoomPicture })
        {
            // The message may have been sent, or the picture chosen, a moment ago.
            await consumers.CatchUpAsync(file.Room, cancellationToken);
            file = await uploads.FindAsync(id, cancellationToken);
        }

        return file switch
        {
            null => await IsLinkImageAsync(id, user, cancellationToken)
                ? new ServedFile(id, "image.webp", ServedFile.ThumbnailType, FileProcessing.Done, IsReduced: true)
                : null,
            { State: FileState.Attached, Purpose: FilePurpose.Avatar } => Picture(file, ForGood),
            { State: FileState.Attached, Purpose: FilePurpose.RoomPicture } =>
                await rooms.FindAsync(file.Room, user, cancellationToken) is null ? null : Picture(file, Checked),
            { State: FileState.Attached } => await rooms.CheckAsync(file.Room, user, cancellationToken) is null ? Served(file) : null,
            { State: FileState.Complete } when file.Owner != user => null,
            { State: FileState.Complete, Purpose: FilePurpose.Message } => Served(file),
            { State: FileState.Complete } => Picture(file, Checked),
            _ => null,
        };
    }

    /// <summary>A picture that is replaced gets another id, so what an id stands for never changes.</summary>
    private static ServedFile Picture(StoredFile file, string caching) =>
        new(file.Id, "picture.webp", ServedFile.ThumbnailType, file.Processing, IsReduced: true, caching);

    private static ServedFile Served(StoredFile file) => new(file.Id, file.Name, file.Type, file.Processing, IsReduced: false);

    private async Task<bool> IsLinkImageAsync(FileId id, UserId user, CancellationToken cancellationToken)
    {
        if (await linkImages.IsSeenByAsync(id, user, cancellationToken))
        {
            return true;
        }

        // The card may have been attached a moment ago.
        foreach (var room in await linkImages.ListExpectingAsync(id, cancellationToken))
        {
            if (await rooms.CheckAsync(room, user, cancellationToken) is null)
            {
                await consumers.CatchUpAsync(room, cancellationToken);
                if (await linkImages.IsSeenByAsync(id, user, cancellationToken))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
