using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>A user as others see them: never with an e-mail address.</summary>
public sealed record UserRef(UserId Id, string Username, string DisplayName);

public enum RoomVisibility
{
    Public = 0,
    Private = 1,

    /// <summary>A conversation of the same two to ten people for good. It has no name and no roles; nobody joins, leaves or is removed.</summary>
    Direct = 2,
}

/// <summary>The wire values are stable, and do not order the roles: <see cref="MemberRoles.Rank"/> does.</summary>
public enum MemberRole
{
    Member = 0,
    Owner = 1,
    Admin = 2,
}

public static class MemberRoles
{
    /// <summary>Members, admins, owners, ascending.</summary>
    public static int Rank(this MemberRole role) => role switch
    {
        MemberRole.Owner => 2,
        MemberRole.Admin => 1,
        _ => 0,
    };

    public static bool IsAtLeast(this MemberRole role, MemberRole other) => role.Rank() >= other.Rank();
}

/// <summary>Why a membership ended. The wire values are stable.</summary>
public enum LeaveReason
{
    Left = 0,
    Kicked = 1,
    Banned = 2,

    /// <summary>The room was deleted.</summary>
    Deleted = 3,
}

/// <summary>Why a command was not carried out. The wire values are stable.</summary>
public enum NackCode
{
    NotFound = 1,
    Forbidden = 2,
    Invalid = 3,
    TooLarge = 4,
    Busy = 5,
    IdempotencyConflict = 6,
    Unavailable = 7,

    /// <summary>The room has not accepted the send's predecessor: nothing was stored.</summary>
    OutOfOrder = 8,

    /// <summary>The room would be left without an owner.</summary>
    LastOwner = 9,

    /// <summary>Somebody does not want to hear from the user. Edges answer with it; rooms do not know.</summary>
    Blocked = 10,

    /// <summary>Nobody writes in the room any more.</summary>
    Archived = 11,
}

/// <summary>
/// The position of a send attempt among the attempts of one connection. A room accepts an attempt only if it is newer than all attempts of
/// the stream so far and its predecessor, if any, is the last one accepted. So no send is stored ahead of an earlier one of its connection,
/// whatever is lost or delayed on the way. Rooms keep this only in memory: one that has just started accepts only attempts without a
/// predecessor.
/// </summary>
/// <param name="Stream">The connection.</param>
/// <param name="Number">Grows with each attempt of the connection, across all rooms, and is never reused.</param>
/// <param name="Follows">The predecessor's number; 0 when all earlier sends of the connection to the room are settled.</param>
public sealed record SendOrder(long Stream, long Number, long Follows);

/// <summary>The trace that an event belongs to.</summary>
/// <param name="Trace">W3C's <c>traceparent</c>.</param>
public sealed record EventTrace(long Seq, string Trace)
{
    /// <summary>An upper bound on the wire.</summary>
    public const int WireBytes = 80;
}

/// <summary>A room's reply to an actor of an edge, in a <see cref="RoomProtocol.EdgeBatch"/>.</summary>
/// <param name="To">The actor's path, without the edge's address.</param>
public sealed record EdgeAnswer(string To, RoomProtocol.IReply Reply) : RoomProtocol.IEdgeItem;

/// <summary>
/// Messages to, from and on behalf of a room. Each has exactly one category: command, query, reply, event or broadcast.
/// A command or query gets exactly one reply on every path.
/// </summary>
public static partial class RoomProtocol
{
    /// <summary>Routed to the room's entity by <see cref="Room"/>.</summary>
    public interface IRoomMessage
    {
        RoomId Room { get; }
    }

    public interface ICommand : IRoomMessage;

    /// <summary>A command that may change the room: the room's state decides, and the reply waits for the events' commit.</summary>
    public interface IRoomCommand : ICommand;

    /// <summary>A command that changes a message. The room knows of it, or looks it up first.</summary>
    public interface IMessageCommand : IRoomCommand
    {
        /// <summary>The <c>seq</c> of the message.</summary>
        long MessageSeq { get; }

        UserRef By { get; }
    }

    public interface IReply;

    /// <summary>What an <see cref="EdgeBatch"/> carries.</summary>
    public interface IEdgeItem;

    public interface IBroadcast : IRoomMessage, IEdgeItem;

    // Commands.

    public sealed record CreateRoom(RoomId Room, string Name, string Topic, RoomVisibility Visibility, UserRef By) : IRoomCommand;

    /// <summary>Makes the direct room of these people, <see cref="By"/> among them, unless it is there: its id follows from theirs.</summary>
    public sealed record OpenDirect(RoomId Room, IReadOnlyList<UserRef> Members, UserRef By) : IRoomCommand;

    /// <param name="Invited">By a valid invitation, which also opens a private room.</param>
    public sealed record JoinRoom(RoomId Room, UserRef User, bool Invited = false) : IRoomCommand;

    public sealed record LeaveRoom(RoomId Room, UserRef User) : IRoomCommand;

    /// <param name="Why">For people; may be empty.</param>
    public sealed record KickMember(RoomId Room, UserId User, string Why, UserRef By) : IRoomCommand;

    /// <param name="User">Need not be a member.</param>
    /// <param name="Why">For people; may be empty.</param>
    public sealed record BanUser(RoomId Room, UserRef User, string Why, UserRef By) : IRoomCommand;

    public sealed record UnbanUser(RoomId Room, UserId User, UserRef By) : IRoomCommand;

