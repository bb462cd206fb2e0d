using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>A user as others see one: never with an e-mail address.</summary>
public sealed record UserRef(UserId Id, string Username, string DisplayName);

public enum RoomVisibility
{
    Public = 0,
    Private = 1,
}

public enum MemberRole
{
    Member = 0,
    Owner = 1,
}

public enum LeaveReason
{
    Left = 0,
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

    /// <summary>A send whose predecessor the room has not taken: nothing was stored.</summary>
    OutOfOrder = 8,
}

/// <summary>
/// The place of one attempt to send among the attempts of one connection. A room takes an attempt only if it is newer than all that it has
/// had of the stream, and its predecessor, where it has one, is the last that it took. So no send is stored ahead of an earlier one of its
/// connection, whatever is lost or delayed on the way. Rooms keep this in memory alone: one that has just started takes only what has no
/// predecessor.
/// </summary>
/// <param name="Stream">The connection.</param>
/// <param name="Number">Grows with each attempt of the connection, in whatever room, and is never used again.</param>
/// <param name="Follows">The predecessor's number; 0 where all earlier sends of the connection into the room have been settled.</param>
public sealed record SendOrder(long Stream, long Number, long Follows);

/// <summary>
/// What travels to, from and on behalf of one room. Each message has exactly one category: command, query, reply, event or broadcast.
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

    /// <summary>A command that may change the room: its state decides it, and the reply leaves once the events are committed.</summary>
    public interface IRoomCommand : ICommand;

    public interface IReply;

    public interface IBroadcast : IRoomMessage;

    // Commands.

    public sealed record CreateRoom(RoomId Room, string Name, string Topic, RoomVisibility Visibility, UserRef By) : IRoomCommand;

    public sealed record JoinRoom(RoomId Room, UserRef User) : IRoomCommand;

    public sealed record LeaveRoom(RoomId Room, UserRef User) : IRoomCommand;

    public sealed record ChangeTopic(RoomId Room, string Topic, UserRef By) : IRoomCommand;

    /// <summary>Attaches cards to a message that has had none yet; where it has, nothing changes.</summary>
    /// <param name="MessageSeq">The <c>seq</c> of the message.</param>
    /// <param name="N">The number of the message.</param>
    public sealed record AttachLinkCards(RoomId Room, long MessageSeq, long N, IReadOnlyList<LinkCard> Cards) : IRoomCommand;

    /// <summary>Removes the cards of a message for good. That <paramref name="By"/> wrote it has been checked by who sends this.</summary>
    public sealed record RemoveLinkCards(RoomId Room, long MessageSeq, long N, UserRef By) : IRoomCommand;

    public sealed record ChangeLinkCards(RoomId Room, bool LinkCards, UserRef By) : IRoomCommand;

    /// <param name="ClientId">The client's UUIDv7: unique per room and author.</param>
    /// <param name="ReplyToSeq">The <c>seq</c> of the message answered, or 0.</param>
    /// <param name="Order">Null: it is taken whenever it comes.</param>
    public sealed record PostMessage(
        RoomId Room, UserRef Author, Guid ClientId, string Text, long ReplyToSeq, SendOrder? Order = null) : IRoomCommand;

    /// <summary>Takes or renews the lease of an edge on the room's broadcasts. Answered by <see cref="WatchAck"/>.</summary>
    public sealed record WatchRoom(RoomId Room, EdgeId Edge) : ICommand;

    /// <summary>Ends the lease. Not answered: a lost one runs out.</summary>
    public sealed record UnwatchRoom(RoomId Room, EdgeId Edge) : ICommand;

    /// <summary>Ephemeral, not answered.</summary>
    public sealed record NotifyTyping(RoomId Room, UserId User) : ICommand;

    // Replies.

    public sealed record PostAck(long Seq, long N, DateTimeOffset Time, bool Duplicate) : IReply;

    /// <param name="Seq">The room's head once the change is committed.</param>
    /// <param name="Changed">False where it was so already.</param>
    public sealed record ChangeAck(long Seq, bool Changed) : IReply;

    public sealed record WatchAck(RoomId Room, long Seq, long N) : IReply;

    public sealed record Nack(NackCode Code, string Message, TimeSpan RetryAfter) : IReply
    {
        public Nack(NackCode code, string message)
            : this(code, message, TimeSpan.Zero)
        {
        }
    }

    // Broadcasts.

    /// <summary>Events just committed, contiguous and ascending by <c>seq</c>.</summary>
    public sealed record Committed(RoomId Room, IReadOnlyList<RoomEvent> Events) : IBroadcast;

    public sealed record Typing(RoomId Room, UserId User) : IBroadcast;

    /// <summary>The head of a room that has gone quiet, so that a lost last event shows.</summary>
    public sealed record Head(RoomId Room, long Seq, long N) : IBroadcast;

    /// <summary>A new incarnation of the room is up and has no leases yet.</summary>
    public sealed record Started(RoomId Room, long Seq, long N) : IBroadcast;
}
