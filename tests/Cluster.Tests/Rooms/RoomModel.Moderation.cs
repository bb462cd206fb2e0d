using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Roles, removals and bans.</summary>
internal sealed partial class RoomModel
{
    private void Kick(UserRef by, UserRef user)
    {
        var decision = State.Process(new KickMember(Room, user.Id, "why", by), _now);
        if (!Moderates(by, decision))
        {
            return;
        }

        if (!_members.TryGetValue(user.Id, out var role))
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else if (MayRemove(by, user, role, decision))
        {
            _members.Remove(user.Id);
            CheckChange(decision, changes: true, new MemberKicked(Events.Count + 1, _now, user, by, "why"));
        }
    }

    private void Ban(UserRef by, UserRef user)
    {
        var decision = State.Process(new BanUser(Room, user, "why", by), _now);
        if (!Moderates(by, decision))
        {
            return;
        }

        var isMember = _members.TryGetValue(user.Id, out var role);
        if (_banned.Contains(user.Id))
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else if (!isMember || MayRemove(by, user, role, decision))
        {
            _members.Remove(user.Id);
            _banned.Add(user.Id);
            CheckChange(decision, changes: true, new MemberBanned(Events.Count + 1, _now, user, by, "why", isMember));
        }
    }

    private void Unban(UserRef by, UserRef user)
    {
        var decision = State.Process(new UnbanUser(Room, user.Id, by), _now);
        if (Moderates(by, decision))
        {
            CheckChange(decision, _banned.Remove(user.Id), new MemberUnbanned(Events.Count + 1, _now, user, by));
        }
    }

    private void ChangeRole(UserRef by, UserRef user, MemberRole role)
    {
        var decision = State.Process(new ChangeRole(Room, user.Id, role, by), _now);
        var isMember = _members.TryGetValue(user.Id, out var before);
        if (!Exists || (IsHidden && !_members.ContainsKey(by.Id)))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (!_members.TryGetValue(by.Id, out var own))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else if (isMember && before == role)
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else if (own != MemberRole.Owner)
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else if (!isMember)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (IsLastOwner(user))
        {
            CheckRefused(decision, NackCode.LastOwner);
        }
        else
        {
            _members[user.Id] = role;
            CheckChange(decision, changes: true, new MemberRoleChanged(Events.Count + 1, _now, user, role, by));
        }
    }

    private bool IsLastOwner(UserRef user) =>
        _members.GetValueOrDefault(user.Id) == MemberRole.Owner && _members.Values.Count(role => role == MemberRole.Owner) == 1;

    /// <summary>False: the refusal was checked.</summary>
    private bool Moderates(UserRef by, Decision decision)
    {
        var isMember = _members.TryGetValue(by.Id, out var role);
        if (Exists && isMember && role != MemberRole.Member)
        {
            return true;
        }

        CheckRefused(decision, !Exists || (IsHidden && !isMember) ? NackCode.NotFound : NackCode.Forbidden);
        return false;
    }

    /// <summary>False: the refusal was checked.</summary>
    private bool MayRemove(UserRef by, UserRef user, MemberRole role, Decision decision)
    {
        var may = by.Id != user.Id && (role == MemberRole.Member || (role == MemberRole.Admin && _members[by.Id] == MemberRole.Owner));
        if (!may)
        {
            CheckRefused(decision, by.Id == user.Id ? NackCode.Invalid : NackCode.Forbidden);
        }

        return may;
    }
}
