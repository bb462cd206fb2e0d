using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Driving;

/// <summary>What a user does with what the server sends.</summary>
internal sealed partial class VirtualUser
{
    private const int LongestRoomId = 128;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Of the logs: a history is read beside the connection.</summary>
    private readonly Lock _gate = new();
    private readonly Membership[] _rooms;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _roomsById;
    private readonly Dictionary<int, string> _roomsByPlan;
    private readonly HashSet<int> _pulling = [];
    private long _heartbeat = 25_000_000;
    private TimeSpan _clockAhead;
    private string? _epoch;
    private long _userSeq;
    private long _connectStarted;

    /// <summary>The limits that the server's hello named; sends a second.</summary>
    public double? SendsPerSecond { get; private set; }

    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _rooms.All(static room => room.Log.HasAll(room.Record.Head));
            }
        }
    }

    /// <summary>The end of the run: what is owed now stays owed.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            foreach (var room in _rooms)
            {
                room.Log.Finish(room.Record.Head);
            }
        }
    }

    /// <summary>Resumes what an earlier connection has opened; the other rooms begin with the digest.</summary>
    private byte[] CreateHello()
    {
        var open = _rooms.Where(static room => room.Log.IsOpen).ToList();
        foreach (var room in open)
        {
            room.Log.Attach();
        }

        return Requests.Hello($"d_{Account.Name}", _epoch, _userSeq, open.Select(static room => (room.Record.Id, room.Log.Applied)));
    }

    private void Handle(ReadOnlySpan<byte> bytes, long now)
    {
        try
        {
            var frame = FrameReader.Read(bytes);
            lock (_gate)
            {
                if (frame.IsReply)
                {
                    HandleReply(frame, now);
                }
                else
                {
                    HandleEvent(frame, now);
                }
            }
        }
        catch (JsonException)
        {
            _context.Findings.Add(Fault.Altered, $"{Account.Name} got a frame that is not JSON");
        }
    }

    private void HandleEvent(in Frame frame, long now)
    {
        switch (frame.Kind)
        {
            case EventKind.SyncDone:
                Synced(now);
                return;
            case EventKind.Digest or EventKind.Head:
                foreach (var head in FrameReader.Heads(frame.Data))
                {
                    if (Find(head.Room) is { } told)
                    {
                        Tell(told, head.Head, isDigest: frame.Kind == EventKind.Digest);
                    }
                }

                return;
        }

        if (frame.Room.IsEmpty || Find(frame.Room) is not { } index)
        {
            return;
        }

        var log = _rooms[index].Log;
        switch (frame.Kind)
        {
            case EventKind.Sync:
                TakeBrought(index, frame.Data, now, isResume: true);
                break;
            case EventKind.Reset:
                log.Reset(FrameReader.Number(frame.Data, "head"u8));
                ReadHistory(index);
                break;
            case EventKind.Lagged:
                _context.Measurements.CountLagged();
                _context.Notices.Add(Limit.SlowReader, "room.lagged");
                log.Lagged(FrameReader.Number(frame.Data, "head"u8));
                Repair(index);
                break;
            case var _ when frame.Seq > 0 && log.IsOpen:
                Take(_context.Frames.Event(frame), log, isLive: true, now);
                Repair(index);
                break;
        }
    }

    private void Synced(long now)
    {
        Volatile.Write(ref _connectedAt, now);
        IsConnected = true;
        _context.Measurements.CountConnected();
        _context.Measurements.Connect.Record(now - _connectStarted);
        if (IsReturning)
        {
            _context.Measurements.Return.Record(now - _brokenAt);
            Volatile.Write(ref _brokenAt, NotBroken);
        }

        for (var i = 0; i < _rooms.Length; i++)
        {
            Repair(i);
        }

        _outbox.Wake();
    }

    /// <summary>Where a room is: a first digest opens it, a beacon shows whether the last events were lost.</summary>
    private void Tell(int index, long head, bool isDigest)
    {
        var log = _rooms[index].Log;
        log.Open(head);
        if (!isDigest)
        {
            log.Know(head);
            Repair(index);
        }
    }

    private void HandleReply(in Frame frame, long now)
    {
        if (frame.Re[0] == Requests.SendPrefix && Utf8Parser.TryParse(frame.Re[1..], out int message, out _) && message < _context.Messages.Count)
        {
            HandleSent(message, frame, now);
        }
        else if (frame.Re[0] == Requests.PullPrefix && Utf8Parser.TryParse(frame.Re[1..], out int index, out _) && index < _rooms.Length)
        {
            HandlePulled(index, frame, now);
        }
        else if (frame.Re.SequenceEqual(Requests.HelloId))
        {
            HandleHello(frame);
        }
    }

    private void HandleHello(in Frame frame)
    {
        if (frame.IsError)
        {
            var refusal = FrameReader.Refusal(frame.Error);
            if (refusal.Code == "busy")
            {
                _context.Notices.Add(Limit.Connections, refusal.Message);
            }

            throw new ConnectionEndedException($"hello was refused: {refusal.Code} {refusal.Message}");
        }

        _epoch = Encoding.UTF8.GetString(FrameReader.Text(frame.Data, "epoch"u8));
        _userSeq = FrameReader.Number(frame.Data, "userSeq"u8);
        _heartbeat = Math.Max(1000, FrameReader.Number(frame.Data, "heartbeatMs"u8)) * 1000;
        var limits = FrameReader.Text(frame.Data, "limits"u8);
        SendsPerSecond = Utf8Parser.TryParse(FrameReader.Text(limits, "sendPerSec"u8), out double rate, out _) ? rate : null;
        if (DateTimeOffset.TryParse(Encoding.UTF8.GetString(FrameReader.Text(frame.Data, "time"u8)), CultureInfo.InvariantCulture, out var time))
        {
            _clockAhead = time - _context.Clock.Time.GetUtcNow();
        }
    }

    private void HandleSent(int message, in Frame frame, long now)
    {
        ref var record = ref _context.Messages[message];
        if (!frame.IsError)
        {
            if (_outbox.Settle(message))
            {
                record.Seq = FrameReader.Number(frame.Data, "seq"u8);
                record.State = SendState.Acked;
                _rooms[Find(RoomOf(message))!.Value].Record.Know(record.Seq);
                _context.Measurements.CountAck(_context.Plan.DueOf(message), now);
            }

            return;
        }

        var refusal = FrameReader.Refusal(frame.Error);
        NoteRefusal(refusal);
        // After an attempt without an answer a refusal does not say whether that one was stored: the same cid finds it out.
        if (refusal.Code == "unavailable" || (refusal.IsRetryable && record.Attempts > 1))
        {
            Later(refusal.RetryAfterMs, () => _outbox.Return(message));
        }
        else if (_outbox.Settle(message))
        {
            record.State = record.Attempts == 1 ? SendState.Refused : SendState.Failed;
            _context.Measurements.CountFailed(refusal.Code);
        }
    }

    private void NoteRefusal(Refusal refusal)
    {
        Limit? limit = refusal.Code switch
        {
            "rate_limited" => Limit.Sends,
            "busy" => Limit.Busy,
            "unavailable" => Limit.Unavailable,
            _ => null,
        };
        if (limit is not null)
        {
            _context.Notices.Add(limit, refusal.Message);
        }
    }

    private void HandlePulled(int index, in Frame frame, long now)
    {
        if (!frame.IsError)
        {
            TakeBrought(index, frame.Data, now, isResume: false);
            _pulling.Remove(index);
            Repair(index);
            return;
        }

        var refusal = FrameReader.Refusal(frame.Error);
        if (refusal.Code == "gap_too_large")
        {
            ReadHistory(index);
            return;
        }

        if (refusal.Code == "rate_limited")
        {
            _context.Notices.Add(Limit.Requests, refusal.Message);
        }

        Later(refusal.RetryAfterMs, () =>
        {
            lock (_gate)
            {
                _pulling.Remove(index);
                Repair(index);
            }
        });
    }

    private void TakeBrought(int index, ReadOnlySpan<byte> data, long now, bool isResume)
    {
        var log = _rooms[index].Log;
        var from = FrameReader.Number(data, "from"u8);
        var events = _context.Frames.Events(data, out var to, out var head);
        foreach (var e in events)
        {
            Take(e, log, isLive: false, now);
        }

        log.CheckBrought(from, to);
        if (isResume)
        {
            log.Resumed(to);
        }
        else
        {
            log.Know(head);
        }
    }

    private void Take(in RoomEvent e, ReaderLog log, bool isLive, long now)
    {
        if ((isLive ? log.TakeLive(e) : log.TakeStored(e)) && e.Message != RoomEvent.NoMessage && e.Message < _context.Messages.Count)
        {
            _context.Measurements.CountDelivery(_context.Plan.DueOf(e.Message), now, timed: !IsSlow);
        }
    }

    /// <summary>Pulls what is missing, one pull at a time for a room. A connection that is resuming gets it without asking.</summary>
    private void Repair(int index)
    {
        var room = _rooms[index];
        if (IsConnected && !room.Log.IsComplete && _pulling.Add(index))
        {
            _context.Measurements.CountPull();
            _outbox.AddControl(Requests.Pull(index, room.Record.Id, room.Log.Applied));
        }
    }

    /// <summary>Reads what is missing over REST; meanwhile nothing is pulled.</summary>
    private void ReadHistory(int index)
    {
        _pulling.Add(index);
        _ = Task.Run(async () =>
        {
            var room = _rooms[index];
            try
            {
                for (var isComplete = false; !isComplete;)
                {
                    var after = room.Log.Applied;
                    var page = await _context.Api.EventsAsync(Account, room.Record.Id, after, CancellationToken.None);
                    lock (_gate)
                    {
                        var events = _context.Frames.Events(page, out _, out _);
                        foreach (var e in events)
                        {
                            Take(e, room.Log, isLive: false, _context.Clock.Now);
                        }

                        isComplete = room.Log.IsComplete || events.Count == 0;
                    }
                }
            }
            catch (Exception e) when (e is UnusableServerException or JsonException)
            {
                LastFailure = e.Message;
            }

            lock (_gate)
            {
                _pulling.Remove(index);
                Repair(index);
            }
        });
    }

    private void Later(int milliseconds, Action action)
    {
        var wait = TimeSpan.FromMilliseconds(Math.Max(100, milliseconds) + Random.Shared.Next(100));
        _ = Task.Delay(wait < LongestRetry ? wait : LongestRetry, _context.Clock.Time).ContinueWith(_ => action(), TaskScheduler.Default);
    }

    private string RoomOf(int message) => _roomsByPlan[_context.Plan.RoomOf(message)];

    private int? Find(ReadOnlySpan<char> id) => _roomsById.TryGetValue(id, out var index) ? index : null;

    private int? Find(ReadOnlySpan<byte> id)
    {
        Span<char> text = stackalloc char[LongestRoomId];
        return id.Length <= LongestRoomId && Ascii.ToUtf16(id, text, out var length) == System.Buffers.OperationStatus.Done ? Find(text[..length]) : null;
    }

    private readonly record struct Membership(RoomRecord Record, ReaderLog Log);
}
