using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>A durable event of a room.</summary>
/// <param name="Seq">Its position in the room's order: 1, 2, 3, … without gaps over all durable events.</param>
/// <param name="Time">The room's clock when it was decided, to the millisecond.</param>
public abstract record RoomEvent(long Seq, DateTimeOffset Time);

public sealed record RoomCreated(long Seq, DateTimeOffset Time, string Name, string Topic, RoomVisibility Visibility, UserRef By)
    : RoomEvent(Seq, Time);

public sealed record MemberJoined(long Seq, DateTimeOffset Time, UserRef User, MemberRole Role)
    : RoomEvent(Seq, Time);

public sealed record MemberLeft(long Seq, DateTimeOffset Time, UserRef User, LeaveReason Reason)
    : RoomEvent(Seq, Time), IMemberRemoval;

/// <summary>Ends a membership: the user gets nothing of the room after this event.</summary>
public interface IMemberRemoval
{
    long Seq { get; }

    DateTimeOffset Time { get; }

    UserRef User { get; }

    LeaveReason Reason { get; }
}

/// <param name="Why">For people; may be empty.</param>
public sealed record MemberKicked(long Seq, DateTimeOffset Time, UserRef User, UserRef By, string Why)
    : RoomEvent(Seq, Time), IMemberRemoval
{
    public LeaveReason Reason => LeaveReason.Kicked;
}

/// <summary>The user cannot join any more until <see cref="MemberUnbanned"/>.</summary>
/// <param name="Why">For people; may be empty.</param>
/// <param name="WasMember">Whether this ended a membership.</param>
public sealed record MemberBanned(long Seq, DateTimeOffset Time, UserRef User, UserRef By, string Why, bool WasMember)
    : RoomEvent(Seq, Time), IMemberRemoval
{
    public LeaveReason Reason => LeaveReason.Banned;
}

public sealed record MemberUnbanned(long Seq, DateTimeOffset Time, UserRef User, UserRef By)
    : RoomEvent(Seq, Time);

public sealed record MemberRoleChanged(long Seq, DateTimeOffset Time, UserRef User, MemberRole Role, UserRef By)
    : RoomEvent(Seq, Time);

/// <summary>Whom a message mentions besides those whom it names. The wire values are stable.</summary>
public enum Audience
{
    None = 0,

    /// <summary>Everybody who was a member then. They are not listed: there may be very many.</summary>
    Room = 1,

    /// <summary>The members who were online then: they are listed among the mentions.</summary>
    Here = 2,
}

/// <param name="N">Its number among the room's messages only, from 1.</param>
/// <param name="ReplyToSeq">The <c>seq</c> of the message that this one replies to, or 0.</param>
/// <param name="Mentions">The members mentioned in the text, each once, without those whom <see cref="Audience.Room"/> means.</param>
public sealed record MessagePosted(
    long Seq,
    DateTimeOffset Time,
    long N,
    Guid ClientId,
    UserRef Author,
    string Text,
    long ReplyToSeq,
    IReadOnlyList<UserId> Mentions)
    : RoomEvent(Seq, Time)
{
    public IReadOnlyList<MessageFile> Files { get; init; } = [];

    public Audience Audience { get; init; }

    /// <summary>
    /// When the text that this shows was written, if that was an edit. Set only where the event is read back for a client, which sees the
    /// message as it is now; never stored.
    /// </summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Whether the message is deleted by now, so that nothing of it is shown. Set and stored as <see cref="EditedAt"/>.</summary>
    public bool IsDeleted { get; init; }
}

/// <summary>The new text of a message, by its author.</summary>
/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
/// <param name="Mentions">The members mentioned in the new text, each once.</param>
public sealed record MessageEdited(
    long Seq, DateTimeOffset Time, long MessageSeq, long N, string Text, IReadOnlyList<UserId> Mentions)
    : RoomEvent(Seq, Time)
{
    public Audience Audience { get; init; }
}

/// <summary>A message of which only its place in the history remains.</summary>
/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
/// <param name="Files">The files that it carried: they go with it.</param>
public sealed record MessageDeleted(
    long Seq, DateTimeOffset Time, long MessageSeq, long N, UserRef By, IReadOnlyList<FileId> Files)
    : RoomEvent(Seq, Time);

/// <summary>A user reacts to a message with an emoji, or takes it back.</summary>
/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
/// <param name="Count">How many users react with this emoji from now on.</param>
public sealed record ReactionSet(
    long Seq, DateTimeOffset Time, long MessageSeq, long N, UserRef User, string Emoji, bool On, long Count)
    : RoomEvent(Seq, Time);

/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
/// <param name="On">Whether it is pinned from now on.</param>
public sealed record MessagePinned(long Seq, DateTimeOffset Time, long MessageSeq, long N, UserRef By, bool On)
    : RoomEvent(Seq, Time);

