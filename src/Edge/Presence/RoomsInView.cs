using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

/// <summary>
/// The rooms that some socket of this edge has in view, found by subscriber and by member: who comes or goes costs their own rooms, not all that
/// are in view. Used only by the presence hub.
/// </summary>
internal sealed class RoomsInView(OnlineUsers online)
{
    private readonly Dictionary<RoomId, RoomInView> _rooms = [];
    private readonly Dictionary<IPresenceSubscriber, HashSet<RoomInView>> _views = [];
    private readonly Dictionary<UserId, List<RoomInView>> _byMember = [];
    private readonly HashSet<RoomInView> _changed = [];

    /// <returns>The room if it has just come into view: then its members must be loaded.</returns>
    public RoomInView? Watch(RoomId id, IPresenceSubscriber subscriber, Action<PresenceView> reply)
    {
        var isNew = !_rooms.TryGetValue(id, out var room);
        if (room is null)
        {
            _rooms.Add(id, room = new RoomInView(id, online));
        }

        room.Add(subscriber, reply);
        if (!_views.TryGetValue(subscriber, out var view))
        {
            _views.Add(subscriber, view = []);
        }

        view.Add(room);
        return isNew ? room : null;
    }

    public void Unwatch(RoomId id, IPresenceSubscriber subscriber)
    {
        if (_rooms.TryGetValue(id, out var room) && _views.TryGetValue(subscriber, out var view) && view.Remove(room))
        {
            if (view.Count == 0)
            {
                _views.Remove(subscriber);
            }

            Leave(room, subscriber);
        }
    }

    /// <returns>The number of rooms that the subscriber had in view.</returns>
    public int Remove(IPresenceSubscriber subscriber)
    {
        if (!_views.Remove(subscriber, out var view))
        {
            return 0;
        }

        foreach (var room in view)
        {
            Leave(room, subscriber);
        }

        return view.Count;
    }

    /// <summary>Whether this room is in view, and not one that came into view later under its id.</summary>
    public bool Contains(RoomInView room) => _rooms.GetValueOrDefault(room.Id) == room;

    public void SetMembers(RoomInView room, IReadOnlyList<UserId> members)
    {
        if (Contains(room))
        {
            room.SetMembers(members);
            foreach (var member in room.Members)
            {
                Index(member, room);
            }
        }
    }

    public void MembershipChanged(RoomId id, UserId user, bool isMember)
    {
        if (!_rooms.TryGetValue(id, out var room) || !room.MembershipChanged(user, isMember))
        {
            return;
        }

        if (isMember)
        {
            Index(user, room);
        }
        else
        {
            RemoveFromIndex(user, room);
        }

        _changed.Add(room);
    }

    /// <returns>The number of rooms that this concerned.</returns>
    public int UserChanged(UserId user, bool isOnline)
    {
        if (!_byMember.TryGetValue(user, out var rooms))
        {
            return 0;
        }

        foreach (var room in rooms)
        {
            room.SetPresent(user, isOnline);
            _changed.Add(room);
        }

        return rooms.Count;
    }

    /// <summary>Sends the changes since the last time.</summary>
    /// <returns>The number of rooms that had any.</returns>
    public int Flush()
    {
        foreach (var room in _changed)
        {
            room.Flush();
        }

        var flushed = _changed.Count;
        _changed.Clear();
        return flushed;
    }

    public void SendSnapshots()
    {
        _changed.Clear();
        foreach (var room in _rooms.Values)
        {
            room.SendSnapshot();
        }
    }

    private void Leave(RoomInView room, IPresenceSubscriber subscriber)
    {
        if (room.Remove(subscriber) > 0)
        {
            return;
        }

        _rooms.Remove(room.Id);
        _changed.Remove(room);
        foreach (var member in room.Members)
        {
            RemoveFromIndex(member, room);
        }
    }

    private void Index(UserId member, RoomInView room)
    {
        if (!_byMember.TryGetValue(member, out var rooms))
        {
            _byMember.Add(member, rooms = new List<RoomInView>(1));
        }

        rooms.Add(room);
    }

    private void RemoveFromIndex(UserId member, RoomInView room)
    {
        if (_byMember.TryGetValue(member, out var rooms) && rooms.Remove(room) && rooms.Count == 0)
        {
            _byMember.Remove(member);
        }
    }
}
