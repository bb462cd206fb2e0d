using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Relay;

/// <summary>
/// A room that this edge watches. Takes the lease first, then delivers every event after the lease's head to every subscriber, once and in
/// order. Duplicates are dropped; missing events, shown by a gap or by a head that is ahead, are read from the journal. Frames are encoded
/// once and shared.
/// </summary>
internal sealed class RoomRelay : ReceiveActor, IWithTimers
{
    private const int MaxEarly = 1_024;
    private static readonly TimeSpan TypingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TypingTtl = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly RoomId _room;
    private readonly RelayServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IRoomSubscriber> _subscribers = [];
    private readonly HashSet<IRoomSubscriber> _waiting = [];
    private readonly List<Committed> _early = [];
    private readonly Dictionary<UserId, long> _typing = [];
    private bool _live;
    private bool _repairing;
    private bool _answered;
    private bool _typingMoved;
    private long _last;
    private long _highest;
    private long _attaches;

    public RoomRelay(RoomId room, RelayServices services)
    {
        _room = room;
        _services = services;

        Receive<RelayHub.Attach>(attach => OnAttach(attach.Subscriber));
        Receive<RelayHub.Detach>(detach => OnDetach(detach.Subscriber));
        Receive<Committed>(OnCommitted);
        Receive<Head>(OnHead);
        Receive<Started>(started => OnStarted(started.Seq));
        Receive<Typing>(typing => OnTyping(typing.User));
        Receive<WatchAck>(OnWatchAck);
        Receive<Nack>(nack => OnNack(nack));
        Receive<Renew>(_ => Watch());
        Receive<Repaired>(OnRepaired);
        Receive<RepairFailed>(OnRepairFailed);
        Receive<RetryRepair>(_ => Repair());
        Receive<TypingDue>(_ => OnTypingDue());
        Receive<GoIdle>(_ => OnIdle());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        ChatMetrics.Relays.Add(1);
        Watch();
        Timers.StartPeriodicTimer(nameof(Renew), Renew.Instance, _services.Options.Retry);
    }

    protected override void PostStop() => ChatMetrics.Relays.Add(-1);

    private void OnAttach(IRoomSubscriber subscriber)
    {
        _attaches++;
        Timers.Cancel(nameof(GoIdle));
        if (!_live)
        {
            _waiting.Add(subscriber);
            return;
        }

        _subscribers.Add(subscriber);
        subscriber.OnAttached(_room, _last);
    }

    private void OnDetach(IRoomSubscriber subscriber)
    {
        _waiting.Remove(subscriber);
        _subscribers.Remove(subscriber);
        LingerIfUnused();
    }

    private void OnCommitted(Committed committed)
    {
        if (!_live)
        {
            // Bounded: events that do not fit leave a gap, which is read from the journal.
            if (_early.Count < MaxEarly)
            {
                _early.Add(committed);
            }

            return;
        }

        foreach (var @event in committed.Events)
        {
            _highest = Math.Max(_highest, @event.Seq);
            if (@event.Seq == _last + 1)
            {
                using var delivery = StartDelivery(committed, @event);
                Deliver(@event);
            }
            else if (@event.Seq > _last)
            {
                Repair();
                return;
            }
        }
    }

    private Activity? StartDelivery(Committed committed, RoomEvent @event) => committed.Traces.Count == 0
        ? null
        : ChatTracing.StartDelivery(committed.Traces.FirstOrDefault(trace => trace.Seq == @event.Seq)?.Trace, _room.Value);

    private void OnHead(Head head)
    {
        CompareHead(head.Seq);
        if (_live && head.Seq == _last)
        {
            SendAll(ClientFrames.Head(_room, _last, head.N));
        }
    }

    private void OnStarted(long seq)
    {
        Watch();
        CompareHead(seq);
    }

    private void OnWatchAck(WatchAck ack)
    {
        Answered();
        if (_live)
        {
            CompareHead(ack.Seq);
            return;
        }

        _live = true;
        _last = _highest = ack.Seq;
        foreach (var subscriber in _waiting)
        {
            _subscribers.Add(subscriber);
            subscriber.OnAttached(_room, _last);
        }

        _waiting.Clear();
        foreach (var committed in _early)
        {
            OnCommitted(committed);
        }

        _early.Clear();
        LingerIfUnused();
    }

    private void OnNack(Nack nack)
    {
        if (nack.Code != NackCode.NotFound)
        {
            return;
        }

        foreach (var subscriber in _waiting)
        {
            subscriber.OnRefused(_room);
        }

        _waiting.Clear();
        foreach (var subscriber in _subscribers)
        {
            // A room that was live does not end like this, unless its journal is another: those who follow it must not wait in silence.
            _log.Error("{Room} is there no more; a socket of {User} connects again and resumes", _room, subscriber.User);
            subscriber.OnLost(_room);
        }

        _subscribers.Clear();
        Context.Parent.Tell(new RelayHub.Idle(_room, _attaches));
    }

    private void CompareHead(long seq)
    {
        _highest = Math.Max(_highest, seq);
        if (_live && _highest > _last)
        {
            Repair();
        }
    }