public sealed record RoomTopicChanged(long Seq, DateTimeOffset Time, string Topic, UserRef By)
    : RoomEvent(Seq, Time);

public sealed record RoomRenamed(long Seq, DateTimeOffset Time, string Name, UserRef By)
    : RoomEvent(Seq, Time);

public sealed record RoomVisibilityChanged(long Seq, DateTimeOffset Time, RoomVisibility Visibility, UserRef By)
    : RoomEvent(Seq, Time);

/// <param name="Archived">Whether nobody writes in the room from now on.</param>
public sealed record RoomArchived(long Seq, DateTimeOffset Time, bool Archived, UserRef By)
    : RoomEvent(Seq, Time);

/// <summary>The last event of a room: for everybody it does not exist any more. Ends every membership.</summary>
public sealed record RoomDeleted(long Seq, DateTimeOffset Time, UserRef By)
    : RoomEvent(Seq, Time);

/// <summary>How a linked page describes itself.</summary>
/// <param name="Url">As written in the message.</param>
/// <param name="Title">Never empty.</param>
/// <param name="Description">May be empty.</param>
/// <param name="Site">The name of the site, or its host.</param>
public sealed record LinkCard(string Url, string Title, string Description, string Site)
{
    /// <summary>The page's picture in the object store; null if there is none.</summary>
    public LinkImage? Image { get; init; }
}

/// <param name="Width">In pixels, as <paramref name="Height"/>.</param>
/// <param name="Placeholder">A picture of a few bytes to show before the image is there, as a data URL.</param>
public sealed record LinkImage(FileId Id, int Width, int Height, string Placeholder);

/// <summary>The new link cards of a message; none if they were removed.</summary>
/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
public sealed record LinkAttached(long Seq, DateTimeOffset Time, long MessageSeq, long N, IReadOnlyList<LinkCard> Cards)
    : RoomEvent(Seq, Time);

/// <summary>Whether messages of the room get link cards.</summary>
public sealed record RoomLinkCardsChanged(long Seq, DateTimeOffset Time, bool LinkCards, UserRef By)
    : RoomEvent(Seq, Time);

/// <param name="Picture">A file; null where the room has no picture any more.</param>
/// <param name="Previous">What it takes the place of, which nobody needs then.</param>
public sealed record RoomPictureChanged(long Seq, DateTimeOffset Time, FileId? Picture, FileId? Previous, UserRef By)
    : RoomEvent(Seq, Time);

/// <summary>One row of a room's journal.</summary>
public interface IRoomJournalEntry;

/// <summary>The events of one group commit: at least one, contiguous by <c>seq</c>.</summary>
public sealed record RoomEventBatch(IReadOnlyList<RoomEvent> Events) : IRoomJournalEntry;

/// <summary>
/// A new incarnation's claim on the journal, written before it serves anything. Once it is committed, a write by an older incarnation that
/// still runs elsewhere violates the journal's unique key and fails.
/// </summary>
public sealed record RoomFence(string Incarnation, DateTimeOffset Time) : IRoomJournalEntry;

public sealed record RoomMember(UserRef User, MemberRole Role, long JoinedSeq);

/// <summary>A message whose retry the room recognises.</summary>
/// <param name="BodyHash">Distinguishes a retry from another message with the same client id.</param>
public sealed record SeenMessage(UserId Author, Guid ClientId, long Seq, long N, DateTimeOffset Time, ulong BodyHash);

/// <summary>A message whose link cards the room remembers.</summary>
/// <param name="Removed">Whether they were removed, so that they are not attached again.</param>
public sealed record LinkedMessage(long Seq, bool Removed);

/// <summary>The whole state of a room at <see cref="Seq"/>.</summary>
/// <param name="Seen">Ascending by <c>seq</c>.</param>
/// <param name="SeenFloor">The newest time of a client id dropped from <paramref name="Seen"/>.</param>
/// <param name="Linked">Ascending by <c>seq</c>.</param>
/// <param name="LinkFloor">The newest message dropped from <paramref name="Linked"/>.</param>
public sealed record RoomSnapshot(
    long Seq,
    long N,
    string Name,
    string Topic,
    RoomVisibility Visibility,
    DateTimeOffset CreatedAt,
    IReadOnlyList<RoomMember> Members,
    IReadOnlyList<SeenMessage> Seen,
    DateTimeOffset SeenFloor,
    bool LinkCardsOff,
    IReadOnlyList<LinkedMessage> Linked,
    long LinkFloor)
{
    public FileId? Picture { get; init; }

    /// <summary>Ascending by id.</summary>
    public IReadOnlyList<UserRef> Banned { get; init; } = [];

    public bool Archived { get; init; }

    /// <summary>Null unless the room is deleted.</summary>
    public UserId? DeletedBy { get; init; }

    /// <summary>The <c>seq</c> of each pinned message, ascending.</summary>
    public IReadOnlyList<long> Pins { get; init; } = [];
}
