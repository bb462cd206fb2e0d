using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>What the room is, and its end.</summary>
internal sealed partial class RoomModel
{
    private string _name = "";
    private bool _archived;
    private UserId? _deletedBy;

    private bool Administers(UserRef user) => _members.TryGetValue(user.Id, out var role) && role != MemberRole.Member;

    private void ChangeTopic(UserRef user, string topic)
    {
        var decision = State.Process(new ChangeTopic(Room, topic, user), _now);
        if (!Exists || (IsHidden && !_members.ContainsKey(user.Id)))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (!Administers(user))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else if (_topic == topic)
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else
        {
            _topic = topic;
            Check(decision, new ChangeAck(Events.Count + 1, Changed: true), new RoomTopicChanged(Events.Count + 1, _now, topic, user));
        }
    }

    private void ChangePicture(UserRef user, FileId? picture)
    {
        var decision = State.Process(new ChangePicture(Room, picture, user), _now);
        if (!Exists || (IsHidden && !_members.ContainsKey(user.Id)))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (!Administers(user))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else
        {
            CheckChange(decision, picture != _picture, new RoomPictureChanged(Events.Count + 1, _now, picture, _picture, user));
            _picture = picture;
        }
    }

    private void Rename(UserRef by, string name)
    {
        var decision = State.Process(new RenameRoom(Room, name, by), _now);
        if (MayChange(by, Administers(by), decision))
        {
            CheckChange(decision, name != _name, new RoomRenamed(Events.Count + 1, _now, name, by));
            _name = name;
        }
    }

    private void ChangeVisibility(UserRef by, RoomVisibility visibility)
    {
        var decision = State.Process(new ChangeVisibility(Room, visibility, by), _now);
        if (MayChange(by, Owns(by), decision))
        {
            CheckChange(decision, visibility != _visibility, new RoomVisibilityChanged(Events.Count + 1, _now, visibility, by));
            _visibility = visibility;
        }
    }

    private void ChangeArchived(UserRef by, bool archived)
    {
        var decision = State.Process(new ArchiveRoom(Room, archived, by), _now);
        if (MayChange(by, Owns(by), decision))
        {
            CheckChange(decision, archived != _archived, new RoomArchived(Events.Count + 1, _now, archived, by));
            _archived = archived;
        }
    }

    private void DeleteRoom(UserRef by)
    {
        var decision = State.Process(new DeleteRoom(Room, by), _now);
        if (_deletedBy == by.Id)
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else if (MayChange(by, Owns(by), decision))
        {
            CheckChange(decision, changes: true, new RoomDeleted(Events.Count + 1, _now, by));
            _deletedBy = by.Id;
            _members.Clear();
            _banned.Clear();
            _pins.Clear();
        }
    }

    private bool Owns(UserRef user) => _members.GetValueOrDefault(user.Id) == MemberRole.Owner;

    /// <summary>False: the refusal was checked.</summary>
    private bool MayChange(UserRef by, bool may, Decision decision)
    {
        if (Exists && may)
        {
            return true;
        }

        CheckRefused(decision, !Exists || (IsHidden && !_members.ContainsKey(by.Id)) ? NackCode.NotFound : NackCode.Forbidden);
        return false;
    }
}
