using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Serialization;
using static AkkaChat.Messages.Rooms.EdgeWire;
using static AkkaChat.Messages.Rooms.RoomProtocol;
using static AkkaChat.Messages.Rooms.RoomWire;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Rooms;

/// <summary>The wire and journal format of everything a room sends and stores: protobuf (<c>room.proto</c>) with short manifests.</summary>
public sealed class RoomSerializer(ExtendedActorSystem system) : ManifestSerializer(system, SerializerIds.Room, Table)
{
    private static readonly ManifestTable Table = new(
    [
        // The journal and the snapshot store.
        WireFormat.Of<RoomEventBatch, W.EventBatch>(
            "re-v1",
            W.EventBatch.Parser,
            m => new W.EventBatch { Events = { m.Events.Select(ToWire) } },
            w => new RoomEventBatch([.. w.Events.Select(FromWire)])),
        WireFormat.Of<RoomFence, W.Fence>(
            "rf-v1",
            W.Fence.Parser,
            m => new W.Fence { Incarnation = m.Incarnation, TimeMs = ToWire(m.Time) },
            w => new RoomFence(w.Incarnation, Time(w.TimeMs))),
        WireFormat.Of<RoomSnapshot, W.Snapshot>(
            "rs-v1",
            W.Snapshot.Parser,
            ToWire,
            FromWire),

        // Commands.
        WireFormat.Of<CreateRoom, W.CreateRoom>(
            "cr-v1",
            W.CreateRoom.Parser,
            m => new W.CreateRoom
            {
                Room = m.Room.Value,
                Name = m.Name,
                Topic = m.Topic,
                Visibility = (int)m.Visibility,
                By = ToWire(m.By),
            },
            w => new CreateRoom(new RoomId(w.Room), w.Name, w.Topic, (RoomVisibility)w.Visibility, FromWire(w.By))),
        WireFormat.Of<OpenDirect, W.OpenDirect>(
            "od-v1",
            W.OpenDirect.Parser,
            m => new W.OpenDirect { Room = m.Room.Value, Members = { m.Members.Select(ToWire) }, By = ToWire(m.By) },
            w => new OpenDirect(new RoomId(w.Room), [.. w.Members.Select(FromWire)], FromWire(w.By))),
        WireFormat.Of<JoinRoom, W.JoinRoom>(
            "jr-v1",
            W.JoinRoom.Parser,
            m => new W.JoinRoom { Room = m.Room.Value, User = ToWire(m.User), Invited = m.Invited },
            w => new JoinRoom(new RoomId(w.Room), FromWire(w.User), w.Invited)),
        WireFormat.Of<KickMember, W.KickMember>(
            "km-v1",
            W.KickMember.Parser,
            m => new W.KickMember { Room = m.Room.Value, User = m.User.Value, Reason = m.Why, By = ToWire(m.By) },
            w => new KickMember(new RoomId(w.Room), new UserId(w.User), w.Reason, FromWire(w.By))),
        WireFormat.Of<BanUser, W.BanUser>(
            "bu-v1",
            W.BanUser.Parser,
            m => new W.BanUser { Room = m.Room.Value, User = ToWire(m.User), Reason = m.Why, By = ToWire(m.By) },
            w => new BanUser(new RoomId(w.Room), FromWire(w.User), w.Reason, FromWire(w.By))),
        WireFormat.Of<UnbanUser, W.UnbanUser>(
            "uu-v1",
            W.UnbanUser.Parser,
            m => new W.UnbanUser { Room = m.Room.Value, User = m.User.Value, By = ToWire(m.By) },
            w => new UnbanUser(new RoomId(w.Room), new UserId(w.User), FromWire(w.By))),
        WireFormat.Of<ChangeRole, W.ChangeRole>(
            "ch-v1",
            W.ChangeRole.Parser,
            m => new W.ChangeRole { Room = m.Room.Value, User = m.User.Value, Role = (int)m.Role, By = ToWire(m.By) },
            w => new ChangeRole(new RoomId(w.Room), new UserId(w.User), (MemberRole)w.Role, FromWire(w.By))),
        WireFormat.Of<RenameRoom, W.RenameRoom>(
            "rn-v1",
            W.RenameRoom.Parser,
            m => new W.RenameRoom { Room = m.Room.Value, Name = m.Name, By = ToWire(m.By) },
            w => new RenameRoom(new RoomId(w.Room), w.Name, FromWire(w.By))),
        WireFormat.Of<ChangeVisibility, W.ChangeVisibility>(
            "cv-v1",
            W.ChangeVisibility.Parser,
            m => new W.ChangeVisibility { Room = m.Room.Value, Visibility = (int)m.Visibility, By = ToWire(m.By) },
            w => new ChangeVisibility(new RoomId(w.Room), (RoomVisibility)w.Visibility, FromWire(w.By))),
        WireFormat.Of<ArchiveRoom, W.ArchiveRoom>(
            "ar-v1",
            W.ArchiveRoom.Parser,
            m => new W.ArchiveRoom { Room = m.Room.Value, Archived = m.Archived, By = ToWire(m.By) },
            w => new ArchiveRoom(new RoomId(w.Room), w.Archived, FromWire(w.By))),
        WireFormat.Of<DeleteRoom, W.DeleteRoom>(
            "dr-v1",
            W.DeleteRoom.Parser,
            m => new W.DeleteRoom { Room = m.Room.Value, By = ToWire(m.By) },
            w => new DeleteRoom(new RoomId(w.Room), FromWire(w.By))),
        WireFormat.Of<LeaveRoom, W.LeaveRoom>(
            "lr-v1",
            W.LeaveRoom.Parser,
            m => new W.LeaveRoom { Room = m.Room.Value, User = ToWire(m.User) },
            w => new LeaveRoom(new RoomId(w.Room), FromWire(w.User))),
        WireFormat.Of<ChangeTopic, W.ChangeTopic>(
            "ct-v1",
            W.ChangeTopic.Parser,
            m => new W.ChangeTopic { Room = m.Room.Value, Topic = m.Topic, By = ToWire(m.By) },
            w => new ChangeTopic(new RoomId(w.Room), w.Topic, FromWire(w.By))),
        WireFormat.Of<AttachLinkCards, W.AttachLinkCards>(
            "al-v1",
            W.AttachLinkCards.Parser,
            m => new W.AttachLinkCards { Room = m.Room.Value, MessageSeq = m.MessageSeq, N = m.N, Cards = { m.Cards.Select(ToWire) } },
            w => new AttachLinkCards(new RoomId(w.Room), w.MessageSeq, w.N, [.. w.Cards.Select(FromWire)])),
        WireFormat.Of<RemoveLinkCards, W.RemoveLinkCards>(
            "rl-v1",
            W.RemoveLinkCards.Parser,
            m => new W.RemoveLinkCards { Room = m.Room.Value, MessageSeq = m.MessageSeq, N = m.N, By = ToWire(m.By) },
            w => new RemoveLinkCards(new RoomId(w.Room), w.MessageSeq, w.N, FromWire(w.By))),
        WireFormat.Of<ChangeLinkCards, W.ChangeLinkCards>(
            "cl-v1",
            W.ChangeLinkCards.Parser,
            m => new W.ChangeLinkCards { Room = m.Room.Value, LinkCards = m.LinkCards, By = ToWire(m.By) },
            w => new ChangeLinkCards(new RoomId(w.Room), w.LinkCards, FromWire(w.By))),
        WireFormat.Of<ChangePicture, W.ChangePicture>(
            "cp-v1",
            W.ChangePicture.Parser,
            m => new W.ChangePicture { Room = m.Room.Value, Picture = ToWire(m.Picture), By = ToWire(m.By) },
            w => new ChangePicture(new RoomId(w.Room), File(w.Picture), FromWire(w.By))),
        WireFormat.Of<EditMessage, W.EditMessage>(
            "em-v1",
            W.EditMessage.Parser,
            m => new W.EditMessage { Room = m.Room.Value, MessageSeq = m.MessageSeq, Text = m.Text, By = ToWire(m.By), Here = { m.Here.Select(user => user.Value) } },
            w => new EditMessage(new RoomId(w.Room), w.MessageSeq, w.Text, FromWire(w.By)) { Here = [.. w.Here.Select(id => new UserId(id))] }),
        WireFormat.Of<DeleteMessage, W.DeleteMessage>(
            "dm-v1",
            W.DeleteMessage.Parser,
            m => new W.DeleteMessage { Room = m.Room.Value, MessageSeq = m.MessageSeq, By = ToWire(m.By) },
            w => new DeleteMessage(new RoomId(w.Room), w.MessageSeq, FromWire(w.By))),
        WireFormat.Of<SetReaction, W.SetReaction>(
            "sr-v1",
            W.SetReaction.Parser,
            m => new W.SetReaction { Room = m.Room.Value, MessageSeq = m.MessageSeq, Emoji = m.Emoji, On = m.On, By = ToWire(m.By) },
            w => new SetReaction(new RoomId(w.Room), w.MessageSeq, w.Emoji, w.On, FromWire(w.By))),
        WireFormat.Of<PinMessage, W.PinMessage>(
            "pn-v1",
            W.PinMessage.Parser,
            m => new W.PinMessage { Room = m.Room.Value, MessageSeq = m.MessageSeq, On = m.On, By = ToWire(m.By) },
            w => new PinMessage(new RoomId(w.Room), w.MessageSeq, w.On, FromWire(w.By))),
        WireFormat.Of<PostMessage, W.PostMessage>(
            "pm-v1",
            W.PostMessage.Parser,
            m => new W.PostMessage
            {
                Room = m.Room.Value,
                Author = ToWire(m.Author),
                ClientId = ToWire(m.ClientId),
                Text = m.Text,
                ReplyToSeq = m.ReplyToSeq,
                Stream = m.Order?.Stream ?? 0,
                Number = m.Order?.Number ?? 0,
                Follows = m.Order?.Follows ?? 0,
                Files = { m.Files.Select(ToWire) },
                Edge = m.Edge?.Value ?? "",
                Trace = m.Trace ?? "",
                ThreadSeq = m.ThreadSeq,
                Here = { m.Here.Select(user => user.Value) },
            },
            w => new PostMessage(
                new RoomId(w.Room),
                FromWire(w.Author),
                FromWire(w.ClientId),
                w.Text,
                w.ReplyToSeq,
                w.Number == 0 ? null : new SendOrder(w.Stream, w.Number, w.Follows))
            {
                Files = [.. w.Files.Select(FromWire)],
                Edge = w.Edge.Length == 0 ? null : new EdgeId(w.Edge),
                Trace = w.Trace.Length == 0 ? null : w.Trace,
                ThreadSeq = w.ThreadSeq,
                Here = w.Here.Count == 0 ? [] : [.. w.Here.Select(id => new UserId(id))],
            }),
        WireFormat.Of<WatchRoom, W.WatchRoom>(
            "wr-v1",
            W.WatchRoom.Parser,
            m => new W.WatchRoom { Room = m.Room.Value, Edge = m.Edge.Value },
            w => new WatchRoom(new RoomId(w.Room), new EdgeId(w.Edge))),
        WireFormat.Of<UnwatchRoom, W.UnwatchRoom>(
            "ur-v1",
            W.UnwatchRoom.Parser,
            m => new W.UnwatchRoom { Room = m.Room.Value, Edge = m.Edge.Value },
            w => new UnwatchRoom(new RoomId(w.Room), new EdgeId(w.Edge))),
        WireFormat.Of<NotifyTyping, W.NotifyTyping>(
            "nt-v1",
            W.NotifyTyping.Parser,
            m => new W.NotifyTyping { Room = m.Room.Value, User = m.User.Value },
            w => new NotifyTyping(new RoomId(w.Room), new UserId(w.User))),

        // Replies.
        WireFormat.Of<PostAck, W.PostAck>("pa-v1", W.PostAck.Parser, ToWire, FromWire),
        WireFormat.Of<ChangeAck, W.ChangeAck>("ca-v1", W.ChangeAck.Parser, ToWire, FromWire),
        WireFormat.Of<WatchAck, W.WatchAck>(
            "wa-v1",
            W.WatchAck.Parser,
            m => new W.WatchAck { Room = m.Room.Value, Seq = m.Seq },
            w => new WatchAck(new RoomId(w.Room), w.Seq)),
        WireFormat.Of<Nack, W.Nack>("na-v1", W.Nack.Parser, ToWire, FromWire),

        // Broadcasts.
        WireFormat.Of<Committed, W.Committed>("co-v1", W.Committed.Parser, ToWire, FromWire),
        WireFormat.Of<Typing, W.Typing>("ty-v1", W.Typing.Parser, ToWire, FromWire),
        WireFormat.Of<Head, W.Head>("hd-v1", W.Head.Parser, ToWire, FromWire),
        WireFormat.Of<Started, W.Started>(
            "st-v1",
            W.Started.Parser,
            m => new W.Started { Room = m.Room.Value, Seq = m.Seq },
            w => new Started(new RoomId(w.Room), w.Seq)),
        WireFormat.Of<EdgeBatch, W.EdgeBatch>(
            "eb-v1",
            W.EdgeBatch.Parser,
            m => new W.EdgeBatch { Items = { m.Items.Select(EdgeWire.ToWire) } },
            w => new EdgeBatch([.. w.Items.Select(EdgeWire.FromWire)])),
    ]);

    /// <summary>All formats, for the bindings and for tests.</summary>
    public static IReadOnlyList<WireFormat> Formats => Table.Formats;

    /// <summary>Reads a journal row that was fetched from the database without the journal plugin.</summary>
    /// <exception cref="System.Runtime.Serialization.SerializationException">The manifest is not one of a journal row.</exception>
    public static IRoomJournalEntry ReadJournalEntry(byte[] bytes, string manifest) => (IRoomJournalEntry)Table.For(manifest).Read(bytes);

    /// <summary>The same; null if the row holds something that this version would drop, since a later one has written it.</summary>
    /// <exception cref="System.Runtime.Serialization.SerializationException">The manifest is not one of a journal row.</exception>
    public static IRoomJournalEntry? ReadWholeJournalEntry(byte[] bytes, string manifest) =>
        (IRoomJournalEntry?)Table.For(manifest).ReadWhole(bytes);
}