    private void Deliver(RoomEvent @event)
    {
        var frame = ClientFrames.Event(_room, @event);
        _last = @event.Seq;
        if (ChatMetrics.DeliveryLatency.Enabled)
        {
            ChatMetrics.DeliveryLatency.Record((_services.Time.GetUtcNow() - @event.Time).TotalSeconds);
        }

        foreach (var subscriber in _subscribers)
        {
            subscriber.OnEvent(_room, @event.Seq, frame);
        }

        switch (@event)
        {
            case MessagePosted posted:
                _typing.Remove(posted.Author.Id);
                break;
            case MemberJoined joined:
                _services.Presence.Tell(new Presence.PresenceHub.MembershipChanged(_room, joined.User.Id, IsMember: true));
                break;
            case IMemberRemoval removal:
                _services.Presence.Tell(new Presence.PresenceHub.MembershipChanged(_room, removal.User.Id, IsMember: false));
                Remove(subscriber => subscriber.User == removal.User.Id, removal.Seq);
                break;
            case RoomDeleted deleted:
                Remove(_ => true, deleted.Seq);
                break;
        }
    }

    /// <summary>Nobody receives events after their own departure.</summary>
    private void Remove(Func<IRoomSubscriber, bool> who, long seq)
    {
        foreach (var subscriber in _subscribers.Where(who).ToList())
        {
            if (subscriber.OnRemoved(_room, seq))
            {
                _subscribers.Remove(subscriber);
            }
        }

        LingerIfUnused();
    }

    private void Repair()
    {
        if (_repairing)
        {
            return;
        }

        _repairing = true;
        ChatMetrics.RelayRepairs.Add(1);
        _log.Info("Events of {Room} after {Seq} are missing; reading them from the journal", _room, _last);
        ReadAsync(_last).PipeTo(Self, failure: cause => new RepairFailed(cause));
    }

    private async Task<Repaired> ReadAsync(long after)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout);
        return new Repaired(await _services.Log.ReadEventsAsync(_room, after, IRoomLog.MaxEvents, cancellationToken: timeout.Token));
    }

    private void OnRepaired(Repaired repaired)
    {
        _repairing = false;
        foreach (var @event in repaired.Page?.Events ?? [])
        {
            if (@event.Seq == _last + 1)
            {
                Deliver(@event);
            }
        }

        CompareHead(repaired.Page?.Head.Seq ?? 0);
    }

    private void OnRepairFailed(RepairFailed failed)
    {
        _repairing = false;
        _log.Warning(failed.Cause, "Reading the events of {Room} after {Seq} failed; retrying", _room, _last);
        Timers.StartSingleTimer(nameof(RetryRepair), RetryRepair.Instance, _services.Options.Retry);
    }

    private void OnTyping(UserId user)
    {
        if (_subscribers.Count == 0)
        {
            return;
        }

        _typing[user] = _services.Time.GetTimestamp();
        if (Timers.IsTimerActive(nameof(TypingDue)))
        {
            _typingMoved = true;
        }
        else
        {
            BroadcastTyping();
        }
    }

    private void OnTypingDue()
    {
        if (_typingMoved)
        {
            BroadcastTyping();
        }
    }

    /// <summary>Sends everyone who is typing now, not only who has just started, at most once per interval.</summary>
    private void BroadcastTyping()
    {
        _typingMoved = false;
        foreach (var (user, _) in _typing.Where(typing => _services.Time.GetElapsedTime(typing.Value) > TypingTtl).ToList())
        {
            _typing.Remove(user);
        }

        if (_typing.Count > 0)
        {
            SendAll(ClientFrames.Typing(_room, [.. _typing.Keys.Select(user => user.Value)], TypingTtl));
            Timers.StartSingleTimer(nameof(TypingDue), TypingDue.Instance, TypingInterval);
        }
    }

    private void SendAll(byte[] ephemeral)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.OnEphemeral(_room, ephemeral);
        }
    }

    private void Watch()
    {
        ChatMetrics.RelayRenewals.Add(1);
        _services.Rooms.Tell(new WatchRoom(_room, _services.Edge));
    }

    /// <summary>Retries often until the room has answered once, then renews the lease at its interval.</summary>
    private void Answered()
    {
        if (!_answered)
        {
            _answered = true;
            Context.Parent.Tell(new RelayHub.Awake(_room));
            Timers.StartPeriodicTimer(nameof(Renew), Renew.Instance, _services.Options.Renew);
        }
    }

    private void LingerIfUnused()
    {
        if (_subscribers.Count == 0 && _waiting.Count == 0)
        {
            Timers.StartSingleTimer(nameof(GoIdle), GoIdle.Instance, _services.Options.Linger);
        }
    }

    private void OnIdle()
    {
        if (_subscribers.Count == 0 && _waiting.Count == 0)
        {
            Context.Parent.Tell(new RelayHub.Idle(_room, _attaches));
        }
    }

    private sealed record Repaired(RoomEventPage? Page);

    private sealed record RepairFailed(Exception Cause);

    private sealed class Renew
    {
        public static readonly Renew Instance = new();
    }

    private sealed class RetryRepair
    {
        public static readonly RetryRepair Instance = new();
    }

    private sealed class TypingDue
    {
        public static readonly TypingDue Instance = new();
    }

    private sealed class GoIdle
    {
        public static readonly GoIdle Instance = new();
    }
}
