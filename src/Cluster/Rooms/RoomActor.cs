using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Persistence;
using AkkaChat.Cluster.Projection;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>What a room needs besides its journal.</summary>
/// <param name="Mediator">Of distributed pub-sub: for broadcasts to all edges.</param>
/// <param name="Outbox">The node's <see cref="EdgeOutbox"/>: for broadcasts to the edges that watch the room.</param>
/// <param name="Overtaken">The node's <see cref="OvertakenRooms"/>: for rooms that have written nothing yet.</param>
public sealed record RoomServices(
    RoomOptions Options, TimeProvider Time, IRoomLog Log, IActorRef Projection, IActorRef Mediator, IActorRef Outbox, IActorRef Overtaken);

/// <summary>
/// One room, and the only writer of its journal. It decides, commits, replies and publishes, in this order: the state changes at the
/// decision, while replies and broadcasts wait for the commit. When a write fails or is rejected, its outcome is unknown and the actor
/// stops. It restarts from the journal, where a retry of a message finds out by its client id whether the message was stored.
/// </summary>
#pragma warning disable CS0618 // Its replacement leaves the stash unbounded, whatever the mailbox's capacity (Akka.NET 1.5.73).
public sealed partial class RoomActor : UntypedPersistentActor, IWithTimers, IWithBoundedStash
#pragma warning restore CS0618
{
    /// <summary>The number of connections whose send order the room remembers at least.</summary>
    private const int MaxStreams = 4_096;

    private static readonly TimeSpan LeaseCheck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryWhenBusy = TimeSpan.FromMilliseconds(250);

    private readonly RoomId _room;
    private readonly RoomServices _services;
    private readonly RoomWatchers _watchers;
    private readonly GroupCommit _commit;
    private readonly SendStreams _streams = new(MaxStreams);

    /// <summary>After the last commit: an edge cannot notice a gap when it has missed the last event.</summary>
    private readonly BroadcastRepeater _headRepeater;

    /// <summary>After the start: the mediator of a node that has just started does not know yet which edges subscribe.</summary>
    private readonly BroadcastRepeater _startedRepeater;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly long _started = ChatMetrics.RecoveryDuration.Start();

    private RoomState _state = RoomState.Empty;
    private RoomState _committed = RoomState.Empty;
    private long _eventsSinceSnapshot;
    private long _rowsAtSnapshot;
    private int _lookUps;
    private bool _stopping;

    public RoomActor(RoomId room, RoomServices services)
    {
        _room = room;
        _services = services;
        _watchers = new RoomWatchers(services.Outbox, services.Time, services.Options.WatchLease);
        _commit = new GroupCommit(services.Options);
        _headRepeater = new BroadcastRepeater(
            this, BroadcastHead, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
        _startedRepeater = new BroadcastRepeater(this, NotifyStarted, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
    }

    public override string PersistenceId => _room.Value;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>
    /// Commands are stashed during recovery, up to the mailbox's stash capacity. Those beyond it are answered, not dropped.
    /// </summary>
    public override IStashOverflowStrategy InternalStashOverflowStrategy { get; } = new ReplyToStrategy(Busy);

    private static Nack NoSuchRoom { get; } = new(NackCode.NotFound, "There is no such room.");

    private static Nack OutOfOrder { get; } = new(NackCode.OutOfOrder, "An earlier message of this connection has not arrived.");

    /// <summary>The reply to a command that finds a queue of its room full.</summary>
    public static Nack Busy { get; } = new(NackCode.Busy, "Too many messages to this room are waiting.", RetryWhenBusy);

    public static Props Props(RoomId room, RoomServices services) =>
        Akka.Actor.Props.Create(() => new RoomActor(room, services)).WithMailbox(RoomSharding.MailboxName);

    protected override void PreStart()
    {
        ChatMetrics.Rooms.Add(1);
        base.PreStart();
    }

    protected override void PostStop()
    {
        ChatMetrics.Rooms.Add(-1);
        _watchers.Clear();
        StopLooking();
        base.PostStop();
    }

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case RoomEventBatch batch:
                _state = _state.Apply(batch.Events);
                _eventsSinceSnapshot += batch.Events.Count;
                break;
            case RoomFence:
                _fencesReplayed++;
                break;
            case SnapshotOffer { Snapshot: RoomSnapshot snapshot } offer:
                _state = RoomState.From(snapshot);
                _rowsAtSnapshot = offer.Metadata.SequenceNr;
                _fencesReplayed = 0;
                break;
            case RecoveryCompleted:
                ChatMetrics.RecoveryDuration.RecordSince(_started);
                OnRecovered();
                break;
            default:
                throw new InvalidOperationException($"{message.GetType()} is not an entry of a room's journal.");
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case (IRoomCommand or WatchRoom) and not (CreateRoom or OpenDirect) when _state.Seq == 0:
                Sender.Tell(NoSuchRoom);
                PassivateUnlessCreated();
                break;
            case NotifyTyping or UnwatchRoom when _state.Seq == 0:
                PassivateUnlessCreated();
                break;
            case PostMessage command:
                Post(command, stored: null);
                break;
            case StoredFound found:
                _lookUps--;
                Post(found);
                StopIfDone();
                break;
            case MessageFound found:
                _lookUps--;
                Change(found.Command, found.Facts);
                StopIfDone();
                break;
            case LookUpFailed failed:
                _log.Warning(failed.Cause, "Looking up a message of {Room} failed", _room);
                _lookUps--;
                Sender.Tell(new Nack(NackCode.Unavailable, "The journal could not be read.", RetryWhenBusy));
                StopIfDone();
                break;
            case IMessageCommand command when _state.NeedsLookUp(command):
                LookUp(command);
                break;
            case IRoomCommand command:
                CommitAndReply(_state.Process(command, Now()));
                PassivateUnlessCreated();
                break;
            case WatchRoom command:
                Watch(command);
                break;
            case UnwatchRoom command:
                _watchers.Remove(command.Edge);
                break;
            case NotifyTyping command when _state.Members.ContainsKey(command.User):
                _watchers.Publish(new Typing(_room, command.User));
                break;
            case NotifyTyping:
                break;
            case CheckLeases:
                _watchers.DropExpired();
                break;
            case OvertakenRooms.Overtaken overtaken:
                OnOvertaken(overtaken);
                break;
            case BroadcastRepeater.Due due:
                due.Send();
                break;
            case Stop:
                _stopping = true;
                StopIfDone();
                break;
            case SaveSnapshotSuccess saved:
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failed:
                _log.Warning(failed.Cause, "Saving a snapshot of {Room} failed; the journal is complete without it", _room);
                break;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        ChatMetrics.RoomFailures.Add(1, new KeyValuePair<string, object?>("kind", "failed"));
        _log.Warning(cause, "A write of {Room} failed at row {Row}: its outcome is unknown; restarting the room", _room, sequenceNr);
        Abandon();
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        ChatMetrics.RoomFailures.Add(1, new KeyValuePair<string, object?>("kind", "rejected"));
        // Without the restart, Akka would continue after a row number that was never written.
        _log.Error(cause, "A write of {Room} was rejected at row {Row}; restarting the room", _room, sequenceNr);
        Abandon();
        Context.Stop(Self);
    }

    private void Post(PostMessage command, SeenMessage? stored, bool lookedUp = false)
    {
        if (!lookedUp && !_streams.TryTake(command.Order))
        {
            Sender.Tell(OutOfOrder);
            return;
        }

        var now = Now();
        if (!lookedUp && (_state.NeedsLookUp(command, now) || _state.NeedsRoot(command)))
        {
            // Later sends of the connection must not be stored while this one waits for the look-up.
            _streams.Break(command.Order);
            LookUp(command);
            return;
        }

        var decision = _state.Process(command, now, stored);
        ChatMetrics.DedupHits.Add(decision.Reply is PostAck { Duplicate: true } ? 1 : 0);
        if (!CommitAndReply(decision, command.Edge, ChatTracing.StartCommit(command.Trace, _room.Value)) || decision.Reply is Nack)
        {
            _streams.Break(command.Order);
        }
    }

    /// <summary>
    /// Commits a decision and then sends its reply. False when too many replies wait already: then the decision is dropped.
    /// </summary>
    private bool CommitAndReply(Decision decision, EdgeId? edge = null, Activity? trace = null)
    {
        if (_commit.IsFull)
        {
            ChatMetrics.RoomBusy.Add(1);
            trace?.Dispose();
            Sender.Tell(Busy);
            return false;
        }

        _state = _state.Apply(decision.Events);
        if (decision.Events.IsEmpty)
        {
            trace?.Dispose();
        }

        if (!_commit.TryAdd(decision, new Asker(Sender, edge), _state, trace))
        {
            Sender.Tell(decision.Reply);
            return true;
        }

        WriteNext();
        return true;
    }

    private void WriteNext()
    {
        if (_commit.StartNext() is { } batch)
        {
            IRoomJournalEntry row = batch.Events.Count == 0 ? NewFence() : new RoomEventBatch(batch.Events);
            PersistAsync(row, _ => OnCommitted());
        }
    }

    private void OnCommitted()
    {
        StopLooking();
        var batch = _commit.Complete();
        _committed = batch.StateAfter;
        foreach (var (to, reply) in batch.Replies)
        {
            Reply(to, reply);
        }

        if (batch.Events.Count > 0)
        {
            var traces = batch.EndTraces(ActivityStatusCode.Ok);
            _watchers.Publish(new Committed(_room, batch.Events) { Traces = traces }, batch.Bytes + (traces.Count * EventTrace.WireBytes));
            _headRepeater.Start();
        }

        _services.Projection.Tell(new ProjectionDriver.RoomMoved(_room));
        WriteNext();
        SnapshotIfDue(batch.Events.Count);
        StopIfDone();
    }

    /// <summary>If the sender's edge is known, the reply travels in the node's next batch for that edge.</summary>
    private void Reply(Asker to, IReply reply)
    {
        if (to.Edge is { } edge && to.Ref.Path.Address.HasGlobalScope)
        {
            _services.Outbox.Tell(new EdgeOutbox.Reply(edge, to.Ref, reply));
        }
        else
        {
            to.Ref.Tell(reply);
        }
    }

    private void Watch(WatchRoom command)
    {
        _watchers.Renew(command.Edge);
        if (!Timers.IsTimerActive(nameof(CheckLeases)))
        {
            // A restart would delay the timer: frequent renewals would keep it from ever firing.
            Timers.StartPeriodicTimer(nameof(CheckLeases), CheckLeases.Instance, LeaseCheck);
        }

        LookForOthers();
        Sender.Tell(new WatchAck(_room, _committed.Seq));
    }

    private void BroadcastHead() => _watchers.Publish(new Head(_room, _committed.Seq, _committed.N));

    private void Abandon()
    {
        foreach (var waiting in _commit.Abandon())
        {
            waiting.Tell(new Nack(NackCode.Unavailable, "The outcome is unknown; retry with the same cid.", RetryWhenBusy));
        }
    }

    private void StopIfDone()
    {
        if (_stopping && _commit.IsIdle && _lookUps == 0)
        {
            Context.Stop(Self);
        }
    }

    /// <summary>Truncated to the millisecond, as it is stored, so that a live decision equals its replay.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(_services.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Stops the room once everything in progress is committed and answered. Sent at hand-off and passivation.</summary>
    internal sealed class Stop
    {
        public static readonly Stop Instance = new();
    }

    private sealed class CheckLeases
    {
        public static readonly CheckLeases Instance = new();
    }
}
