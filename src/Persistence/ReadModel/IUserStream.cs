using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>One event of a user's stream: what happened to a room of theirs on some device or by somebody else's hand.</summary>
/// <param name="UserSeq">Dense per user: 1, 2, 3, …</param>
public abstract record UserEvent(long UserSeq, RoomId Room, DateTimeOffset Time);

public sealed record MembershipAdded(long UserSeq, RoomId Room, DateTimeOffset Time) : UserEvent(UserSeq, Room, Time);

public sealed record MembershipRemoved(long UserSeq, RoomId Room, DateTimeOffset Time) : UserEvent(UserSeq, Room, Time);

/// <param name="N">Where the read cursor went.</param>
/// <param name="Unread">As of the reading of this event, not of its writing: the newest counts are the only ones of use.</param>
public sealed record ReadUpdated(long UserSeq, RoomId Room, DateTimeOffset Time, long N, long Unread, long Mentions)
    : UserEvent(UserSeq, Room, Time);

/// <param name="Events">Ascending and contiguous by <c>useq</c>.</param>
/// <param name="UserSeq">The stream's newest <c>useq</c> when the page was read.</param>
/// <param name="Reset">
/// The stream no longer reaches back that far, or the reader is ahead of it: read a full snapshot instead.
/// </param>
public sealed record UserEventPage(IReadOnlyList<UserEvent> Events, long UserSeq, bool Reset);

/// <summary>
/// What all devices of a user must hear. It is written by the projection, in the transaction that moves a room's offset, and by
/// <see cref="IReadCursors"/>; about the newest 1,000 events a user are kept.
/// </summary>
public interface IUserStream
{
    /// <summary>The most events in one page.</summary>
    const int MaxEvents = 500;

    /// <returns>0 for a user without events.</returns>
    Task<long> GetSeqAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Reads events <paramref name="afterUserSeq"/> + 1, + 2, …</summary>
    Task<UserEventPage> ReadAsync(UserId user, long afterUserSeq, int limit, CancellationToken cancellationToken = default);

    /// <summary>The newest <c>useq</c> of each user who has one, for edges that compare what they have told their sockets.</summary>
    Task<IReadOnlyDictionary<UserId, long>> GetSeqsAsync(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellationToken = default);
}
