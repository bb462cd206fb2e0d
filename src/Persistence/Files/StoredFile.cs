using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Files;

public enum FileState
{
    /// <summary>Bytes are missing.</summary>
    Uploading = 0,

    /// <summary>All bytes are there; no message carries it.</summary>
    Complete = 1,

    /// <summary>A message carries it, or it is the picture of a person or a room.</summary>
    Attached = 2,

    /// <summary>Nobody can use it any more, and its objects are being removed.</summary>
    Removed = 3,
}

/// <summary>What a file was uploaded for, which never changes.</summary>
public enum FilePurpose
{
    /// <summary>To go with a message of its room.</summary>
    Message = 0,

    /// <summary>To be its owner's picture. It is of no room.</summary>
    Avatar = 1,

    /// <summary>To be its room's picture.</summary>
    RoomPicture = 2,
}

/// <summary>How far the making of an image's thumbnails has come.</summary>
public enum FileProcessing
{
    /// <summary>It has no thumbnails yet, and may still hold metadata: nobody sees it.</summary>
    Waiting = 0,

    /// <summary>Also of what is no image.</summary>
    Done = 1,

    /// <summary>It cannot be decoded: nobody will see it.</summary>
    Failed = 2,
}

/// <summary>An upload, and the file that it becomes.</summary>
/// <param name="Room">Empty where its purpose is none of a room.</param>
/// <param name="Name">As the uploader called it: for people, never a path.</param>
/// <param name="DeclaredType">What the uploader said that it is; not to be believed.</param>
/// <param name="Type">What its content is; empty until it is complete.</param>
/// <param name="Received">The bytes that are durable.</param>
/// <param name="Progress">What the object store needs for the next piece.</param>
/// <param name="ExpiresAt">When it may be removed, unless a message carries it.</param>
/// <param name="LeasedUntil">Until when some request may be writing to it.</param>
/// <param name="ClaimedBy">The client id of the message that is to carry it, or carries it.</param>
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

/// <summary>The forms in which a file can be had.</summary>
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
    /// <summary>As it was uploaded. Of an image nobody but the server sees it.</summary>
    public static string Upload(FileId id) => $"{Folder(id)}/upload";

    /// <summary>What is served. An image's original is made anew, without metadata.</summary>
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
