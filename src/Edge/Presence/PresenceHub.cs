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

    private readonly EdgeId _edge;
    private readonly OnlineUsers _online;
    private readonly IPresenceStore _store;
    private readonly IRoomDirectory _directory;
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<UserId, int> _sockets = [];
    private readonly UsersByEdge _users;
    private readonly HashSet<EdgeId> _otherEdges = [];
    private readonly RoomsInView _rooms;
    private readonly HashSet<UserId> _up = [];
    private readonly HashSet<UserId> _down = [];
    private bool? _storeWorks;
    private bool _refreshing;

    public PresenceHub(EdgeId edge, OnlineUsers online, IPresenceStore store, IRoomDirectory directory)
    {
        (_edge, _online, _store, _directory) = (edge, online, store, directory);
        _rooms = new RoomsInView(online);
        _users = new UsersByEdge(online, (user, isOnline) => _rooms.UserChanged(user, isOnline));

        Receive<SocketOpened>(opened => OnOpened(opened.User));
        Receive<SocketClosed>(closed => OnClosed(closed.User));
        Receive<Watch>(OnWatch);
        Receive<Unwatch>(unwatch => _rooms.Unwatch(unwatch.Room, unwatch.Subscriber));
        Receive<SubscriberGone>(gone => { _rooms.Remove(gone.Subscriber); });
        Receive<MembersLoaded>(loaded => _rooms.SetMembers(loaded.Room, loaded.Members));
        Receive<MembersFailed>(failed => Timers.StartSingleTimer(failed.Room, new LoadAgain(failed.Room), RetryLoad));
        Receive<LoadAgain>(again => Load(again.Room));
        Receive<MembershipChanged>(changed => _rooms.MembershipChanged(changed.Room, changed.User, changed.IsMember));
        Receive<UserProtocol.PresenceDelta>(OnDelta);
        Receive<FlushToEdges>(_ => OnFlushToEdges());
        Receive<FlushToSockets>(_ => { _rooms.Flush(); });
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
            _users.Set(_edge, user, isOnline: true);
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
        _users.Set(_edge, user, isOnline: false);
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
            _users.Hear(delta.Edge, user, isOnline: true);
        }

        foreach (var user in delta.Down)
        {
            _users.Hear(delta.Edge, user, isOnline: false);
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

    private void OnWatch(Watch watch)
    {
        if (_rooms.Watch(watch.Room, watch.Subscriber, watch.Reply) is { } room)
        {
            Load(room);
        }
    }

    private void Load(RoomInView room)
    {
        if (_rooms.Contains(room))
        {
            _directory.ListMemberIdsAsync(room.Id).PipeTo(
                Self,
                success: members => new MembersLoaded(room, members),
                failure: _ => new MembersFailed(room));
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
            _users.Remove(edge);
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
        _users.BeginRound();
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
            _users.ReplaceOthers(_edge, refreshed.Entries);
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

    private void UpdateKnown()
    {
        // Presence is unknown until the store has responded once.
        var known = _storeWorks == true && (_store.IsShared || _otherEdges.Count == 0);
        if (known == _online.IsKnown)
        {
            return;
        }

        _online.SetKnown(known);
        _rooms.SendSnapshots();
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

    private sealed record MembersLoaded(RoomInView Room, IReadOnlyList<UserId> Members);

    private sealed record MembersFailed(RoomInView Room);

    private sealed record LoadAgain(RoomInView Room);

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
