using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

/// <summary>The presence of one room for the sockets that have it in view. Used only by <see cref="RoomsInView"/>.</summary>
internal sealed class RoomInView(RoomId id, OnlineUsers online)
{
    /// <summary>In a larger room only the count is sent.</summary>
    private const int MaxNamedMembers = 500;

    private readonly HashSet<IPresenceSubscriber> _subscribers = [];
    private readonly List<Action<PresenceView>> _pendingReplies = [];
    private readonly Dictionary<UserId, bool> _changesBeforeLoad = [];
    private readonly HashSet<UserId> _joined = [];
    private readonly HashSet<UserId> _left = [];
    private readonly HashSet<UserId> _present = [];
    private HashSet<UserId>? _members;

    public RoomId Id => id;

    /// <summary>None until they are loaded.</summary>
    public IReadOnlyCollection<UserId> Members => _members ?? [];

    private bool AreNamed => _members!.Count <= MaxNamedMembers;

    public void Add(IPresenceSubscriber subscriber, Action<PresenceView> reply)
    {
        _subscribers.Add(subscriber);
        if (_members is null)
        {
            _pendingReplies.Add(reply);
        }
        else
        {
            reply(Snapshot());
        }
    }

    /// <summary>How many subscribers are left.</summary>
    public int Remove(IPresenceSubscriber subscriber)
    {
        _subscribers.Remove(subscriber);
        return _subscribers.Count;
    }

    public void SetMembers(IReadOnlyList<UserId> members)
    {
        _members = [.. members];
        foreach (var (user, isMember) in _changesBeforeLoad)
        {
            _ = isMember ? _members.Add(user) : _members.Remove(user);
        }

        _changesBeforeLoad.Clear();
        _present.UnionWith(_members.Where(online.IsOnline));
        foreach (var reply in _pendingReplies)
        {
            reply(Snapshot());
        }

        _pendingReplies.Clear();
    }

    /// <returns>Whether the members are loaded and this changed them.</returns>
    public bool MembershipChanged(UserId user, bool isMember)
    {
        if (_members is null)
        {
            _changesBeforeLoad[user] = isMember;
            return false;
        }

        if (isMember ? !_members.Add(user) : !_members.Remove(user))
        {
            return false;
        }

        SetPresent(user, isMember && online.IsOnline(user));
        return true;
    }

    /// <summary>A member has come online or gone, or is none any more.</summary>
    public void SetPresent(UserId user, bool isPresent)
    {
        if (isPresent ? !_present.Add(user) : !_present.Remove(user))
        {
            return;
        }

        var (to, from) = isPresent ? (_joined, _left) : (_left, _joined);
        if (!from.Remove(user))
        {
            to.Add(user);
        }
    }

    /// <summary>Sends what has changed since the last time.</summary>
    public void Flush()
    {
        if (_joined.Count == 0 && _left.Count == 0)
        {
            return;
        }

        if (online.IsKnown)
        {
            var frame = ClientFrames.Presence(
                id,
                new PresenceDeltaView("ok", AreNamed ? Values(_joined) : null, AreNamed ? Values(_left) : null, _present.Count));
            Send(frame);
        }

        _joined.Clear();
        _left.Clear();
    }

    /// <summary>Sends the full snapshot when a delta is not enough.</summary>
    public void SendSnapshot()
    {
        if (_members is not null)
        {
            _joined.Clear();
            _left.Clear();
            Send(ClientFrames.Presence(id, Snapshot()));
        }
    }

    private static List<string> Values(IEnumerable<UserId> users) => [.. users.Select(user => user.Value)];

    private PresenceView Snapshot() => online.IsKnown
        ? new PresenceView("ok", AreNamed ? Values(_present) : null, _present.Count)
        : new PresenceView("unknown", [], null);

    private void Send(byte[] frame)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.OnEphemeral(id, frame);
        }
    }
}
