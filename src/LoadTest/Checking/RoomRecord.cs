namespace AkkaChat.LoadTest.Checking;

/// <summary>A durable event as a reader gets it, live, by a pull or from the history.</summary>
/// <param name="Message">The number of the run's message, or <see cref="NoMessage"/> of any other event.</param>
/// <param name="IsIntact">Whether the text is what was sent.</param>
internal readonly record struct RoomEvent(long Seq, int Message, Guid Cid, bool IsIntact)
{
    public const int NoMessage = -1;
}

/// <summary>
/// One room as its readers saw it together: which message stands at which seq. What one reader gets is compared with what another got
/// before, so that the members need not keep copies of their own.
/// </summary>
internal sealed class RoomRecord(int index, string id, MessageTable messages, Findings findings)
{
    private const int Unseen = -2;

    /// <summary>No run gets here; a seq above it is nonsense.</summary>
    private const long LargestSeq = 100_000_000;

    private readonly Lock _gate = new();
    private readonly List<int> _log = [];
    private readonly Dictionary<int, long> _seqOf = [];

    public int Index { get; } = index;

    public string Id { get; } = id;

    /// <summary>The highest seq that anybody got or that was acknowledged.</summary>
    public long Head { get; private set; }

    /// <summary>Takes what somebody got, and finds what contradicts what was sent, or what others got.</summary>
    public void See(in RoomEvent e)
    {
        if (e.Seq is < 1 or > LargestSeq)
        {
            findings.Add(Fault.Altered, $"room {Id}: an event has the seq {e.Seq}");
            return;
        }

        lock (_gate)
        {
            Head = Math.Max(Head, e.Seq);
            while (_log.Count <= e.Seq)
            {
                _log.Add(Unseen);
            }

            var seen = _log[(int)e.Seq];
            if (seen == Unseen)
            {
                _log[(int)e.Seq] = e.Message;
                CheckFirst(e);
            }
            else if (seen != e.Message)
            {
                findings.Add(Fault.Altered, $"room {Id}: seq {e.Seq} is {Name(seen)} to one reader and {Name(e.Message)} to another");
            }
            else if (e.Message != RoomEvent.NoMessage && !IsSent(e))
            {
                findings.Add(Fault.Altered, $"room {Id}: message {e.Message} at seq {e.Seq} has another text or cid than was sent");
            }
        }
    }

    public void Know(long head)
    {
        lock (_gate)
        {
            Head = Math.Max(Head, head);
        }
    }

    /// <summary>Compares the whole history of the room with what was answered to its senders. Nobody sends any more.</summary>
    /// <param name="history">All events from <paramref name="from"/> on, in the order in which the server told them.</param>
    public void Check(IReadOnlyList<RoomEvent> history, long from, int dispatched)
    {
        var next = from;
        var stored = new Dictionary<int, long>();
        foreach (var e in history)
        {
            if (e.Seq != next)
            {
                findings.Add(e.Seq > next ? Fault.Lost : Fault.OutOfOrder, $"room {Id}: seq {e.Seq} follows {next - 1} in the history");
            }

            next = e.Seq + 1;
            See(e);
            if (e.Message != RoomEvent.NoMessage)
            {
                stored.TryAdd(e.Message, e.Seq);
            }
        }

        if (Head >= next)
        {
            findings.Add(Fault.Lost, $"room {Id}: the history ends at {next - 1}, but members got events up to {Head}", Head - next + 1);
        }

        CheckReplies(stored, dispatched);
    }

    private void CheckReplies(Dictionary<int, long> stored, int dispatched)
    {
        var last = new Dictionary<(int Sender, int Connection), (int Message, long Seq)>();
        for (var k = 0; k < dispatched; k++)
        {
            if (messages.Plan.RoomOf(k) != Index)
            {
                continue;
            }

            ref var message = ref messages[k];
            if (message.State == SendState.Refused && stored.TryGetValue(k, out var seq))
            {
                findings.Add(Fault.RefusedButStored, $"room {Id}: message {k} was refused and stands at {seq}");
            }

            if (message.State != SendState.Acked)
            {
                continue;
            }

            if (!stored.TryGetValue(k, out seq))
            {
                findings.Add(Fault.AckedButMissing, $"room {Id}: message {k} was acknowledged at {message.Seq} and is not in the history");
            }
            else if (seq != message.Seq)
            {
                findings.Add(Fault.AckedButMissing, $"room {Id}: message {k} was acknowledged at {message.Seq} and stands at {seq}");
            }
            else if (message.Attempts == 1)
            {
                var stream = (messages.Plan.SenderOf(k), message.Connection);
                if (last.TryGetValue(stream, out var before) && before.Seq > seq)
                {
                    findings.Add(Fault.OutOfOrder, $"room {Id}: message {k} at {seq} was sent after message {before.Message} at {before.Seq}, on one connection");
                }

                last[stream] = (k, seq);
            }
        }
    }

    private void CheckFirst(in RoomEvent e)
    {
        if (e.Message == RoomEvent.NoMessage)
        {
            return;
        }

        if (!_seqOf.TryAdd(e.Message, e.Seq))
        {
            findings.Add(Fault.Doubled, $"room {Id}: message {e.Message} is stored at {_seqOf[e.Message]} and at {e.Seq}");
        }

        if (!IsSent(e))
        {
            findings.Add(Fault.Altered, $"room {Id}: message {e.Message} at seq {e.Seq} has another text or cid than was sent");
        }
    }

    /// <summary>Its record was written before it was sent.</summary>
    private bool IsSent(in RoomEvent e) =>
        e.IsIntact && e.Message < messages.Count && messages[e.Message].Cid == e.Cid && messages.Plan.RoomOf(e.Message) == Index;

    private static string Name(int message) => message == RoomEvent.NoMessage ? "no message of this run" : $"message {message}";
}