    public sealed record ChangeRole(RoomId Room, UserId User, MemberRole Role, UserRef By) : IRoomCommand;

    public sealed record RenameRoom(RoomId Room, string Name, UserRef By) : IRoomCommand;

    /// <param name="Visibility">Public or private.</param>
    public sealed record ChangeVisibility(RoomId Room, RoomVisibility Visibility, UserRef By) : IRoomCommand;

    public sealed record ArchiveRoom(RoomId Room, bool Archived, UserRef By) : IRoomCommand;

    public sealed record DeleteRoom(RoomId Room, UserRef By) : IRoomCommand;

    public sealed record ChangeTopic(RoomId Room, string Topic, UserRef By) : IRoomCommand;

    /// <summary>Attaches cards to a message. Changes nothing if the message has had cards before.</summary>
    /// <param name="MessageSeq">The <c>seq</c> of the message.</param>
    /// <param name="N">The number of the message.</param>
    public sealed record AttachLinkCards(RoomId Room, long MessageSeq, long N, IReadOnlyList<LinkCard> Cards) : IRoomCommand;

    /// <summary>Removes the cards of a message for good. The sender has checked that <paramref name="By"/> wrote it.</summary>
    public sealed record RemoveLinkCards(RoomId Room, long MessageSeq, long N, UserRef By) : IRoomCommand;

    public sealed record ChangeLinkCards(RoomId Room, bool LinkCards, UserRef By) : IRoomCommand;

    /// <param name="Picture">A picture of this room that its file says is one; null: the room is to have none.</param>
    public sealed record ChangePicture(RoomId Room, FileId? Picture, UserRef By) : IRoomCommand;

    public sealed record EditMessage(RoomId Room, long MessageSeq, string Text, UserRef By) : IMessageCommand
    {
        /// <inheritdoc cref="PostMessage.Here"/>
        public IReadOnlyList<UserId> Here { get; init; } = [];
    }

    public sealed record DeleteMessage(RoomId Room, long MessageSeq, UserRef By) : IMessageCommand;

    public sealed record SetReaction(RoomId Room, long MessageSeq, string Emoji, bool On, UserRef By) : IMessageCommand;

    public sealed record PinMessage(RoomId Room, long MessageSeq, bool On, UserRef By) : IMessageCommand;

    /// <param name="ClientId">The client's UUIDv7: unique per room and author.</param>
    /// <param name="ReplyToSeq">The <c>seq</c> of the message that this one replies to, or 0.</param>
    /// <param name="Order">Null: accepted in any order.</param>
    public sealed record PostMessage(
        RoomId Room, UserRef Author, Guid ClientId, string Text, long ReplyToSeq, SendOrder? Order = null) : IRoomCommand
    {
        /// <summary>Already reserved for this message.</summary>
        public IReadOnlyList<MessageFile> Files { get; init; } = [];

        /// <summary>Who is online, where the text has <c>@here</c>: rooms do not know. The room leaves out those who are not its members.</summary>
        public IReadOnlyList<UserId> Here { get; init; } = [];

        /// <summary>The sender's edge, whose next batch may carry the reply. Null: reply directly.</summary>
        public EdgeId? Edge { get; init; }

        /// <summary>The trace context, W3C's <c>traceparent</c>; null when not traced.</summary>
        public string? Trace { get; init; }
    }

    /// <summary>Takes or renews the lease of an edge on the room's broadcasts. Answered by <see cref="WatchAck"/>.</summary>
    public sealed record WatchRoom(RoomId Room, EdgeId Edge) : ICommand;

    /// <summary>Ends the lease. No reply: if it is lost, the lease expires.</summary>
    public sealed record UnwatchRoom(RoomId Room, EdgeId Edge) : ICommand;

    /// <summary>Ephemeral; no reply.</summary>
    public sealed record NotifyTyping(RoomId Room, UserId User) : ICommand;

    // Replies.

    public sealed record PostAck(long Seq, long N, DateTimeOffset Time, bool Duplicate) : IReply;

    /// <param name="Seq">The room's head once the change is committed.</param>
    /// <param name="Changed">False when nothing had to change.</param>
    public sealed record ChangeAck(long Seq, bool Changed) : IReply;

    public sealed record WatchAck(RoomId Room, long Seq) : IReply;

    public sealed record Nack(NackCode Code, string Message, TimeSpan RetryAfter) : IReply
    {
        public Nack(NackCode code, string message)
            : this(code, message, TimeSpan.Zero)
        {
        }
    }

    // Broadcasts.

    /// <summary>Events just committed, contiguous and ascending by <c>seq</c>.</summary>
    public sealed record Committed(RoomId Room, IReadOnlyList<RoomEvent> Events) : IBroadcast
    {
        /// <summary>For the events that are traced; usually none.</summary>
        public IReadOnlyList<EventTrace> Traces { get; init; } = [];
    }

    public sealed record Typing(RoomId Room, UserId User) : IBroadcast;

    /// <summary>The head of a room that has gone quiet. It reveals that the last event was lost.</summary>
    public sealed record Head(RoomId Room, long Seq, long N) : IBroadcast;

    /// <summary>Replies and broadcasts from the rooms of one node to one edge, in order, in one message.</summary>
    public sealed record EdgeBatch(IReadOnlyList<IEdgeItem> Items);

    /// <summary>A new incarnation of the room is up and has no leases yet.</summary>
    public sealed record Started(RoomId Room, long Seq) : IBroadcast;
}
