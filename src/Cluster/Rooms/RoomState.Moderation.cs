using System.Collections.Immutable;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Roles, removals and bans. A user may remove those of a lower rank; only owners change roles. Every command that has been carried out
/// changes nothing when it comes again, even where it has taken its sender's right to give it.
/// </summary>
public sealed partial record RoomState
{
    /// <summary>The most users who are banned from a room: they are part of its snapshot.</summary>
    public const int MaxBanned = 5_000;

    /// <summary>By id.</summary>
    public ImmutableSortedDictionary<UserId, UserRef> Banned { get; private init; } = Nobody.Banned;

    private Decision Process(KickMember command, DateTimeOffset now)
    {
        if (RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may remove members.") is { } refusal)
        {
            return refusal;
        }

        return Members.TryGetValue(command.User, out var member)
            ? RefuseRemoval(command.By.Id, member) ?? Change(new MemberKicked(Seq + 1, now, member.User, command.By, command.Why))
            : Unchanged;
    }

    private Decision Process(BanUser command, DateTimeOffset now)
    {
        if (RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may ban users.") is { } refusal)
        {
            return refusal;
        }

        if (Banned.ContainsKey(command.User.Id))
        {
            return Unchanged;
        }

        if (Banned.Count >= MaxBanned)
        {
            return Decision.Refuse(NackCode.Invalid, $"{MaxBanned} users are banned from this room already.");
        }

        var member = Members.GetValueOrDefault(command.User.Id);
        return (member is null ? null : RefuseRemoval(command.By.Id, member))
            ?? Change(new MemberBanned(Seq + 1, now, member?.User ?? command.User, command.By, command.Why, WasMember: member is not null));
    }

    private Decision Process(UnbanUser command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may lift a ban.")
        ?? (Banned.TryGetValue(command.User, out var user) ? Change(new MemberUnbanned(Seq + 1, now, user, command.By)) : Unchanged);

    private Decision Process(ChangeRole command, DateTimeOffset now)
    {
        if (RefuseOther(command.By, MemberRole.Member, "Only owners may change roles.") is { } refusal)
        {
            return refusal;
        }

        var member = Members.GetValueOrDefault(command.User);
        if (member?.Role == command.Role)
        {
            return Unchanged;
        }

        if (Members[command.By.Id].Role != MemberRole.Owner)
        {
            return Decision.Refuse(NackCode.Forbidden, "Only owners may change roles.");
        }

        if (member is null)
        {
            return Decision.Refuse(NackCode.NotFound, "This user is not a member of the room.");
        }

        return IsLastOwner(member)
            ? LastOwner
            : Change(new MemberRoleChanged(Seq + 1, now, member.User, command.Role, command.By));
    }

    private Decision? RefuseRemoval(UserId by, RoomMember member)
    {
        if (member.User.Id == by)
        {
            return Decision.Refuse(NackCode.Invalid, "Leave the room instead.");
        }

        return Members[by].Role.Rank() > member.Role.Rank()
            ? null
            : Decision.Refuse(NackCode.Forbidden, "Only members of a lower role can be removed.");
    }

    private bool IsLastOwner(RoomMember member) =>
        member.Role == MemberRole.Owner && Members.Values.Count(other => other.Role == MemberRole.Owner) == 1;

    private static Decision LastOwner => Decision.Refuse(NackCode.LastOwner, "A room with members keeps an owner: make another member one first.");

    /// <summary>A class of its own, so that it is there before <see cref="Empty"/>, whatever the order of the files.</summary>
    private static class Nobody
    {
        public static readonly ImmutableSortedDictionary<UserId, UserRef> Banned =
            ImmutableSortedDictionary.Create<UserId, UserRef>(Comparer<UserId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value)));
    }

    private RoomState Without(IMemberRemoval e) => this with
    {
        Seq = e.Seq,
        Members = Members.Remove(e.User.Id),
        Usernames = Usernames.GetValueOrDefault(Fold(e.User.Username)) == e.User.Id ? Usernames.Remove(Fold(e.User.Username)) : Usernames,
    };
}
