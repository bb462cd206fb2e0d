using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C5: what each client applied is a contiguous copy of the final log, complete at the end and never late; what comes live has no holes.
/// C6: no phantoms, and nothing outside a membership.
/// </summary>
internal static class DeliveryChecks
{
    /// <summary>G4: how long a connected member may lack what is acknowledged, once no fault is at work.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    public static void Check(CheckContext context)
    {
        var followers = new Dictionary<string, Follower>();
        var known = FirstKnown(context);
        foreach (var entry in context.Run.History)
        {
            if (!followers.TryGetValue(entry.User, out var follower))
            {
                followers.Add(entry.User, follower = new Follower(context, entry.User, known));
            }

            follower.Take(entry);
        }

        context.DeliveryMs = [.. followers.Values.SelectMany(follower => follower.DelaysMs)];
        context.Deliveries = followers.Values.Sum(follower => follower.Deliveries);
    }

    /// <summary>When each event was known to be committed: acknowledged, or delivered to somebody.</summary>
    private static Dictionary<(string Room, long Seq), long> FirstKnown(CheckContext context)
    {
        var known = new Dictionary<(string, long), long>();
        foreach (var entry in context.Run.History)
        {
            if (entry is { Op: Op.Ok or Op.Live or Op.Resume or Op.Sync, Room: not null })
            {
                known.TryAdd((entry.Room, entry.Seq), entry.Time);
            }
        }

        return known;
    }
}

/// <summary>One user's side, replayed from the history.</summary>
internal sealed class Follower(CheckContext context, string user, Dictionary<(string Room, long Seq), long> known)
{
    private readonly Dictionary<string, Copy> _copies = [];
    private readonly Dictionary<string, long> _leftAt = [];
    private readonly Dictionary<string, IReadOnlyList<(long From, long To)>> _memberships = [];
    private long? _dialledAt;
    private long _connectedAt;
    private long _stalledUntil;

    public List<double> DelaysMs { get; } = [];

    public long Deliveries { get; private set; }

    public void Take(Entry entry)
    {
        switch (entry.Op)
        {
            case Op.Dial:
                _dialledAt = entry.Time;
                break;
            case Op.Connect:
                CheckConnect(entry);
                _connectedAt = entry.Time;
                _dialledAt = null;
                break;
            case Op.Close:
                foreach (var copy in _copies.Values)
                {
                    copy.Cursor = null;
                }

                break;
            case Op.StallBegin:
                _stalledUntil = long.MaxValue;
                break;
            case Op.StallEnd:
                _stalledUntil = entry.Time;
                break;
            case Op.Open:
                _copies[entry.Room!] = new Copy(entry.Seq);
                break;
            case Op.Removed:
                _copies.Remove(entry.Room!);
                break;
            case Op.Attach when _copies.TryGetValue(entry.Room!, out var copy):
                copy.Cursor = (entry.Connection, entry.Seq);
                break;
            case Op.Lagged when _copies.TryGetValue(entry.Room!, out var copy):
                copy.Cursor = (entry.Connection, Math.Max(entry.Seq, copy.Cursor?.Seq ?? 0));
                break;
            case Op.LeaveOk:
                _leftAt[entry.Room!] = entry.Time;
                break;
            case Op.JoinInvoke:
                _leftAt.Remove(entry.Room!);
                break;
            case Op.Live or Op.Resume or Op.Sync:
                TakeEvent(entry);
                break;
            case Op.Final:
                CheckEnd(entry);
                break;
            case Op.Breach:
                context.Report("C5", entry.Time, $"{user} {entry.Room}: {entry.Code}");
                break;
        }
    }

    private void TakeEvent(Entry entry)
    {
        Deliveries++;
        CheckContent(entry);
        CheckMembership(entry);
        if (!_copies.TryGetValue(entry.Room!, out var copy))
        {
            if (!_leftAt.ContainsKey(entry.Room!))
            {
                context.Report("C5", entry.Time, $"{user} got {entry.Seq} of {entry.Room}, a room that the server had not told of");
            }

            return;
        }

        if (entry.Op == Op.Live)
        {
            CheckLive(copy, entry);
        }
        else if (entry.Op == Op.Resume && entry.Seq > copy.Last + 1)
        {
            context.Report("C5", entry.Time, $"{user} resumed {entry.Room} from {copy.Last} and got {entry.Seq}");
        }

        if (entry.Seq == copy.Last + 1)
        {
            copy.Last = entry.Seq;
            CheckDelay(entry);
        }
        else if (entry.Applied)
        {
            context.Report("C5", entry.Time, $"{user} applied {entry.Seq} of {entry.Room} after {copy.Last}");
        }
    }

