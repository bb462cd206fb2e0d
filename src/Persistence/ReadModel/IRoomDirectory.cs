using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="NextCursor">Asks for the page that follows; null on the last one. Opaque to clients.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A room as one user sees it.</summary>
/// <param name="LastMessage">Null in a room without messages, and where the viewer is not a member.</param>
/// <param name="Unread">0 where the viewer is not a member.</param>
/// <param name="Mentions">How many unread messages name the viewer.</param>
/// <param name="Role">Null where the viewer is not a member.</param>
/// <param name="ReadN">The viewer's read cursor; 0 where the viewer is not a member.</param>
/// <param name="LinkCards">Whether messages get link cards.</param>
/// <param name="Picture">Null where there is none.</param>
public sealed record RoomSummary(
    RoomId Id,
    string Name,
    string Topic,
    RoomVisibility Visibility,
    int MemberCount,
    StoredMessage? LastMessage,
    long Unread,
    long Mentions,
    bool Joined,
    MemberRole? Role,
    RoomHead Head,
    long ReadN,
    DateTimeOffset CreatedAt,
    bool LinkCards,
    FileId? Picture);

/// <param name="JoinedSeq">The <c>seq</c> of the join that made this membership.</param>
public sealed record RoomMembership(MemberRole Role, long JoinedSeq);

public sealed record RoomMemberEntry(UserRef User, MemberRole Role, long JoinedSeq, DateTimeOffset JoinedAt);

/// <summary>One line of a user's digest.</summary>
public sealed record MembershipDigest(RoomId Room, RoomHead Head, MemberRole Role, long JoinedSeq, long ReadN, long Unread, long Mentions);

/// <summary>
/// Rooms, their members and what each user has read. What was acknowledged before a call is in its answer, on two grounds. A method about
/// one room, or about the rooms of a user, first compares these rooms' offsets with their journals and catches up those behind. And which
/// rooms there are, and which are a user's, is in the tables before it is acknowledged: whoever passes on the acknowledgement of a room's
/// making, a join or a leave calls <see cref="IRoomConsumers.CatchUpAsync"/> before (messages need no such call).
/// </summary>
public interface IRoomDirectory
{
    /// <summary>The most rooms or members in one page.</summary>
    const int MaxPage = 200;

    /// <summary>The room as <paramref name="viewer"/> sees it, private ones included: whether it may be shown is for the caller.</summary>
    /// <returns>Null where there is no such room.</returns>
    Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken = default);

    /// <summary>The rooms that the user is in, the last active first.</summary>
    /// <param name="search">Matched in name and topic without regard to case and accents; null or blank for all.</param>
    /// <param name="cursor">From the page before; null, or one that cannot be read, starts at the beginning.</param>
    /// <param name="limit">1 to <see cref="MaxPage"/>; values outside are clamped.</param>
    Task<Page<RoomSummary>> ListJoinedAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default);

    /// <summary>Public rooms that the user is not in, those with most members first. Parameters as in <see cref="ListJoinedAsync"/>.</summary>
    Task<Page<RoomSummary>> ListDiscoverableAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default);

    /// <returns>Null where there is no such room or the user is not in it.</returns>
    Task<RoomMembership?> GetMembershipAsync(RoomId room, UserId user, CancellationToken cancellationToken = default);

    /// <summary>The room's members in the order in which they joined.</summary>
    Task<Page<RoomMemberEntry>> ListMembersAsync(RoomId room, string? cursor, int limit, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<UserId>> ListMemberIdsAsync(RoomId room, CancellationToken cancellationToken = default);

    /// <summary>Every room that the user is in, with heads and counts.</summary>
    Task<IReadOnlyList<MembershipDigest>> ListMembershipsAsync(UserId user, CancellationToken cancellationToken = default);
}
