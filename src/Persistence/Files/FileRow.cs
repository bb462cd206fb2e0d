using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Files;

/// <summary>A row of file.</summary>
internal sealed class FileRow
{
    public const string Columns = """
        id AS Id, room_id AS RoomId, owner_id AS OwnerId, name AS Name, declared_type AS DeclaredType, type AS Type, size AS Size,
        received AS Received, progress AS Progress, state AS State, purpose AS Purpose, processed AS Processed, created_at AS CreatedAt,
        expires_at AS ExpiresAt, lease_until AS LeaseUntil, claimed_by AS ClaimedBy, width AS Width, height AS Height, placeholder AS Placeholder
        """;

    public string Id { get; set; } = "";

    public string RoomId { get; set; } = "";

    public string OwnerId { get; set; } = "";

    public string Name { get; set; } = "";

    public string DeclaredType { get; set; } = "";

    public string Type { get; set; } = "";

    public long Size { get; set; }

    public long Received { get; set; }

    public string? Progress { get; set; }

    public long State { get; set; }

    public long Purpose { get; set; }

    public long Processed { get; set; }

    public long CreatedAt { get; set; }

    public long ExpiresAt { get; set; }

    public long LeaseUntil { get; set; }

    public byte[]? ClaimedBy { get; set; }

    public long? Width { get; set; }

    public long? Height { get; set; }

    public string? Placeholder { get; set; }

    public StoredFile ToFile() => new(
        new FileId(Id),
        new RoomId(RoomId),
        new UserId(OwnerId),
        Name,
        DeclaredType,
        Type,
        Size,
        Received,
        Progress,
        (FileState)State,
        (FilePurpose)Purpose,
        (FileProcessing)Processed,
        DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
        DateTimeOffset.FromUnixTimeMilliseconds(LeaseUntil),
        ClaimedBy is null ? null : new Guid(ClaimedBy, bigEndian: true),
        (int?)Width,
        (int?)Height,
        Placeholder);
}
