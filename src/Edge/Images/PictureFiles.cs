using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Images;

/// <summary>Whether an uploaded file can be made the picture of a person or a room, in the words of the REST interface.</summary>
internal sealed class PictureFiles(UploadStore uploads, ProcessingWatch processing)
{
    private static readonly TimeSpan Processing = TimeSpan.FromSeconds(1);

    /// <param name="field">The field of the body that names the file.</param>
    /// <returns>Why not; null where it can.</returns>
    public async Task<IResult?> CheckAsync(
        FileId id, FilePurpose purpose, RoomId room, UserId owner, string field, CancellationToken cancellationToken)
    {
        var file = await uploads.FindAsync(id, cancellationToken);
        if (file is { Processing: FileProcessing.Waiting, State: not FileState.Uploading })
        {
            // Most are done within a second: the client need not ask again.
            await processing.WaitAsync(id, cancellationToken);
            file = await uploads.FindAsync(id, cancellationToken);
        }

        if (file is null || file.Purpose != purpose || file.Room != room || file.Owner != owner || file.State == FileState.Uploading)
        {
            return NotYours(field);
        }

        return file.Processing switch
        {
            FileProcessing.Waiting => Problems.Busy(Processing),
            FileProcessing.Failed => Problems.Of(StatusCodes.Status415UnsupportedMediaType, ProblemCodes.BadImage, "The image is damaged."),
            _ => null,
        };
    }

    public static IResult NotYours(string field) => Problems.Invalid(new Dictionary<string, string[]>
    {
        [field] = [$"{field} must be an image that you have uploaded for this, and that has not been replaced."],
    });
}
