using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.People;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <summary>Why a user may not do something in a room, in the codes that REST and the WebSocket share.</summary>
internal sealed record AccessRefusal(ErrorCode Code, string Message);

/// <summary>
/// Decides whether a user may see a room and its content, for REST and WebSocket alike. For those who are not members, a private room does
/// not exist. Rooms apply the same rule to commands.
/// </summary>
internal sealed class RoomAccess(IRoomDirectory directory, UserBlocks blocks)
{
    public static readonly AccessRefusal NoSuchRoom = new(ErrorCode.NotFound, "There is no such room.");

    public static readonly AccessRefusal MembersOnly = new(ErrorCode.Forbidden, "Only members may do this.");

    public static readonly AccessRefusal Blocked = new(ErrorCode.Blocked, "You cannot write to this person.");

    public static readonly AccessRefusal AdminsOnly = new(ErrorCode.Forbidden, "Only owners and admins may do this.");

    /// <summary>Whether the user may see what is in the room. Null: they may.</summary>
    public async Task<AccessRefusal?> CheckAsync(RoomId room, UserId user, CancellationToken cancellationToken)
    {
        if (await directory.GetMembershipAsync(room, user, cancellationToken) is not null)
        {
            return null;
        }

        return await FindAsync(room, user, cancellationToken) is null ? NoSuchRoom : MembersOnly;
    }

    /// <summary>Whether the user is an admin or owner of the room. Null: they are.</summary>
    public async Task<AccessRefusal?> CheckAdminAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        await directory.GetMembershipAsync(room, user, cancellationToken) is { } membership
            ? membership.Role.IsAtLeast(MemberRole.Admin) ? null : AdminsOnly
            : await CheckAsync(room, user, cancellationToken);

    /// <summary>
    /// Whether the other of a direct room of two does not want to hear from the user. Asked of the database with each send there, and of no other
    /// room: their ids say which are direct.
    /// </summary>
    public async Task<bool> IsBlockedAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        room.IsDirect && await blocks.IsBlockedInAsync(room, user, cancellationToken);

    /// <summary>The room, where the user may know that it exists.</summary>
    public async Task<RoomSummary?> FindAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        await directory.FindAsync(room, user, cancellationToken) is { } found && (found.Joined || found.Visibility == RoomVisibility.Public)
            ? found
            : null;
}