    /// <summary>The server's side of it: on one connection every event comes once and in order, unless it says that it withheld some.</summary>
    private void CheckLive(Copy copy, Entry entry)
    {
        if (copy.Cursor is { } cursor && cursor.Connection == entry.Connection)
        {
            if (entry.Seq != cursor.Seq + 1)
            {
                context.Report("C5", entry.Time, $"{user} on connection {entry.Connection} got {entry.Seq} of {entry.Room} live after {cursor.Seq}");
            }

            copy.Cursor = (entry.Connection, Math.Max(entry.Seq, cursor.Seq));
        }
        else
        {
            // What follows membership.added may overtake the note of it.
            copy.Cursor = (entry.Connection, entry.Seq);
        }
    }

    private void CheckContent(Entry entry)
    {
        var log = context.Final.GetValueOrDefault(entry.Room!) ?? [];
        var stored = entry.Seq >= 1 && entry.Seq <= log.Count ? log[(int)entry.Seq - 1] : null;
        if (stored is null)
        {
            context.Report("C6", entry.Time, $"{user} got {entry.Seq} of {entry.Room}, which is not in the log");
        }
        else if (stored.Kind != entry.Event || (stored.By is not null && entry.By is not null && stored.By != entry.By) || stored.Cid != entry.Cid
            || !context.Forms[entry.Room!].IsFormOf(stored, entry.Hash))
        {
            context.Report("C5", entry.Time, $"{user} got {entry.Seq} of {entry.Room} as {entry.Event} {entry.By} {entry.Cid} {entry.Hash}, the log has {stored}");
        }
    }

    private void CheckMembership(Entry entry)
    {
        if (_leftAt.TryGetValue(entry.Room!, out var left) && LeftSeq(entry.Room!, entry.Seq))
        {
            context.Report("C6", entry.Time, $"{user} got {entry.Seq} of {entry.Room} {(entry.Time - left) / 1000} ms after leaving it");
        }
        else if (entry.Op == Op.Live && !Memberships(entry.Room!).Any(span => entry.Seq >= span.From && entry.Seq <= span.To))
        {
            context.Report("C6", entry.Time, $"{user} got {entry.Seq} of {entry.Room} live, where it was not a member");
        }
    }

    /// <summary>Whether the event lies above the user's leaving, as the log has it.</summary>
    private bool LeftSeq(string room, long seq) => !Memberships(room).Any(span => seq >= span.From && seq <= span.To);

    private IReadOnlyList<(long From, long To)> Memberships(string room)
    {
        if (_memberships.TryGetValue(room, out var spans))
        {
            return spans;
        }

        var found = new List<(long From, long To)>();
        foreach (var e in (context.Final.GetValueOrDefault(room) ?? []).Where(e => e.By == user))
        {
            if (e.Kind == EventKind.Joined)
            {
                found.Add((e.Seq, long.MaxValue));
            }
            else if (e.Kind == EventKind.Left && found.Count > 0)
            {
                found[^1] = (found[^1].From, e.Seq);
            }
        }

        return _memberships[room] = found;
    }

    /// <summary>What was missed must come soon after the client is back: a resumption counts from when it began to try.</summary>
    private void CheckDelay(Entry entry)
    {
        if (!known.TryGetValue((entry.Room!, entry.Seq), out var first) || (entry.Op == Op.Resume && _dialledAt is null))
        {
            return;
        }

        if (entry.Op == Op.Live && !context.IsDisturbed(first, entry.Time))
        {
            DelaysMs.Add((entry.Time - first) / 1000.0);
        }

        var since = Math.Max(first, (entry.Op == Op.Resume ? _dialledAt : _connectedAt) ?? 0);
        if (LateBy(since, entry.Time) is { } seconds)
        {
            context.Report("C5", entry.Time, $"{user} got {entry.Seq} of {entry.Room} {seconds:F1} s late");
        }
    }

    private void CheckConnect(Entry entry)
    {
        if (_dialledAt is { } since && LateBy(since, entry.Time) is { } seconds)
        {
            context.Report("C5", entry.Time, $"{user} tried for {seconds:F1} s to be connected, and no fault was at work");
        }
    }

    /// <summary>The seconds since then in which the user read, no fault was at work and the machine was responsive, where they are too many.</summary>
    private double? LateBy(long since, long time)
    {
        if (_stalledUntil == long.MaxValue)
        {
            return null;
        }

        since = Math.Max(since, _stalledUntil);
        since = Math.Max(since, context.LastEnd(since, time));
        var late = context.Fed(since, time);
        return late > Clock.Of(DeliveryChecks.Late) ? late / 1_000_000.0 : null;
    }

    private void CheckEnd(Entry entry)
    {
        var log = context.Final.GetValueOrDefault(entry.Room!) ?? [];
        if (entry.Seq != log.Count)
        {
            context.Report("C5", entry.Time, $"{user} ended at {entry.Seq} of {entry.Room}, whose log ends at {log.Count}");
        }
    }

    private sealed class Copy(long start)
    {
        public long Last { get; set; } = start;

        /// <summary>How far the server has told this connection live.</summary>
        public (int Connection, long Seq)? Cursor { get; set; }
    }
}
