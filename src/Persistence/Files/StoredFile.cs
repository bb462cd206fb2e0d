using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Files;

public enum FileState
{
    /// <summary>Bytes are missing.</summary>
    Uploading = 0,

    /// <summary>All bytes are there; it is attached to no message.</summary>
    Complete = 1,

    /// <summary>It is attached to a message, or is the picture of a user or a room.</summary>
    Attached = 2,

    /// <summary>It can no longer be used, and its objects are being deleted.</summary>
    Removed = 3,
}

/// <summary>What a file was uploaded for. It never changes.</summary>
public enum FilePurpose
{
    /// <summary>To be attached to a message of its room.</summary>
    Message = 0,

    /// <summary>To be its owner's picture. It belongs to no room.</summary>
    Avatar = 1,

    /// <summary>To be its room's picture.</summary>
    RoomPicture = 2,
}

/// <summary>The state of an image's processing.</summary>
public enum FileProcessing
{
    /// <summary>It has no thumbnails yet and may still contain metadata: nobody can see it.</summary>
    Waiting = 0,

    /// <summary>Also for files that are not images.</summary>
    Done = 1,

    /// <summary>It cannot be decoded, and is never shown.</summary>
    Failed = 2,
}

/// <summary>An upload, and the file that it becomes.</summary>
/// <param name="Room">Empty for an avatar.</param>
/// <param name="Name">Given by the uploader, for people; never a path.</param>
/// <param name="DeclaredType">Given by the uploader; not trusted.</param>
/// <param name="Type">Detected from the content; empty until it is complete.</param>
/// <param name="Received">The number of durable bytes.</param>
/// <param name="Progress">What the object store needs for the next piece.</param>
/// <param name="ExpiresAt">When it may be removed, unless it is attached.</param>
/// <param name="LeasedUntil">Until when some request may be writing to it.</param>
/// <param name="ClaimedBy">The client id of the message that has reserved it or that it is attached to.</param>
/// <param name="Width">Of an image, as it is shown, in pixels; null for anything else.</param>
public sealed record StoredFile(
    FileId Id,
    RoomId Room,
    UserId Owner,
    string Name,
    string DeclaredType,
    string Type,
    long Size,
    long Received,
    string? Progress,
    FileState State,
    FilePurpose Purpose,
    FileProcessing Processing,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset LeasedUntil,
    Guid? ClaimedBy,
    int? Width,
    int? Height,
    string? Placeholder);

/// <summary>The variants of a file.</summary>
public enum FileVariant
{
    Original,

    /// <summary>An image that fits 320 × 320 pixels.</summary>
    Small,

    /// <summary>An image that fits 1280 × 1280 pixels.</summary>
    Large,
}

/// <summary>The keys of a file's objects.</summary>
public static class FileKeys
{
    /// <summary>As it was uploaded. An image's upload is read by the server only.</summary>
    public static string Upload(FileId id) => $"{Folder(id)}/upload";

    /// <summary>What is served. An image is re-encoded without metadata.</summary>
    public static string Of(FileId id, FileVariant variant, bool isImage) => variant switch
    {
        FileVariant.Original => isImage ? $"{Folder(id)}/image" : Upload(id),
        FileVariant.Small => $"{Folder(id)}/small",
        FileVariant.Large => $"{Folder(id)}/large",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, null),
    };

    /// <summary>Of a picture that is kept in two small forms only: the larger is its original.</summary>
    public static string Reduced(FileId id, FileVariant variant) =>
        Of(id, variant == FileVariant.Small ? FileVariant.Small : FileVariant.Original, isImage: true);

    public static IEnumerable<string> All(FileId id) =>
        [Upload(id), Of(id, FileVariant.Original, isImage: true), Of(id, FileVariant.Small, true), Of(id, FileVariant.Large, true)];

    private static string Folder(FileId id) => $"files/{id.Value[FileId.Prefix.Length..]}";
}
