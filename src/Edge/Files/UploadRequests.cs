using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Files;

/// <summary>The headers of a request that creates an upload.</summary>
/// <param name="Room">Empty for an avatar.</param>
internal sealed record UploadRequest(FilePurpose Purpose, RoomId Room, string Name, string Type, long Length)
{
    private const int MaxType = 100;

    /// <summary>Reads and checks the headers. Null: <paramref name="refusal"/> is the answer.</summary>
    public static UploadRequest? Read(IHeaderDictionary headers, FilesOptions options, out IResult? refusal)
    {
        var errors = new Dictionary<string, string[]>();
        var length = TusProtocol.Number(headers["Upload-Length"]);
        if (length is null)
        {
            errors["Upload-Length"] = ["Upload-Length must be a whole number of bytes; Upload-Defer-Length is not supported."];
        }

        var metadata = TusProtocol.Metadata(headers["Upload-Metadata"]);
        var purpose = FilePurpose.Message;
        var room = new RoomId("");
        if (metadata is null)
        {
            errors["Upload-Metadata"] = ["Upload-Metadata must be pairs of a key and a value that is UTF-8 in base64."];
        }
        else
        {
            if (!metadata.ContainsKey("filename"))
            {
                errors["filename"] = ["Upload-Metadata must have filename."];
            }

            if (ParsePurpose(metadata.GetValueOrDefault("purpose")) is { } known)
            {
                purpose = known;
            }
            else
            {
                errors["purpose"] = ["purpose must be message, avatar or room-picture."];
            }

            if (purpose != FilePurpose.Avatar && !RoomId.TryParse(metadata.GetValueOrDefault("room"), out room))
            {
                errors["room"] = ["Upload-Metadata must have room, the id of a room."];
            }
        }

        refusal = errors.Count > 0 ? Problems.Invalid(errors)
            : length > options.MaxBytesOf(purpose)
                ? Problems.Of(
                    StatusCodes.Status413PayloadTooLarge, ProblemCodes.TooLarge, $"This may have at most {options.MaxBytesOf(purpose)} bytes.")
            : null;
        if (refusal is not null)
        {
            return null;
        }

        var type = MediaType(metadata!.GetValueOrDefault("filetype"));
        refusal = options.Allows(purpose, type) ? null : TypeNotAllowed();
        return refusal is null ? new UploadRequest(purpose, room, FileNames.Clean(metadata!["filename"]), type, length!.Value) : null;
    }

    public static IResult TypeNotAllowed() => Problems.Of(
        StatusCodes.Status415UnsupportedMediaType, ProblemCodes.TypeNotAllowed, "Files of this type may not be uploaded here.");

    public static string WireName(FilePurpose purpose) => purpose switch
    {
        FilePurpose.Avatar => "avatar",
        FilePurpose.RoomPicture => "room-picture",
        _ => "message",
    };

    private static FilePurpose? ParsePurpose(string? name) => name switch
    {
        null or "message" => FilePurpose.Message,
        "avatar" => FilePurpose.Avatar,
        "room-picture" => FilePurpose.RoomPicture,
        _ => null,
    };

    /// <summary>Empty if the text is not a media type.</summary>
    private static string MediaType(string? declared) =>
        declared is { Length: > 0 and <= MaxType } && System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(declared, out var parsed)
            ? parsed.MediaType!.ToLowerInvariant()
            : ContentTypes.Unknown;
}
