using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Presence;

/// <summary>
/// Who is online. Counts this edge's own sockets and exchanges each user's first and last socket with the other edges. The store corrects
/// lost updates and expires the users of a crashed edge. Sockets subscribe to the rooms in their view.
/// </summary>
internal sealed class PresenceHub : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan EdgeFlushInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SocketFlushInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EntryLifetime = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan RetryLoad = TimeSpan.FromSeconds(1);

    /// <summary>Number of refreshes after which another edge must have renewed its entry since a change that it announced.</summary>
    private const int RoundsUntilRenewed = 2;

    private readonly EdgeId _edge;
    private readonly OnlineUsers _online;
    private readonly IPresenceStore _store;
    private readonly IRoomDirectory _directory;
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<UserId, int> _sockets = [];
    private readonly Dictionary<EdgeId, HashSet<UserId>> _edges = [];
    private readonly HashSet<EdgeId> _otherEdges = [];
    private readonly Dictionary<RoomId, RoomInView> _rooms = [];
    private readonly Dictionary<IPresenceSubscriber, HashSet<RoomId>> _views = [];
    private readonly Dictionary<(EdgeId Edge, UserId User), int> _heard = [];
    private readonly HashSet<UserId> _up = [];
    private readonly HashSet<UserId> _down = [];
    private int _round;
    private bool? _storeWorks;
    private bool _refreshing;

    public PresenceHub(EdgeId edge, OnlineUsers online, IPresenceStore store, IRoomDirectory directory)
    {
        (_edge, _online, _store, _directory) = (edge, online, store, directory);
        _edges[edge] = [];

        Receive<SocketOpened>(opened => OnOpened(opened.User));
        Receive<SocketClosed>(closed => OnClosed(closed.User));
        Receive<Watch>(OnWatch);
        Receive<Unwatch>(unwatch => OnUnwatch(unwatch.Room, unwatch.Subscriber));
        Receive<SubscriberGone>(gone => OnGone(gone.Subscriber));
        Receive<MembersLoaded>(OnMembersLoaded);
        Receive<MembersFailed>(failed => Timers.StartSingleTimer(failed.Room, new LoadAgain(failed.Room), RetryLoad));
        Receive<LoadAgain>(again => Load(again.Room));
        Receive<MembershipChanged>(OnMembershipChanged);
        Receive<UserProtocol.PresenceDelta>(OnDelta);
        Receive<FlushToEdges>(_ => OnFlushToEdges());
        Receive<FlushToSockets>(_ => OnFlushToSockets());
        Receive<Refresh>(_ => OnRefresh());
        Receive<Refreshed>(OnRefreshed);
        Receive<RefreshFailed>(OnRefreshFailed);
        Receive<ClusterEvent.MemberUp>(up => OnMember(up.Member, isThere: true));
        Receive<ClusterEvent.MemberRemoved>(removed => OnMember(removed.Member, isThere: false));
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (var member in state.Members.Where(member => member.Status == MemberStatus.Up))
            {
                OnMember(member, isThere: true);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        AkkaCluster.Get(Context.System).Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot,
            typeof(ClusterEvent.MemberUp),
            typeof(ClusterEvent.MemberRemoved));
        Timers.StartPeriodicTimer(nameof(FlushToEdges), FlushToEdges.Instance, EdgeFlushInterval);
        Timers.StartPeriodicTimer(nameof(FlushToSockets), FlushToSockets.Instance, SocketFlushInterval);
        Timers.StartPeriodicTimer(nameof(Refresh), Refresh.Instance, TimeSpan.Zero, RefreshInterval);
        UpdateKnown();
    }

    protected override void PostStop()
    {
        AkkaCluster.Get(Context.System).Unsubscribe(Self);

        // The entry expires by itself, so a failure here is harmless.
        _ = _store.RemoveAsync(_edge);
    }

    protected override void PreRestart(Exception reason, object message)
    {
        SubscriptionsLost.Publish(Context, "Presence");
        base.PreRestart(reason, message);
    }

    private void OnOpened(UserId user)
    {
        _sockets[user] = _sockets.GetValueOrDefault(user) + 1;
        if (_sockets[user] == 1)
        {
            SetOnline(_edge, user, isOnline: true);
            if (!_down.Remove(user))
            {
                _up.Add(user);
            }
        }
    }

    private void OnClosed(UserId user)
    {
        if (!_sockets.TryGetValue(user, out var sockets))
        {
            return;
        }

        if (sockets > 1)
        {
            _sockets[user] = sockets - 1;
            return;
        }

        _sockets.Remove(user);
        SetOnline(_edge, user, isOnline: false);
        if (!_up.Remove(user))
        {
            _down.Add(user);
        }
    }

    private void OnDelta(UserProtocol.PresenceDelta delta)
    {
        if (delta.Edge == _edge)
        {
            return;
        }

        foreach (var user in delta.Up)
        {
            SetOnline(delta.Edge, user, isOnline: true);
            _heard[(delta.Edge, user)] = _round;
        }

        foreach (var user in delta.Down)
        {
            SetOnline(delta.Edge, user, isOnline: false);
            _heard[(delta.Edge, user)] = _round;
        }
    }

    private void OnFlushToEdges()
    {
        if (_up.Count > 0 || _down.Count > 0)
        {
            _mediator.Tell(new Publish(EdgeTopics.All, new UserProtocol.PresenceDelta(_edge, [.. _up], [.. _down])));
            _up.Clear();
            _down.Clear();
        }
    }

    private void SetOnline(EdgeId edge, UserId user, bool isOnline)
    {
        if (!_edges.TryGetValue(edge, out var users))
        {
            _edges.Add(edge, users = []);
        }

        var changed = isOnline ? users.Add(user) && _online.Add(user) : users.Remove(user) && _online.Remove(user);
        if (changed)
        {
            foreach (var room in _rooms.Values)
            {
                room.UserChanged(user, isOnline);
            }
        }
    }

    private void OnWatch(Watch watch)
    {
        if (!_rooms.TryGetValue(watch.Room, out var room))
        {
            _rooms.Add(watch.Room, room = new RoomInView(watch.Room, _online));
            Load(watch.Room);
        }

        room.Add(watch.Subscriber, watch.Reply);
        if (!_views.TryGetValue(watch.Subscriber, out var view))
        {
            _views.Add(watch.Subscriber, view = []);
        }

        view.Add(watch.Room);
    }

    private void OnUnwatch(RoomId id, IPresenceSubscriber subscriber)
    {
        if (_views.TryGetValue(subscriber, out var view) && view.Remove(id) && view.Count == 0)
        {
            _views.Remove(subscriber);
        }

        if (_rooms.TryGetValue(id, out var room) && room.Remove(subscriber) == 0)
        {
            _rooms.Remove(id);
        }
    }

    private void OnGone(IPresenceSubscriber subscriber)
    {
        foreach (var room in _views.GetValueOrDefault(subscriber, []).ToList())
        {
            OnUnwatch(room, subscriber);
        }
    }

    private void Load(RoomId room)
    {
        if (_rooms.ContainsKey(room))
        {
            _directory.ListMemberIdsAsync(room).PipeTo(
                Self,
                success: members => new MembersLoaded(room, members),
                failure: _ => new MembersFailed(room));
        }
    }

    private void OnMembersLoaded(MembersLoaded loaded) => _rooms.GetValueOrDefault(loaded.Room)?.SetMembers(loaded.Members);

    private void OnMembershipChanged(MembershipChanged changed) =>
        _rooms.GetValueOrDefault(changed.Room)?.MembershipChanged(changed.User, changed.IsMember);

    private void OnFlushToSockets()
    {
        foreach (var room in _rooms.Values)
        {
            room.Flush();
        }
    }

    private void OnMember(Member member, bool isThere)
    {
        if (!member.HasRole(ChatRoles.Edge) || Edges.IdOf(member.UniqueAddress) is var edge && edge == _edge)
        {
            return;
        }

        if (isThere)
        {
            _otherEdges.Add(edge);
        }
        else
        {
            _otherEdges.Remove(edge);
            Forget(heard => heard.Edge == edge);
            Replace(edge, []);
        }

        UpdateKnown();
    }

    private void OnRefresh()
    {
        if (_refreshing)
        {
            return;
        }

        _refreshing = true;
        _round++;
        Forget(heard => _round - _heard[heard] > RoundsUntilRenewed);
        RefreshAsync([.. _sockets.Keys]).PipeTo(Self, failure: cause => new RefreshFailed(cause));
    }

    private async Task<Refreshed> RefreshAsync(IReadOnlyCollection<UserId> own)
    {
        await _store.PublishAsync(_edge, own, EntryLifetime);
        return new Refreshed(await _store.ReadAllAsync());
    }

    private void OnRefreshed(Refreshed refreshed)
    {
        _refreshing = false;
        if (_store.IsShared)
        {
            foreach (var edge in _edges.Keys.Where(edge => edge != _edge && !refreshed.Entries.ContainsKey(edge)).ToList())
            {
                Replace(edge, []);
            }

            foreach (var (edge, users) in refreshed.Entries.Where(entry => entry.Key != _edge))
            {
                Replace(edge, users);
            }
        }

        if (_storeWorks == false)
        {
            _log.Info("The presence store is reachable again");
        }

        _storeWorks = true;
        UpdateKnown();
    }

    private void OnRefreshFailed(RefreshFailed failed)
    {
        _refreshing = false;
        if (_storeWorks != false)
        {
            _log.Warning(failed.Cause, "The presence store is unreachable; presence is unknown until it is back");
        }

        _storeWorks = false;

        UpdateKnown();
    }

    private void Forget(Func<(EdgeId Edge, UserId User), bool> which)
    {
        foreach (var heard in _heard.Keys.Where(which).ToList())
        {
            _heard.Remove(heard);
        }
    }

    /// <summary>
    /// Takes the edge's users from the store, except those that the edge has announced changes for since it wrote its entry.
    /// </summary>
    private void Replace(EdgeId edge, IReadOnlyList<UserId> users)
    {
        var now = users.ToHashSet();
        foreach (var gone in _edges.GetValueOrDefault(edge, []).Except(now).Where(user => !_heard.ContainsKey((edge, user))).ToList())
        {
            SetOnline(edge, gone, isOnline: false);
        }

        foreach (var user in now.Where(user => !_heard.ContainsKey((edge, user))))
        {
            SetOnline(edge, user, isOnline: true);
        }

        if (_edges.GetValueOrDefault(edge, []).Count == 0)
        {
            _edges.Remove(edge);
        }
    }

    private void UpdateKnown()
    {
        // Presence is unknown until the store has responded once.
        var known = _storeWorks == true && (_store.IsShared || _otherEdges.Count == 0);
        if (known == _online.IsKnown)
        {
            return;
        }

        _online.SetKnown(known);
        foreach (var room in _rooms.Values)
        {
            room.SendSnapshot();
        }
    }

    internal sealed record SubscriberGone(IPresenceSubscriber Subscriber) : INoSerializationVerificationNeeded;

    /// <summary>The user has opened a socket, the first or another.</summary>
    internal sealed record SocketOpened(UserId User) : INoSerializationVerificationNeeded;

    internal sealed record SocketClosed(UserId User) : INoSerializationVerificationNeeded;

    /// <param name="Reply">Gets the snapshot once; changes follow as ephemeral frames.</param>
    internal sealed record Watch(RoomId Room, IPresenceSubscriber Subscriber, Action<Messages.Client.PresenceView> Reply)
        : INoSerializationVerificationNeeded;

    internal sealed record Unwatch(RoomId Room, IPresenceSubscriber Subscriber) : INoSerializationVerificationNeeded;

    internal sealed record MembershipChanged(RoomId Room, UserId User, bool IsMember) : INoSerializationVerificationNeeded;

    private sealed record MembersLoaded(RoomId Room, IReadOnlyList<UserId> Members);

    private sealed record MembersFailed(RoomId Room);

    private sealed record LoadAgain(RoomId Room);

    private sealed record Refreshed(IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>> Entries);

    private sealed record RefreshFailed(Exception Cause);

    private sealed class FlushToEdges
    {
        public static readonly FlushToEdges Instance = new();
    }

    private sealed class FlushToSockets
    {
        public static readonly FlushToSockets Instance = new();
    }

    private sealed class Refresh
    {
        public static readonly Refresh Instance = new();
    }
}
