using System.Diagnostics;
using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>An actor that waits for a reply, and its edge if the command named it.</summary>
internal readonly record struct Asker(IActorRef Ref, EdgeId? Edge);

/// <summary>The events of one journal row, and the replies to send once it is committed.</summary>
internal sealed class CommitBatch
{
    public List<RoomEvent> Events { get; } = [];

    public List<(Asker To, IReply Reply)> Replies { get; } = [];

    /// <summary>Traces of events, ended by <see cref="EndTraces"/>.</summary>
    public List<(long Seq, Activity Trace)> Traces { get; } = [];

    /// <summary>The room's state once this batch is committed.</summary>
    public RoomState StateAfter { get; set; } = RoomState.Empty;

    public int Bytes { get; set; }

    /// <summary>When the write started, for <see cref="ChatMetrics"/>.</summary>
    public long Started { get; set; }

    /// <summary>Ends the traces and returns their contexts, which travel to the edges with the events.</summary>
    public IReadOnlyList<EventTrace> EndTraces(ActivityStatusCode status)
    {
        foreach (var (_, trace) in Traces)
        {
            trace.SetStatus(status).Dispose();
        }

        return Traces.Count == 0 ? [] : [.. Traces.Select(trace => new EventTrace(trace.Seq, trace.Trace.Id!))];
    }
}

/// <summary>
/// The group commit of one room. One write is in flight at a time; the decisions made meanwhile form the next row. Each reply waits for the
/// newest batch before it, so no reply reveals a state that is not durable. With <see cref="MustWriteFirst"/> a reply that has no batch to wait
/// for gets one without events, which is written as a fence.
/// </summary>
internal sealed class GroupCommit(RoomOptions options)
{
    private readonly Queue<CommitBatch> _waiting = new();
    private CommitBatch? _open;
    private CommitBatch? _inFlight;

    /// <summary>The number of replies that wait for a commit.</summary>
    public int Pending { get; private set; }

    public bool IsFull => Pending >= options.MaxPending;

    public bool IsIdle => _inFlight is null && _open is null;

    /// <summary>True until the first write is committed: it proves that no other incarnation has written since this one recovered.</summary>
    public bool MustWriteFirst { get; set; }

    /// <summary>Adds a decision and the state after it. False if there is nothing to write or wait for: reply at once.</summary>
    public bool TryAdd(Decision decision, Asker replyTo, RoomState stateAfter, Activity? trace = null)
    {
        if (decision.Events.IsEmpty && IsIdle && !MustWriteFirst)
        {
            return false;
        }

        var batch = decision.Events.IsEmpty ? _open ?? _inFlight ?? Open(stateAfter) : OpenFor(decision);
        if (!decision.Events.IsEmpty)
        {
            batch.Events.AddRange(decision.Events);
            batch.StateAfter = stateAfter;
            if (trace is not null)
            {
                batch.Traces.Add((decision.Events[^1].Seq, trace));
            }
        }

        batch.Replies.Add((replyTo, decision.Reply));
        Pending++;
        return true;
    }

    /// <summary>The next batch to write; null if there is none, or while one is in flight.</summary>
    public CommitBatch? StartNext()
    {
        if (_inFlight is not null || !_waiting.TryDequeue(out _inFlight))
        {
            return null;
        }

        if (ReferenceEquals(_inFlight, _open))
        {
            _open = null;
        }

        _inFlight.Started = ChatMetrics.CommitDuration.Start();
        return _inFlight;
    }

    /// <summary>The batch in flight is committed.</summary>
    public CommitBatch Complete()
    {
        var batch = _inFlight ?? throw new InvalidOperationException("No write is in flight.");
        _inFlight = null;
        MustWriteFirst = false;
        Pending -= batch.Replies.Count;
        ChatMetrics.CommitDuration.RecordSince(batch.Started);
        ChatMetrics.CommitEvents.Record(batch.Events.Count);
        return batch;
    }

    /// <summary>All actors that wait for a reply, after a write has failed.</summary>
    public IReadOnlyList<IActorRef> Abandon()
    {
        List<CommitBatch> batches = [.. _inFlight is null ? _waiting : _waiting.Prepend(_inFlight)];
        batches.ForEach(batch => batch.EndTraces(ActivityStatusCode.Error));
        return [.. batches.SelectMany(batch => batch.Replies).Select(reply => reply.To.Ref)];
    }

    private CommitBatch OpenFor(Decision decision)
    {
        var bytes = decision.Events.Sum(RoomEventCatalogue.SizeOf);
        if (_open is null || _open.Events.Count >= options.MaxBatchEvents || _open.Bytes + bytes > options.MaxBatchBytes)
        {
            Open(RoomState.Empty);
        }

        _open!.Bytes += bytes;
        return _open;
    }

    private CommitBatch Open(RoomState stateAfter)
    {
        _open = new CommitBatch { StateAfter = stateAfter };
        _waiting.Enqueue(_open);
        return _open;
    }
}
