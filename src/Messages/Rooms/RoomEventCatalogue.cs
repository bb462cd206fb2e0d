using System.Collections.Frozen;
using AkkaChat.Messages.Ids;
using static AkkaChat.Messages.Rooms.RoomWire;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Rooms;

/// <summary>Every durable room event with all its forms. An event that is not listed here cannot be stored, sent or shown.</summary>
public static class RoomEventCatalogue
{
    public static IReadOnlyList<RoomEventFormat> Formats { get; } =
    [
        new RoomEventFormat<RoomCreated, RoomCreatedView>(
            W.Event.BodyOneofCase.Created, "room.created", RoomEventJson.Relaxed.EventFrameRoomCreatedView)
        {
            ToWire = (e, wire) => wire.Created = new W.Created
            {
                Name = e.Name,
                Topic = e.Topic,
                Visibility = (int)e.Visibility,
                By = ToWire(e.By),
            },
            FromWire = (seq, time, wire) => new RoomCreated(
                seq, time, wire.Created.Name, wire.Created.Topic, (RoomVisibility)wire.Created.Visibility, FromWire(wire.Created.By)),
            View = (_, e) => new RoomCreatedView(e.Name, e.Topic, e.Visibility.WireName(), UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.Name) + WireSize.Of(e.Topic) + WireSize.Number + WireSize.Of(e.By),
        },
        new RoomEventFormat<MemberJoined, MemberJoinedView>(
            W.Event.BodyOneofCase.MemberJoined, "member.joined", RoomEventJson.Relaxed.EventFrameMemberJoinedView)
        {
            ToWire = (e, wire) => wire.MemberJoined = new W.MemberJoined { User = ToWire(e.User), Role = (int)e.Role },
            FromWire = (seq, time, wire) =>
                new MemberJoined(seq, time, FromWire(wire.MemberJoined.User), (MemberRole)wire.MemberJoined.Role),
            View = (_, e) => new MemberJoinedView(UserView.From(e.User), e.Role.WireName(), e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Number,
        },
        new RoomEventFormat<MemberLeft, MemberLeftView>(
            W.Event.BodyOneofCase.MemberLeft, "member.left", RoomEventJson.Relaxed.EventFrameMemberLeftView)
        {
            ToWire = (e, wire) => wire.MemberLeft = new W.MemberLeft { User = ToWire(e.User), Reason = (int)e.Reason },
            FromWire = (seq, time, wire) =>
                new MemberLeft(seq, time, FromWire(wire.MemberLeft.User), (LeaveReason)wire.MemberLeft.Reason),
            View = (_, e) => new MemberLeftView(UserView.From(e.User), e.Reason.WireName(), e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Number,
        },
        new RoomEventFormat<MemberKicked, MemberKickedView>(
            W.Event.BodyOneofCase.MemberKicked, "member.kicked", RoomEventJson.Relaxed.EventFrameMemberKickedView)
        {
            ToWire = (e, wire) => wire.MemberKicked = new W.MemberKicked { User = ToWire(e.User), By = ToWire(e.By), Reason = e.Why },
            FromWire = (seq, time, wire) => new MemberKicked(
                seq, time, FromWire(wire.MemberKicked.User), FromWire(wire.MemberKicked.By), wire.MemberKicked.Reason),
            View = (_, e) => new MemberKickedView(UserView.From(e.User), UserView.From(e.By), e.Why, e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Of(e.By) + WireSize.Of(e.Why),
        },
        new RoomEventFormat<MemberBanned, MemberBannedView>(
            W.Event.BodyOneofCase.MemberBanned, "member.banned", RoomEventJson.Relaxed.EventFrameMemberBannedView)
        {
            ToWire = (e, wire) => wire.MemberBanned = new W.MemberBanned
            {
                User = ToWire(e.User),
                By = ToWire(e.By),
                Reason = e.Why,
                WasMember = e.WasMember,
            },
            FromWire = (seq, time, wire) => new MemberBanned(
                seq,
                time,
                FromWire(wire.MemberBanned.User),
                FromWire(wire.MemberBanned.By),
                wire.MemberBanned.Reason,
                wire.MemberBanned.WasMember),
            View = (_, e) => new MemberBannedView(UserView.From(e.User), UserView.From(e.By), e.Why, e.WasMember, e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Of(e.By) + WireSize.Of(e.Why) + WireSize.Number,
        },
        new RoomEventFormat<MemberUnbanned, MemberUnbannedView>(
            W.Event.BodyOneofCase.MemberUnbanned, "member.unbanned", RoomEventJson.Relaxed.EventFrameMemberUnbannedView)
        {
            ToWire = (e, wire) => wire.MemberUnbanned = new W.MemberUnbanned { User = ToWire(e.User), By = ToWire(e.By) },
            FromWire = (seq, time, wire) =>
                new MemberUnbanned(seq, time, FromWire(wire.MemberUnbanned.User), FromWire(wire.MemberUnbanned.By)),
            View = (_, e) => new MemberUnbannedView(UserView.From(e.User), UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Of(e.By),
        },
        new RoomEventFormat<MemberRoleChanged, MemberRoleView>(
            W.Event.BodyOneofCase.MemberRoleChanged, "member.role", RoomEventJson.Relaxed.EventFrameMemberRoleView)
        {
            ToWire = (e, wire) => wire.MemberRoleChanged = new W.MemberRoleChanged
            {
                User = ToWire(e.User),
                Role = (int)e.Role,
                By = ToWire(e.By),
            },
            FromWire = (seq, time, wire) => new MemberRoleChanged(
                seq, time, FromWire(wire.MemberRoleChanged.User), (MemberRole)wire.MemberRoleChanged.Role, FromWire(wire.MemberRoleChanged.By)),
            View = (_, e) => new MemberRoleView(UserView.From(e.User), e.Role.WireName(), UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.User) + WireSize.Number + WireSize.Of(e.By),
        },
        new RoomEventFormat<MessagePosted, MessageCreatedView>(
            W.Event.BodyOneofCase.MessagePosted, "message.created", RoomEventJson.Relaxed.EventFrameMessageCreatedView)
        {
            ToWire = (e, wire) =>
            {
                wire.MessagePosted = new W.MessagePosted
                {
                    N = e.N,
                    ClientId = ToWire(e.ClientId),
                    Author = ToWire(e.Author),
                    Text = e.Text,
                    ReplyToSeq = e.ReplyToSeq,
                };
                foreach (var user in e.Mentions)
                {
                    wire.MessagePosted.Mentions.Add(user.Value);
                }

                wire.MessagePosted.Files.AddRange(e.Files.Select(ToWire));
                wire.MessagePosted.Audience = (int)e.Audience;
            },
            FromWire = (seq, time, wire) => new MessagePosted(
                seq,
                time,
                wire.MessagePosted.N,
                FromWire(wire.MessagePosted.ClientId),
                FromWire(wire.MessagePosted.Author),
                wire.MessagePosted.Text,
                wire.MessagePosted.ReplyToSeq,
                [.. wire.MessagePosted.Mentions.Select(id => new UserId(id))])
            {
                Files = [.. wire.MessagePosted.Files.Select(FromWire)],
                Audience = (Audience)wire.MessagePosted.Audience,
            },
            View = (room, e) =>
                MessageCreatedView.Of(room, e.Seq, e.N, e.ClientId, e.Author, e.Text, e.Time, e.ReplyToSeq, e.Mentions, e.Files) with
                {
                    EditedAt = e.EditedAt,
                    Deleted = e.IsDeleted,
                    Audience = e.Audience.WireName(),
                },
            BodySize = e => WireSize.Number + WireSize.Guid + WireSize.Of(e.Author) + WireSize.Of(e.Text) + WireSize.Number
                + WireSize.Of(e.Mentions) + WireSize.Of(e.Files) + WireSize.Number,
        },
        new RoomEventFormat<RoomTopicChanged, TopicChangedView>(
            W.Event.BodyOneofCase.TopicChanged, "room.topicChanged", RoomEventJson.Relaxed.EventFrameTopicChangedView)
        {
            ToWire = (e, wire) => wire.TopicChanged = new W.TopicChanged { Topic = e.Topic, By = ToWire(e.By) },
            FromWire = (seq, time, wire) =>
                new RoomTopicChanged(seq, time, wire.TopicChanged.Topic, FromWire(wire.TopicChanged.By)),
            View = (_, e) => new TopicChangedView(e.Topic, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.Topic) + WireSize.Of(e.By),
        },
        new RoomEventFormat<RoomRenamed, RoomRenamedView>(
            W.Event.BodyOneofCase.Renamed, "room.renamed", RoomEventJson.Relaxed.EventFrameRoomRenamedView)
        {
            ToWire = (e, wire) => wire.Renamed = new W.Renamed { Name = e.Name, By = ToWire(e.By) },
            FromWire = (seq, time, wire) => new RoomRenamed(seq, time, wire.Renamed.Name, FromWire(wire.Renamed.By)),
            View = (_, e) => new RoomRenamedView(e.Name, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.Name) + WireSize.Of(e.By),
        },
        new RoomEventFormat<RoomVisibilityChanged, VisibilityChangedView>(
            W.Event.BodyOneofCase.VisibilityChanged, "room.visibilityChanged", RoomEventJson.Relaxed.EventFrameVisibilityChangedView)
        {
            ToWire = (e, wire) => wire.VisibilityChanged = new W.VisibilityChanged { Visibility = (int)e.Visibility, By = ToWire(e.By) },
            FromWire = (seq, time, wire) => new RoomVisibilityChanged(
                seq, time, (RoomVisibility)wire.VisibilityChanged.Visibility, FromWire(wire.VisibilityChanged.By)),
            View = (_, e) => new VisibilityChangedView(e.Visibility.WireName(), UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Number + WireSize.Of(e.By),
        },
        new RoomEventFormat<RoomArchived, RoomArchivedView>(
            W.Event.BodyOneofCase.ArchivedChanged, "room.archived", RoomEventJson.Relaxed.EventFrameRoomArchivedView)
        {
            ToWire = (e, wire) => wire.ArchivedChanged = new W.ArchivedChanged { Archived = e.Archived, By = ToWire(e.By) },
            FromWire = (seq, time, wire) =>
                new RoomArchived(seq, time, wire.ArchivedChanged.Archived, FromWire(wire.ArchivedChanged.By)),
            View = (_, e) => new RoomArchivedView(e.Archived, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Number + WireSize.Of(e.By),
        },
        new RoomEventFormat<RoomDeleted, RoomDeletedView>(
            W.Event.BodyOneofCase.Deleted, "room.deleted", RoomEventJson.Relaxed.EventFrameRoomDeletedView)
        {
            ToWire = (e, wire) => wire.Deleted = new W.Deleted { By = ToWire(e.By) },
            FromWire = (seq, time, wire) => new RoomDeleted(seq, time, FromWire(wire.Deleted.By)),
            View = (_, e) => new RoomDeletedView(UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(e.By),
        },
        new RoomEventFormat<LinkAttached, LinkAttachedView>(
            W.Event.BodyOneofCase.LinkAttached, "link.attached", RoomEventJson.Relaxed.EventFrameLinkAttachedView)
        {
            ToWire = (e, wire) =>
                wire.LinkAttached = new W.LinkAttached { MessageSeq = e.MessageSeq, N = e.N, Cards = { e.Cards.Select(ToWire) } },
            FromWire = (seq, time, wire) => new LinkAttached(
                seq, time, wire.LinkAttached.MessageSeq, wire.LinkAttached.N, [.. wire.LinkAttached.Cards.Select(FromWire)]),
            View = (room, e) =>
                new LinkAttachedView(new MessageId(room, e.MessageSeq).ToString(), e.N, [.. e.Cards.Select(LinkCardView.From)]),
            BodySize = e => WireSize.Number + WireSize.Number + e.Cards.Sum(WireSize.Of),
        },
        new RoomEventFormat<RoomLinkCardsChanged, LinkCardsChangedView>(
            W.Event.BodyOneofCase.LinkCardsChanged, "room.linkCardsChanged", RoomEventJson.Relaxed.EventFrameLinkCardsChangedView)
        {
            ToWire = (e, wire) => wire.LinkCardsChanged = new W.LinkCardsChanged { LinkCards = e.LinkCards, By = ToWire(e.By) },
            FromWire = (seq, time, wire) =>
                new RoomLinkCardsChanged(seq, time, wire.LinkCardsChanged.LinkCards, FromWire(wire.LinkCardsChanged.By)),
            View = (_, e) => new LinkCardsChangedView(e.LinkCards, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Number + WireSize.Of(e.By),
        },
        new RoomEventFormat<RoomPictureChanged, PictureChangedView>(
            W.Event.BodyOneofCase.PictureChanged, "room.pictureChanged", RoomEventJson.Relaxed.EventFramePictureChangedView)
        {
            ToWire = (e, wire) => wire.PictureChanged = new W.PictureChanged
            {
                Picture = ToWire(e.Picture),
                Previous = ToWire(e.Previous),
                By = ToWire(e.By),
            },
            FromWire = (seq, time, wire) => new RoomPictureChanged(
                seq, time, File(wire.PictureChanged.Picture), File(wire.PictureChanged.Previous), FromWire(wire.PictureChanged.By)),
            View = (_, e) => new PictureChangedView(e.Picture?.Value, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Of(ToWire(e.Picture)) + WireSize.Of(ToWire(e.Previous)) + WireSize.Of(e.By),
        },
        new RoomEventFormat<MessageEdited, MessageEditedView>(
            W.Event.BodyOneofCase.MessageEdited, "message.edited", RoomEventJson.Relaxed.EventFrameMessageEditedView)
        {
            ToWire = (e, wire) => wire.MessageEdited = new W.MessageEdited
            {
                MessageSeq = e.MessageSeq,
                N = e.N,
                Text = e.Text,
                Mentions = { e.Mentions.Select(user => user.Value) },
                Audience = (int)e.Audience,
            },
            FromWire = (seq, time, wire) => new MessageEdited(
                seq,
                time,
                wire.MessageEdited.MessageSeq,
                wire.MessageEdited.N,
                wire.MessageEdited.Text,
                [.. wire.MessageEdited.Mentions.Select(id => new UserId(id))])
            {
                Audience = (Audience)wire.MessageEdited.Audience,
            },
            View = (room, e) => new MessageEditedView(
                new MessageId(room, e.MessageSeq).ToString(), e.N, e.Text, e.Time, [.. e.Mentions.Select(user => user.Value)])
            {
                Audience = e.Audience.WireName(),
            },
            BodySize = e => (3 * WireSize.Number) + WireSize.Of(e.Text) + WireSize.Of(e.Mentions),
        },
        new RoomEventFormat<MessageDeleted, MessageDeletedView>(
            W.Event.BodyOneofCase.MessageDeleted, "message.deleted", RoomEventJson.Relaxed.EventFrameMessageDeletedView)
        {
            ToWire = (e, wire) => wire.MessageDeleted = new W.MessageDeleted
            {
                MessageSeq = e.MessageSeq,
                N = e.N,
                By = ToWire(e.By),
                Files = { e.Files.Select(file => file.Value) },
            },
            FromWire = (seq, time, wire) => new MessageDeleted(
                seq,
                time,
                wire.MessageDeleted.MessageSeq,
                wire.MessageDeleted.N,
                FromWire(wire.MessageDeleted.By),
                [.. wire.MessageDeleted.Files.Select(id => new FileId(id))]),
            View = (room, e) =>
                new MessageDeletedView(new MessageId(room, e.MessageSeq).ToString(), e.N, UserView.From(e.By), e.Time),
            BodySize = e => WireSize.Number + WireSize.Number + WireSize.Of(e.By) + e.Files.Sum(file => WireSize.Of(file.Value)),
        },
        new RoomEventFormat<ReactionSet, ReactionSetView>(
            W.Event.BodyOneofCase.ReactionSet, "reaction.set", RoomEventJson.Relaxed.EventFrameReactionSetView)
        {
            ToWire = (e, wire) => wire.ReactionSet = new W.ReactionSet
            {
                MessageSeq = e.MessageSeq,
                N = e.N,
                User = ToWire(e.User),
                Emoji = e.Emoji,
                On = e.On,
                Count = e.Count,
            },
            FromWire = (seq, time, wire) => new ReactionSet(
                seq,
                time,
                wire.ReactionSet.MessageSeq,
                wire.ReactionSet.N,
                FromWire(wire.ReactionSet.User),
                wire.ReactionSet.Emoji,
                wire.ReactionSet.On,
                wire.ReactionSet.Count),
            View = (room, e) => new ReactionSetView(
                new MessageId(room, e.MessageSeq).ToString(), e.N, UserView.From(e.User), e.Emoji, e.On, e.Count),
            BodySize = e => (4 * WireSize.Number) + WireSize.Of(e.User) + WireSize.Of(e.Emoji),
        },
        new RoomEventFormat<MessagePinned, MessagePinnedView>(
            W.Event.BodyOneofCase.MessagePinned, "message.pinned", RoomEventJson.Relaxed.EventFrameMessagePinnedView)
        {
            ToWire = (e, wire) => wire.MessagePinned = new W.MessagePinned
            {
                MessageSeq = e.MessageSeq,
                N = e.N,
                By = ToWire(e.By),
                On = e.On,
            },
            FromWire = (seq, time, wire) => new MessagePinned(
                seq, time, wire.MessagePinned.MessageSeq, wire.MessagePinned.N, FromWire(wire.MessagePinned.By), wire.MessagePinned.On),
            View = (room, e) =>
                new MessagePinnedView(new MessageId(room, e.MessageSeq).ToString(), e.N, UserView.From(e.By), e.On, e.Time),
            BodySize = e => (3 * WireSize.Number) + WireSize.Of(e.By),
        },
    ];

    // Must follow Formats, from which they are built.
    private static readonly FrozenDictionary<Type, RoomEventFormat> ByType = Formats.ToFrozenDictionary(format => format.Type);
    private static readonly RoomEventFormat?[] ByBody = IndexByBody();

    /// <summary>An upper bound of the event's bytes in a journal row or a broadcast.</summary>
    public static int SizeOf(RoomEvent @event) => For(@event).Size(@event);

    /// <summary>The event's <c>ev</c>.</summary>
    public static string NameOf(RoomEvent @event) => For(@event).Name;

    /// <exception cref="ArgumentException">The event is not in the catalogue.</exception>
    internal static RoomEventFormat For(RoomEvent @event) =>
        ByType.TryGetValue(@event.GetType(), out var format)
            ? format
            : throw new ArgumentException($"{@event.GetType().FullName} is not in the catalogue of a room's events.", nameof(@event));

    /// <exception cref="InvalidDataException">The body is of a later version.</exception>
    internal static RoomEventFormat For(W.Event wire) =>
        ByBody[(int)wire.BodyCase] ?? throw new InvalidDataException($"Event {wire.Seq} has a body that this version does not know.");

    private static RoomEventFormat?[] IndexByBody()
    {
        var index = new RoomEventFormat?[Enum.GetValues<W.Event.BodyOneofCase>().Max(body => (int)body) + 1];
        foreach (var format in Formats)
        {
            index[(int)format.Body] = format;
        }

        return index;
    }
}
