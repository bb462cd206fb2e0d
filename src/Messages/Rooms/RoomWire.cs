using AkkaChat.Messages.Ids;
using Google.Protobuf;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Rooms;

/// <summary>The mapping between the room's records and their protobuf forms.</summary>
internal static class RoomWire
{
    private const int GuidSize = 16;

    public static W.User ToWire(UserRef user) => new() { Id = user.Id.Value, Username = user.Username, DisplayName = user.DisplayName };

    public static UserRef FromWire(W.User user) => new(new UserId(user.Id), user.Username, user.DisplayName);

    public static W.File ToWire(MessageFile file) => new()
    {
        Id = file.Id.Value,
        Name = file.Name,
        Type = file.Type,
        Size = file.Size,
        Width = file.Width,
        Height = file.Height,
        Placeholder = file.Placeholder,
    };

    public static MessageFile FromWire(W.File file) =>
        new(new FileId(file.Id), file.Name, file.Type, file.Size, file.Width, file.Height, file.Placeholder);

    public static W.Event ToWire(RoomEvent @event)
    {
        var wire = new W.Event { Seq = @event.Seq, TimeMs = ToWire(@event.Time) };
        RoomEventCatalogue.For(@event).Write(@event, wire);
        return wire;
    }

    public static RoomEvent FromWire(W.Event wire) => RoomEventCatalogue.For(wire).Read(wire);

    public static W.Snapshot ToWire(RoomSnapshot snapshot)
    {
        var wire = new W.Snapshot
        {
            Seq = snapshot.Seq,
            N = snapshot.N,
            Name = snapshot.Name,
            Topic = snapshot.Topic,
            Visibility = (int)snapshot.Visibility,
            CreatedMs = ToWire(snapshot.CreatedAt),
            SeenFloorMs = ToWire(snapshot.SeenFloor),
            LinkCardsOff = snapshot.LinkCardsOff,
            LinkFloor = snapshot.LinkFloor,
            Picture = ToWire(snapshot.Picture),
            Pins = { snapshot.Pins },
            Archived = snapshot.Archived,
            DeletedBy = snapshot.DeletedBy?.Value ?? "",
        };
        wire.Banned.AddRange(snapshot.Banned.Select(ToWire));
        wire.Linked.AddRange(snapshot.Linked.Select(message => new W.LinkedMessage { Seq = message.Seq, Removed = message.Removed }));
        wire.Members.AddRange(snapshot.Members.Select(member =>
            new W.Member { User = ToWire(member.User), Role = (int)member.Role, JoinedSeq = member.JoinedSeq }));
        wire.Seen.AddRange(snapshot.Seen.Select(seen => new W.SeenMessage
        {
            Author = seen.Author.Value,
            ClientId = ToWire(seen.ClientId),
            Seq = seen.Seq,
            N = seen.N,
            TimeMs = ToWire(seen.Time),
            BodyHash = seen.BodyHash,
        }));
        return wire;
    }

    public static RoomSnapshot FromWire(W.Snapshot wire) => new(
        wire.Seq,
        wire.N,
        wire.Name,
        wire.Topic,
        (RoomVisibility)wire.Visibility,
        Time(wire.CreatedMs),
        [.. wire.Members.Select(member => new RoomMember(FromWire(member.User), (MemberRole)member.Role, member.JoinedSeq))],
        [.. wire.Seen.Select(seen => new SeenMessage(
            new UserId(seen.Author), FromWire(seen.ClientId), seen.Seq, seen.N, Time(seen.TimeMs), seen.BodyHash))],
        Time(wire.SeenFloorMs),
        wire.LinkCardsOff,
        [.. wire.Linked.Select(message => new LinkedMessage(message.Seq, message.Removed))],
        wire.LinkFloor)
    {
        Picture = File(wire.Picture),
        Banned = [.. wire.Banned.Select(FromWire)],
        Pins = [.. wire.Pins],
        Archived = wire.Archived,
        DeletedBy = wire.DeletedBy.Length == 0 ? null : new UserId(wire.DeletedBy),
    };

    public static W.LinkCard ToWire(LinkCard card) => new()
    {
        Url = card.Url,
        Title = card.Title,
        Description = card.Description,
        Site = card.Site,
        Image = card.Image is { } image
            ? new W.LinkImage { Id = image.Id.Value, Width = image.Width, Height = image.Height, Placeholder = image.Placeholder }
            : null,
    };

    public static LinkCard FromWire(W.LinkCard card) => new(card.Url, card.Title, card.Description, card.Site)
    {
        Image = card.Image is { } image ? new LinkImage(new FileId(image.Id), image.Width, image.Height, image.Placeholder) : null,
    };

    public static string ToWire(FileId? file) => file?.Value ?? "";

    public static FileId? File(string id) => id.Length == 0 ? null : new FileId(id);

    public static ByteString ToWire(Guid id)
    {
        Span<byte> bytes = stackalloc byte[GuidSize];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return ByteString.CopyFrom(bytes);
    }

    public static Guid FromWire(ByteString id) => new(id.Span, bigEndian: true);

    public static long ToWire(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long unixMilliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds);
}
