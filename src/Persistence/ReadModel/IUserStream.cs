using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>One event of a user's stream: a change of one of the user's rooms, cursors or settings, on any device or by another user.</summary>
/// <param name="UserSeq">Dense per user: 1, 2, 3, …</param>
public abstract record UserEvent(long UserSeq, RoomId Room, DateTimeOffset Time);

public sealed record MembershipAdded(long UserSeq, RoomId Room, DateTimeOffset Time) : UserEvent(UserSeq, Room, Time);

public sealed record MembershipRemoved(long UserSeq, RoomId Room, DateTimeOffset Time, LeaveReason Reason) : UserEvent(UserSeq, Room, Time);

/// <param name="N">The read cursor's new position.</param>
/// <param name="Unread">Counted when the event is read, not when it was written: only the newest count is useful.</param>
/// <param name="IsBack">The user wants what follows to be unread again.</param>
public sealed record ReadUpdated(long UserSeq, RoomId Room, DateTimeOffset Time, long N, long Unread, long Mentions, bool IsBack)
    : UserEvent(UserSeq, Room, Time);

/// <summary>The user does not want to hear from <paramref name="Other"/>, or does again.</summary>
public sealed record UserBlocked(long UserSeq, DateTimeOffset Time, UserId Other, bool On) : UserEvent(UserSeq, default, Time);

/// <summary>The user follows a thread, has stopped to, or has read in it: what holds now is read where it is sent.</summary>
/// <param name="Thread">The <c>seq</c> of its root.</param>
public sealed record ThreadUpdated(long UserSeq, RoomId Room, DateTimeOffset Time, long Thread) : UserEvent(UserSeq, Room, Time);

/// <param name="Hidden">Whether the direct room is out of the user's list until its next message.</param>
public sealed record DirectHidden(long UserSeq, RoomId Room, DateTimeOffset Time, bool Hidden) : UserEvent(UserSeq, Room, Time);

/// <param name="MessageSeq">The <c>seq</c> of the message.</param>
public sealed record MessageSaved(long UserSeq, RoomId Room, DateTimeOffset Time, long MessageSeq, bool On) : UserEvent(UserSeq, Room, Time);

/// <param name="Preferences">As they are when the event is read.</param>
public sealed record PreferencesChanged(long UserSeq, RoomId Room, DateTimeOffset Time, RoomPreferences Preferences) : UserEvent(UserSeq, Room, Time);

/// <summary>The user's settings, or whether some browser gets pushes: what they are now is read where it is sent.</summary>
public sealed record SettingsChanged(long UserSeq, RoomId Room, DateTimeOffset Time) : UserEvent(UserSeq, Room, Time);

/// <summary>
/// Of a kind that this version does not know: in a rolling upgrade a newer node has written it. It has its number, so that the stream goes on.
/// </summary>
public sealed record UnknownUserEvent(long UserSeq, RoomId Room, DateTimeOffset Time) : UserEvent(UserSeq, Room, Time);

/// <param name="Events">Ascending and contiguous by <c>useq</c>.</param>
/// <param name="UserSeq">The stream's newest <c>useq</c> when the page was read.</param>
/// <param name="Reset">
/// The stream no longer reaches back that far, or the reader is ahead of it: read a full snapshot instead.
/// </param>
public sealed record UserEventPage(IReadOnlyList<UserEvent> Events, long UserSeq, bool Reset);

/// <summary>
/// The events that all devices of a user receive. Written by the projection, in the transaction that moves a room's offset, by
/// <see cref="IReadCursors"/>, by <see cref="RoomPreferenceStore"/>, and where a user blocks another, hides a direct room, saves a message or reads a
/// thread. About the newest 1,000 events
/// of each user are kept.
/// </summary>
public interface IUserStream
{
    /// <summary>The most events in one page.</summary>
    const int MaxEvents = 500;

    /// <returns>0 for a user without events.</returns>
    Task<long> GetSeqAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Reads events <paramref name="afterUserSeq"/> + 1, + 2, …</summary>
    Task<UserEventPage> ReadAsync(UserId user, long afterUserSeq, int limit, CancellationToken cancellationToken = default);

    /// <summary>The newest <c>useq</c> of each user who has one, for edges to compare with what they have sent.</summary>
    Task<IReadOnlyDictionary<UserId, long>> GetSeqsAsync(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellationToken = default);
}
