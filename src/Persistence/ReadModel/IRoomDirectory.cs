using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="NextCursor">Requests the next page; null on the last one. Opaque to clients.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A room as one user sees it.</summary>
/// <param name="LastMessage">Null in a room without messages, or if the viewer is not a member.</param>
/// <param name="Unread">0 if the viewer is not a member.</param>
/// <param name="Mentions">The number of unread messages that mention the viewer.</param>
/// <param name="Role">Null if the viewer is not a member.</param>
/// <param name="ReadN">The viewer's read cursor; 0 if the viewer is not a member.</param>
/// <param name="LinkCards">Whether messages get link cards.</param>
/// <param name="Picture">Null where there is none.</param>
/// <param name="Preferences">The viewer's.</param>
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
    FileId? Picture,
    RoomPreferences Preferences)
{
    /// <summary>The others in a direct room, in the order in which they were named; of another room none.</summary>
    public IReadOnlyList<RoomPerson> People { get; init; } = [];

    /// <summary>Whether the viewer has hidden the direct room, and nobody has written since.</summary>
    public bool Hidden { get; init; }

    /// <summary>Whether nobody writes in the room any more.</summary>
    public bool Archived { get; init; }
}

/// <summary>What others see of somebody in a direct room, as it is now.</summary>
public sealed record RoomPerson(UserRef User, FileId? Avatar, string StatusEmoji, string StatusText);

/// <param name="JoinedSeq">The <c>seq</c> of the join that started this membership.</param>
public sealed record RoomMembership(MemberRole Role, long JoinedSeq);

public sealed record RoomMemberEntry(UserRef User, MemberRole Role, long JoinedSeq, DateTimeOffset JoinedAt);

/// <summary>One entry of a user's digest.</summary>
public sealed record MembershipDigest(
    RoomId Room, RoomHead Head, MemberRole Role, long JoinedSeq, long ReadN, long Unread, long Mentions, RoomPreferences Preferences);

/// <summary>
/// Rooms, their members and read cursors. The result of a call includes everything acknowledged before it, for two reasons. A method about
/// one room, or about a user's rooms, first compares the offsets of these rooms with their journals and catches up those that are behind.
/// And rooms and memberships are in the tables before they are acknowledged: whoever acknowledges the creation of a room, a join or a leave
/// first calls <see cref="IRoomConsumers.CatchUpAsync"/>. Messages need no such call.
/// </summary>
public interface IRoomDirectory
{
    /// <summary>The most rooms or members in one page.</summary>
    const int MaxPage = 200;

    /// <summary>The room as <paramref name="viewer"/> sees it, even if it is private: the caller decides whether it may be shown.</summary>
    /// <returns>Null if there is no such room.</returns>
    Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken = default);

    /// <summary>The rooms that the user is in, the last active first.</summary>
    /// <param name="search">Matched in name and topic, ignoring case and accents; null or blank for all.</param>
    /// <param name="cursor">From the previous page; null or an invalid cursor starts at the beginning.</param>
    /// <param name="limit">1 to <see cref="MaxPage"/>; values outside are clamped.</param>
    Task<Page<RoomSummary>> ListJoinedAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default);

    /// <summary>Public rooms that the user is not in, most members first. Parameters as in <see cref="ListJoinedAsync"/>.</summary>
    Task<Page<RoomSummary>> ListDiscoverableAsync(
        UserId user,
        string? search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken = default);

    /// <returns>Null if there is no such room or the user is not in it.</returns>
    Task<RoomMembership?> GetMembershipAsync(RoomId room, UserId user, CancellationToken cancellationToken = default);

    /// <summary>The room's members in the order in which they joined.</summary>
    Task<Page<RoomMemberEntry>> ListMembersAsync(RoomId room, string? cursor, int limit, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<UserId>> ListMemberIdsAsync(RoomId room, CancellationToken cancellationToken = default);

    /// <summary>The members of several rooms, as far as the tables know.</summary>
    Task<ILookup<RoomId, UserId>> ListMemberIdsAsync(IReadOnlyCollection<RoomId> rooms, CancellationToken cancellationToken = default);

    /// <summary>How many of the users are members of each room, as far as the tables know. Rooms with none of them are not in the result.</summary>
    Task<IReadOnlyDictionary<RoomId, int>> CountMembersAsync(
        IReadOnlyCollection<RoomId> rooms, IReadOnlyCollection<UserId> users, CancellationToken cancellationToken = default);

    /// <summary>In how many rooms the user is, as far as the tables know.</summary>
    Task<int> CountMembershipsAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Every room that the user is in, with heads and counts.</summary>
    Task<IReadOnlyList<MembershipDigest>> ListMembershipsAsync(UserId user, CancellationToken cancellationToken = default);
}
