using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using CsCheck;

namespace AkkaChat.Messages.Tests.Serialization;

/// <summary>Random values of the stored types.</summary>
internal static class WireGen
{
    /// <summary>Any text that UTF-16 can hold properly: pairs of surrogates, never half of one.</summary>
    public static readonly Gen<string> Text =
        Gen.Int[0, 0x10FFFF].Where(rune => rune is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32).Array[0, 12].Select(string.Concat);

    private static readonly Gen<DateTimeOffset> Time =
        Gen.Long[DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()]
            .Select(DateTimeOffset.FromUnixTimeMilliseconds);

    private static readonly Gen<UserId> UserId = Text.Select(value => new UserId(value));

    private static readonly Gen<UserRef> User = Gen.Select(UserId, Text, Text, (id, username, name) => new UserRef(id, username, name));

    private static readonly Gen<MessageFile> File = Gen.Select(
        Text, Text, Text, Gen.Long, Gen.Int, Gen.Int, Text,
        (id, name, type, size, width, height, placeholder) => new MessageFile(new FileId(id), name, type, size, width, height, placeholder));

    private static readonly Gen<MemberRole> Role = Gen.Enum<MemberRole>();

    private static readonly Gen<FileId?> Picture = Text.Select(id => id.Length == 0 ? null : (FileId?)new FileId(id));

    private static readonly Gen<LinkImage> Image = Gen.Select(Text, Gen.Int, Gen.Int, Text, (id, width, height, placeholder) =>
        new LinkImage(new FileId(id), width, height, placeholder));

    private static readonly Gen<LinkCard> Card = Gen.Select(Text, Text, Text, Text, Image.Null(), (url, title, text, site, image) =>
        new LinkCard(url, title, text, site) { Image = image });

    public static readonly Gen<RoomEvent> Event = Gen.OneOf(
        Gen.Select(Gen.Long, Time, Gen.Long, Gen.Long, Card.Array[0, 3], (seq, time, message, n, cards) =>
            (RoomEvent)new LinkAttached(seq, time, message, n, cards)),
        Gen.Select(Gen.Long, Time, Gen.Bool, User, (seq, time, on, by) => (RoomEvent)new RoomLinkCardsChanged(seq, time, on, by)),
        Gen.Select(Gen.Long, Time, Picture, Picture, User, (seq, time, picture, previous, by) =>
            (RoomEvent)new RoomPictureChanged(seq, time, picture, previous, by)),
        Gen.Select(Gen.Long, Time, Text, Text, Gen.Enum<RoomVisibility>(), User, (seq, time, name, topic, visibility, by) =>
            (RoomEvent)new RoomCreated(seq, time, name, topic, visibility, by)),
        Gen.Select(Gen.Long, Time, User, Role, (seq, time, user, role) => (RoomEvent)new MemberJoined(seq, time, user, role)),
        Gen.Select(Gen.Long, Time, Text, User, (seq, time, topic, by) => (RoomEvent)new RoomTopicChanged(seq, time, topic, by)),
        Gen.Select(Gen.Long, Time, User, User, Text, (seq, time, user, by, why) => (RoomEvent)new MemberKicked(seq, time, user, by, why)),
        Gen.Select(Gen.Select(Gen.Long, Time), User, User, Text, Gen.Bool, (at, user, by, why, member) =>
            (RoomEvent)new MemberBanned(at.Item1, at.Item2, user, by, why, member)),
        Gen.Select(Gen.Long, Time, User, User, (seq, time, user, by) => (RoomEvent)new MemberUnbanned(seq, time, user, by)),
        Gen.Select(Gen.Long, Time, User, Role, User, (seq, time, user, role, by) => (RoomEvent)new MemberRoleChanged(seq, time, user, role, by)),
        Gen.Select(Gen.Long, Time, Text, User, (seq, time, name, by) => (RoomEvent)new RoomRenamed(seq, time, name, by)),
        Gen.Select(Gen.Long, Time, Gen.Enum<RoomVisibility>(), User, (seq, time, visibility, by) =>
            (RoomEvent)new RoomVisibilityChanged(seq, time, visibility, by)),
        Gen.Select(Gen.Long, Time, Gen.Bool, User, (seq, time, archived, by) => (RoomEvent)new RoomArchived(seq, time, archived, by)),
        Gen.Select(Gen.Long, Time, User, (seq, time, by) => (RoomEvent)new RoomDeleted(seq, time, by)),
        Gen.Select(Gen.Long, Time, User, (seq, time, user) => (RoomEvent)new MemberLeft(seq, time, user, LeaveReason.Left)),
        Gen.Select(Gen.Long, Time, Gen.Long, Gen.Long, Text, UserId.Array[0, 3], Gen.Enum<Audience>(), (seq, time, message, n, text, mentions, audience) =>
            (RoomEvent)new MessageEdited(seq, time, message, n, text, mentions) { Audience = audience }),
        Gen.Select(Gen.Long, Time, Gen.Long, Gen.Long, User, Text.Array[0, 3], (seq, time, message, n, by, files) =>
            (RoomEvent)new MessageDeleted(seq, time, message, n, by, [.. files.Select(id => new FileId(id))])),
        Gen.Select(Gen.Select(Gen.Long, Time), Gen.Long, Gen.Long, User, Text, Gen.Bool, Gen.Long, (of, message, n, user, emoji, on, count) =>
            (RoomEvent)new ReactionSet(of.Item1, of.Item2, message, n, user, emoji, on, count)),
        Gen.Select(Gen.Long, Time, Gen.Long, Gen.Long, User, Gen.Bool, (seq, time, message, n, by, on) =>
            (RoomEvent)new MessagePinned(seq, time, message, n, by, on)),
        Gen.Select(
            Gen.Select(Gen.Long, Time, Gen.Long, Gen.Guid),
            Gen.Select(User, Text, Gen.Long, UserId.Array[0, 3]),
            File.Array[0, 3],
            Gen.Enum<Audience>(),
            (a, b, files, audience) => (RoomEvent)new MessagePosted(a.Item1, a.Item2, a.Item3, a.Item4, b.Item1, b.Item2, b.Item3, b.Item4)
            {
                Files = files,
                Audience = audience,
            }));

    private static readonly Gen<SeenMessage> Seen = Gen.Select(UserId, Gen.Guid, Gen.Long, Gen.Long, Time, Gen.ULong, (author, id, seq, n, time, hash) =>
        new SeenMessage(author, id, seq, n, time, hash));

    public static readonly Gen<RoomEventBatch> Batch = Event.Array[0, 5].Select(events => new RoomEventBatch(events));

    public static readonly Gen<RoomSnapshot> Snapshot = Gen.Select(
        Gen.Select(Gen.Long, Gen.Long, Text, Text, Gen.Enum<RoomVisibility>()),
        Gen.Select(Time, Time),
        Gen.Select(
            Gen.Select(User, Role, Gen.Long, (user, role, seq) => new RoomMember(user, role, seq)).Array[0, 4],
            User.Array[0, 3]),
        Seen.Array[0, 4],
        Gen.Select(Gen.Bool, Gen.Select(Gen.Long, Gen.Bool, (seq, removed) => new LinkedMessage(seq, removed)).Array[0, 4], Gen.Long, Picture, Gen.Long.Array[0, 3]),
        (a, times, members, seen, links) => new RoomSnapshot(
            a.Item1, a.Item2, a.Item3, a.Item4, a.Item5, times.Item1, members.Item1, seen, times.Item2, links.Item1, links.Item2, links.Item3)
        {
            Picture = links.Item4,
            Banned = members.Item2,
            Pins = links.Item5,
        });
}
