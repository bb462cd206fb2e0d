using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Nodes;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;
using static AkkaChat.Messages.Users.UserProtocol;

namespace AkkaChat.Messages.Tests.Serialization;

/// <summary>Values of every wire type.</summary>
internal static class WireSamples
{
    public static readonly RoomId Room = new("r_0190f2a4b5c67d8e9fa0b1c2d3e4f506");
    public static readonly UserRef Ana = new(new UserId("u_0190f2a4b5c67d8e9fa0b1c2d3e4f507"), "ana", "Ana Ünal 🦊");
    public static readonly UserRef Bo = new(new UserId("u_0190f2a4b5c67d8e9fa0b1c2d3e4f508"), "bo", "Bo");
    public static readonly Guid ClientId = Guid.Parse("0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f509");
    public static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_123);

    private static readonly EdgeId Edge = new("10.0.0.7:4053-1234567890");

    private static readonly LinkCard Card = new("https://example.org/é?a=1&b=2", "Un titre 🦊", "Une description", "L’exemple");

    public static readonly MessageFile Photo =
        new(new FileId("f_0190f2a4b5c67d8e9fa0b1c2d3e4f512"), "été 🦊.jpg", "image/jpeg", 48_213, 1600, 1200, "data:image/webp;base64,AAAA");

    public static readonly MessageFile Archive = new(new FileId("f_0190f2a4b5c67d8e9fa0b1c2d3e4f513"), "a.zip", "application/octet-stream", 0, 0, 0, "");

    private static readonly NodeSample NodeNow =
        new(1_750_000_000, 0.25, 210_763_776, 12, 34, 5, 3.5, 0.0125, 6, 7, 8, 9, 10);

    private static readonly UserRef Nobody = new(new UserId(""), "", "");

    /// <summary>The events of the rows below. Never changed: the bytes of those rows are golden.</summary>
    private static readonly RoomEvent[] RowOfEvents =
    [
        new RoomCreated(1, Time, "général", "tout & rien", RoomVisibility.Private, Ana),
        new MemberJoined(2, Time, Ana, MemberRole.Owner),
        new MessagePosted(3, Time, 1, ClientId, Ana, "héllo @bo 👩‍👩‍👧‍👦 \u0001\n", 2, [Bo.Id, Ana.Id]),
        new MemberLeft(4, Time, Bo, LeaveReason.Left),
    ];

    /// <summary>One of each event, with a value in every field. Added to, never changed.</summary>
    public static IReadOnlyList<RoomEvent> Events { get; } =
    [
        .. RowOfEvents,
        new RoomTopicChanged(5, Time, "nouveau & clair 🦊", Ana),
        new LinkAttached(6, Time, 3, 1, [Card, new LinkCard("https://example.org/2", "Deux", "", "example.org")]),
        new RoomLinkCardsChanged(7, Time, LinkCards: true, Ana),
        new RoomPictureChanged(8, Time, Photo.Id, Archive.Id, Ana),
        new MessageEdited(9, Time, 3, 1, "mieux 🦊 @bo", [Bo.Id, Ana.Id]),
        new MessageDeleted(10, Time, 3, 1, Bo, [Photo.Id, Archive.Id]),
        new ReactionSet(11, Time, 3, 1, Bo, "👩‍👩‍👧‍👦", On: true, 2),
        new MessagePinned(12, Time, 3, 1, Bo, On: true),
        new MemberKicked(13, Time, Bo, Ana, "hors sujet 🦊"),
        new MemberBanned(14, Time, Bo, Ana, "encore", WasMember: true),
        new MemberUnbanned(15, Time, Bo, Ana),
        new MemberRoleChanged(16, Time, Bo, MemberRole.Admin, Ana),
        new RoomRenamed(17, Time, "général 🦊", Ana),
        new RoomVisibilityChanged(18, Time, RoomVisibility.Private, Ana),
        new RoomArchived(19, Time, Archived: true, Ana),
        new RoomDeleted(20, Time, Ana),
    ];

    /// <summary>One value of each type with a value in every field: what the golden bytes are of. Never changed.</summary>
    public static IReadOnlyList<object> Golden { get; } =
    [
        new RoomEventBatch(RowOfEvents),
        new RoomFence("0190f2a4b5c67d8e9fa0b1c2d3e4f510", Time),
        new RoomSnapshot(
            4, 1, "général", "tout & rien", RoomVisibility.Private, Time,
            [new RoomMember(Ana, MemberRole.Owner, 2), new RoomMember(Bo, MemberRole.Member, 3)],
            [new SeenMessage(Ana.Id, ClientId, 3, 1, Time, 0xFEDC_BA98_7654_3210)],
            Time.AddMilliseconds(-1),
            LinkCardsOff: false,
            [],
            0),
        new CreateRoom(Room, "général", "tout & rien", RoomVisibility.Private, Ana),
        new OpenDirect(Room, [Ana, Bo], Ana),
        new JoinRoom(Room, Ana),
        new RenameRoom(Room, "général 🦊", Ana),
        new ChangeVisibility(Room, RoomVisibility.Private, Ana),
        new ArchiveRoom(Room, Archived: true, Ana),
        new DeleteRoom(Room, Ana),
        new LeaveRoom(Room, Ana),
        new ChangeTopic(Room, "nouveau & clair", Ana),
        new AttachLinkCards(Room, 1045, 912, [Card]),
        new RemoveLinkCards(Room, 1045, 912, Ana),
        new ChangeLinkCards(Room, LinkCards: true, Ana),
        new ChangePicture(Room, Photo.Id, Ana),
        new KickMember(Room, Bo.Id, "hors sujet 🦊", Ana),
        new BanUser(Room, Bo, "encore", Ana),
        new UnbanUser(Room, Bo.Id, Ana),
        new ChangeRole(Room, Bo.Id, MemberRole.Admin, Ana),
        new EditMessage(Room, 1045, "mieux 🦊", Ana),
        new DeleteMessage(Room, 1045, Ana),
        new SetReaction(Room, 1045, "👍🏽", On: true, Ana),
        new PinMessage(Room, 1045, On: true, Ana),
        new PostMessage(Room, Ana, ClientId, "héllo 👋", 2),
        new WatchRoom(Room, Edge),
        new UnwatchRoom(Room, Edge),
        new NotifyTyping(Room, Ana.Id),
        new PostAck(1045, 912, Time, Duplicate: true),
        new ChangeAck(1045, Changed: true),
        new WatchAck(Room, 1045),
        new Nack(NackCode.Busy, "später", TimeSpan.FromMilliseconds(250)),
        new Committed(Room, RowOfEvents),
        new Typing(Room, Ana.Id),
        new Head(Room, 1045, 912),
        new Started(Room, 1045),
        new EdgeBatch(
        [
            new Committed(Room, [new MemberLeft(1045, Time, Bo, LeaveReason.Left)]),
            new EdgeAnswer("/temp/$a", new PostAck(1045, 912, Time, Duplicate: false)),
            new EdgeAnswer("/temp/$b", new ChangeAck(1045, Changed: true)),
            new EdgeAnswer("/temp/$c", new Nack(NackCode.Busy, "later", TimeSpan.FromMilliseconds(250))),
            new Typing(Room, Ana.Id),
            new Head(Room, 1045, 912),
        ]),
        new StreamMoved(Ana.Id, 553),
        new SessionEnded(Ana.Id, new SessionId("s_0190f2a4b5c67d8e9fa0b1c2d3e4f511")),
        new PresenceDelta(Edge, [Ana.Id, Bo.Id], [Bo.Id]),
        new EchoRequest(Edge, "nonce-1"),
        new EchoReply(Edge, "nonce-1"),
        new ProfileChanged(Ana, Photo.Id),
        new NodeProtocol.GetNodeReport(50, History: true),
        new NodeProtocol.NodeReport(
            Time,
            NodeNow,
            [new NodeSocket(Ana.Id.Value, Ana.Username, 7300.5, 2.5, 3, 4)],
            [NodeNow with { At = NodeNow.At - 10, SendP99 = 0.25 }, NodeNow]),
    ];

    /// <summary>Empty, smallest and largest values.</summary>
    public static IReadOnlyList<object> Extremes { get; } =
    [
        new RoomEventBatch([]),
        new RoomEventBatch(
        [
            new RoomCreated(0, DateTimeOffset.UnixEpoch, "", "", RoomVisibility.Public, Nobody),
            new MemberJoined(long.MaxValue, Earliest, Nobody, MemberRole.Member),
            new MemberLeft(long.MinValue, Latest, Nobody, LeaveReason.Left),
            new RoomTopicChanged(long.MinValue, Latest, "", Nobody),
            new LinkAttached(long.MaxValue, Latest, long.MaxValue, long.MinValue, []),
            new LinkAttached(0, Earliest, 0, 0, [new LinkCard("", "", "", ""), new LinkCard(new string('a', 2_048), "\0", "🦊", "x")]),
            new RoomLinkCardsChanged(0, Earliest, LinkCards: false, Nobody),
            new RoomPictureChanged(0, Earliest, null, null, Nobody),
            new MemberKicked(0, Earliest, Nobody, Nobody, ""),
            new MemberBanned(0, Earliest, Nobody, Nobody, "", WasMember: false),
            new MemberUnbanned(0, Earliest, Nobody, Nobody),
            new MemberRoleChanged(0, Earliest, Nobody, MemberRole.Member, Nobody),
            new RoomRenamed(0, Earliest, "", Nobody),
            new RoomVisibilityChanged(0, Earliest, RoomVisibility.Public, Nobody),
            new RoomArchived(0, Earliest, Archived: false, Nobody),
            new RoomDeleted(long.MaxValue, Latest, Nobody),
            new MessageEdited(0, Earliest, long.MinValue, long.MaxValue, "", []),
            new MessageEdited(1, Latest, 0, 0, new string('x', 16 * 1024), [.. Enumerable.Range(0, 50).Select(i => new UserId($"u_{i}"))]),
            new MessageDeleted(0, Earliest, 0, 0, Nobody, []),
            new ReactionSet(0, Earliest, 0, 0, Nobody, "", On: false, long.MaxValue),
            new MessagePinned(0, Earliest, 0, 0, Nobody, On: false),
            new MessagePosted(long.MaxValue, Latest, long.MaxValue, Guid.Empty, Nobody, string.Concat(Enumerable.Repeat("🦊", 4 * 1024)), long.MaxValue, []),
            new MessagePosted(
                1, Earliest, 1, Guid.AllBitsSet, Nobody, "\0\u2028\uFFFF", 0, [.. Enumerable.Range(0, 50).Select(i => new UserId($"u_{i}"))]),
            new MessagePosted(3, Time, 3, ClientId, Ana, "@room", 0, []) { Audience = Audience.Room },
            new MessageEdited(4, Time, 3, 3, "@here", [Bo.Id]) { Audience = Audience.Here },
            new MessagePosted(2, Time, 2, ClientId, Ana, "", 0, [])
            {
                Files = [Photo, Archive, new MessageFile(new FileId(""), "", "", long.MaxValue, int.MaxValue, int.MinValue, "")],
            },
        ]),
        new RoomFence("", Earliest),
        new RoomSnapshot(0, 0, "", "", RoomVisibility.Public, DateTimeOffset.UnixEpoch, [], [], DateTimeOffset.UnixEpoch, false, [], 0),
        new RoomSnapshot(
            long.MaxValue, long.MaxValue, "", "", RoomVisibility.Private, Latest,
            [new RoomMember(Nobody, MemberRole.Member, 0)],
            [
                new SeenMessage(new UserId(""), Guid.Empty, 0, 0, Earliest, 0),
                new SeenMessage(Ana.Id, Guid.AllBitsSet, long.MaxValue, long.MaxValue, Latest, ulong.MaxValue),
            ],
            Latest,
            LinkCardsOff: true,
            [new LinkedMessage(0, false), new LinkedMessage(long.MaxValue, true)],
            long.MaxValue)
        {
            Banned = [Nobody, Ana],
            Pins = [1, long.MaxValue],
            Archived = true,
            DeletedBy = Ana.Id,
        },
        new CreateRoom(new RoomId(""), "", "", RoomVisibility.Public, Nobody),
        new OpenDirect(new RoomId(""), [], Nobody),
        new JoinRoom(new RoomId(""), Nobody),
        new RenameRoom(new RoomId(""), "", Nobody),
        new ChangeVisibility(new RoomId(""), RoomVisibility.Public, Nobody),
        new ArchiveRoom(new RoomId(""), Archived: false, Nobody),
        new DeleteRoom(new RoomId(""), Nobody),
        new LeaveRoom(new RoomId(""), Nobody),
        new ChangeTopic(new RoomId(""), "", Nobody),
        new AttachLinkCards(new RoomId(""), long.MinValue, long.MaxValue, []),
        new RemoveLinkCards(new RoomId(""), 0, 0, Nobody),
        new ChangeLinkCards(new RoomId(""), LinkCards: false, Nobody),
        new ChangePicture(new RoomId(""), null, Nobody),
        new JoinRoom(Room, Ana, Invited: true),
        new KickMember(new RoomId(""), new UserId(""), "", Nobody),
        new BanUser(new RoomId(""), Nobody, "", Nobody),
        new UnbanUser(new RoomId(""), new UserId(""), Nobody),
        new ChangeRole(new RoomId(""), new UserId(""), MemberRole.Member, Nobody),
        new EditMessage(new RoomId(""), 0, "", Nobody),
        new EditMessage(Room, 1045, "@here", Ana) { Here = [Bo.Id, Ana.Id] },
        new PostMessage(Room, Ana, ClientId, "@here", 0) { Here = [Bo.Id, Ana.Id] },
        new DeleteMessage(new RoomId(""), long.MaxValue, Nobody),
        new SetReaction(new RoomId(""), 0, "", On: false, Nobody),
        new PinMessage(new RoomId(""), 0, On: false, Nobody),
        new ProfileChanged(Nobody, null),
        new ProfileChanged(Ana, null, "🌴", "en vacances"),
        new PostMessage(new RoomId(""), Nobody, Guid.Empty, "", long.MinValue),
        new PostMessage(Room, Ana, ClientId, "", 0) { Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        new PostMessage(new RoomId(""), Nobody, Guid.Empty, "", 0, new SendOrder(long.MinValue, 1, 0)),
        new PostMessage(new RoomId(""), Nobody, Guid.Empty, "", 0, new SendOrder(long.MaxValue, long.MaxValue, long.MaxValue - 1)),
        new PostMessage(Room, Ana, ClientId, "", 0) { Files = [Photo, Archive], Edge = new EdgeId("0badf00d") },
        new WatchRoom(new RoomId(""), new EdgeId("")),
        new UnwatchRoom(new RoomId(""), new EdgeId("")),
        new NotifyTyping(new RoomId(""), new UserId("")),
        new PostAck(0, 0, Earliest, Duplicate: false),
        new PostAck(long.MaxValue, long.MinValue, Latest, Duplicate: true),
        new ChangeAck(0, Changed: false),
        new WatchAck(new RoomId(""), 0),
        new Nack(NackCode.NotFound, ""),
        new Nack(NackCode.Unavailable, "", TimeSpan.FromMilliseconds(int.MaxValue)),
        new Committed(new RoomId(""), []),
        new Committed(Room, []) { Traces = [new EventTrace(long.MaxValue, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")] },
        new Typing(new RoomId(""), new UserId("")),
        new Head(new RoomId(""), 0, 0),
        new Started(new RoomId(""), long.MaxValue),
        new EdgeBatch([]),
        new EdgeBatch([new EdgeAnswer("", new PostAck(0, 0, DateTimeOffset.UnixEpoch, Duplicate: true)), new Head(new RoomId(""), 0, 0)]),
        new StreamMoved(new UserId(""), long.MaxValue),
        new SessionEnded(new UserId(""), new SessionId("")),
        new PresenceDelta(new EdgeId(""), [], []),
        new EchoRequest(new EdgeId(""), ""),
        new EchoReply(new EdgeId(""), ""),
        new NodeProtocol.GetNodeReport(0, History: false),
        new NodeProtocol.NodeReport(
            Earliest, new NodeSample(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), [new NodeSocket("", "", 0, 0, 0, 0)], []),
    ];

    private static DateTimeOffset Earliest => DateTimeOffset.MinValue;

    private static DateTimeOffset Latest => DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
}
