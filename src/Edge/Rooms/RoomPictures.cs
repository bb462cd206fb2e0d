using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Images;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Rooms;

/// <summary>
/// Checks and keeps the file that is to be a room's picture, before the room is asked; the projection of its answer makes it the room's for good.
/// </summary>
internal sealed class RoomPictures(PictureFiles files, PictureStore pictures, RoomAccess access)
{
    private const string Field = "picture";

    /// <summary>Longer than a room takes to answer and the tables to know.</summary>
    private static readonly TimeSpan Reservation = ClientIds.MaxAge;

    /// <returns>Why it cannot be; null where the room can be asked.</returns>
    public async Task<IResult?> CheckAsync(RoomId room, UserId user, FileId picture, CancellationToken cancellationToken)
    {
        if (await access.CheckAdminAsync(room, user, cancellationToken) is { } refusal)
        {
            return refusal.Code == ErrorCode.NotFound ? Problems.NotFound(refusal.Message) : Problems.Forbidden(refusal.Message);
        }

        return await files.CheckAsync(picture, FilePurpose.RoomPicture, room, user, Field, cancellationToken)
            ?? (await pictures.ReserveAsync(picture, room, user, Reservation, cancellationToken) ? null : PictureFiles.NotYours(Field));
    }
}
