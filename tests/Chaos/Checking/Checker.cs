using AkkaChat.Chaos.Histories;
using AkkaChat.Support;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// Judges a run by docs/guarantees.md: pure code over what the run has left behind. Each check adds its violations under its name,
/// <c>C1</c> to <c>C18</c>.
/// </summary>
public static class Checker
{
    public static Verdict Check(RunRecord run)
    {
        var context = new CheckContext(run);
        foreach (var failure in run.Failures)
        {
            context.Report("C10", run.Stopped, failure);
        }

        LogChecks.Check(context);
        SendChecks.Check(context);
        DeliveryChecks.Check(context);
        PresenceChecks.Check(context);
        NodeChecks.Check(context);
        FileChecks.Check(context);
        PictureChecks.Check(context);
        WorkChecks.Check(context);
        ChangeChecks.Check(context);
        UnreadChecks.Check(context);
        IsolationChecks.Check(context);
        return context.ToVerdict(RecoveryChecks.Check(context));
    }
}

/// <summary>What the checks share: the final log, the sends by client id, the memberships, and the faults.</summary>
internal sealed class CheckContext
{
    /// <summary>Of one kind of finding that many are kept; the rest is counted.</summary>
    private const int MaxPerCheck = 50;

    private readonly List<Violation> _violations = [];
    private readonly Dictionary<string, int> _counts = [];

    public CheckContext(RunRecord run)
    {
        Run = run;
        Final = run.Rooms.ToDictionary(
            room => room.Id,
            room => (IReadOnlyList<LogEvent>)(run.Readers.OrderBy(reader => reader.Key == RunRecord.JournalReader ? 0 : 1)
                .Select(reader => reader.Value.GetValueOrDefault(room.Id)).FirstOrDefault(log => log is { Count: > 0 }) ?? []));
        Forms = Final.ToDictionary(room => room.Key, room => new MessageForms(room.Value));
        foreach (var (room, log) in Final)
        {
            foreach (var e in log.Where(e => e.Kind == EventKind.Message && e.Cid is not null))
            {
                if (!ByCid.TryAdd((room, e.By!, e.Cid!), e))
                {
                    Report("C3", run.Stopped, $"{room}: {e.By} {e.Cid} is in the log at {ByCid[(room, e.By!, e.Cid!)].Seq} and at {e.Seq}");
                }
            }
        }

        Sends = Send.Gather(run.History);
    }

    public RunRecord Run { get; }

    /// <summary>Each room's log as the journal has it, or else the first reader that could read it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<LogEvent>> Final { get; }

    /// <summary>What became of each room's messages.</summary>
    public IReadOnlyDictionary<string, MessageForms> Forms { get; }

    public Dictionary<(string Room, string User, string Cid), LogEvent> ByCid { get; } = [];

    public IReadOnlyDictionary<(string Room, string User, string Cid), Send> Sends { get; }

    public Dictionary<string, string> Notes { get; } = [];

    public double[] DeliveryMs { get; set; } = [];

    public long Deliveries { get; set; }

    public long PresenceViews { get; set; }

    public void Report(string check, long time, string what)
    {
        _counts[check] = _counts.GetValueOrDefault(check) + 1;
        if (_counts[check] <= MaxPerCheck)
        {
            _violations.Add(new Violation(check, time, what));
        }
    }

    /// <summary>Whether a fault was at work, or its aftermath, at some time between the two.</summary>
    public bool IsDisturbed(long from, long to, Func<FaultRecord, bool>? which = null, double aftermathSeconds = 0) =>
        Run.Faults.Any(fault => (which?.Invoke(fault) ?? true) && fault.Started <= to && fault.Ended + Clock.Seconds(aftermathSeconds) >= from);

    /// <summary>Whether the machine gave the run too little of itself at some time between the two.</summary>
    public bool IsStarved(long from, long to) => Run.Starved.Any(starved => starved.From <= to && starved.To + Starvation.Aftermath >= from);

    /// <summary>How much of the time between the two the machine gave the run its share, in microseconds.</summary>
    public long Fed(long from, long to) => Starvation.Fed(Run.Starved, from, to);

    /// <summary>The last end of a fault that was at work between the two, or 0.</summary>
    public long LastEnd(long from, long to) =>
        Run.Faults.Where(fault => fault.Started <= to && fault.Ended >= from).Select(fault => fault.Ended).DefaultIfEmpty(0).Max();

    public Verdict ToVerdict(IReadOnlyList<Recovery> recoveries)
    {
        foreach (var (check, count) in _counts.Where(count => count.Value > MaxPerCheck))
        {
            var last = _violations.Where(violation => violation.Check == check).Max(violation => violation.Time);
            _violations.Add(new Violation(check, last, $"… and {count - MaxPerCheck} more"));
        }

        return new Verdict
        {
            Violations = [.. _violations.OrderBy(violation => violation.Check.Length).ThenBy(violation => violation.Check).ThenBy(violation => violation.Time)],
            Recoveries = recoveries,
            Acked = Sends.Values.Count(send => send.Acks.Count > 0),
            Attempts = Sends.Values.Sum(send => send.Attempts.Count),
            Duplicates = Sends.Values.Sum(send => send.Acks.Count(ack => ack.Dup)),
            Deliveries = Deliveries,
            LogEvents = Final.Values.Sum(log => log.Count),
            PresenceViews = PresenceViews,
            DeliveryP50Ms = Statistics.Percentile(DeliveryMs, 0.5),
            DeliveryP99Ms = Statistics.Percentile(DeliveryMs, 0.99),
            FaultsByKind = Run.Faults.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Count()),
            Notes = Notes,
        };
    }
}

/// <summary>One client id with all its attempts.</summary>
internal sealed class Send
{
    /// <summary>Refusals that say of themselves that nothing was stored.</summary>
    public List<Entry> Attempts { get; } = [];

    public List<Entry> Acks { get; } = [];

    public List<Entry> Refusals { get; } = [];

    public Dictionary<long, Entry> ByAttempt { get; } = [];

    public Entry First => Attempts[0];

    /// <summary>The body that counts: the first one sent under the id.</summary>
    public string Hash => First.Hash!;

    /// <summary>Every attempt was refused: nothing of it may be stored.</summary>
    public bool IsRejected => Acks.Count == 0 && Attempts.Count > 0 && Refusals.Count == Attempts.Count;

    public static IReadOnlyDictionary<(string Room, string User, string Cid), Send> Gather(IReadOnlyList<Entry> history)
    {
        var sends = new Dictionary<(string, string, string), Send>();
        foreach (var entry in history)
        {
            if (entry.Op is not (Op.Invoke or Op.Ok or Op.Fail))
            {
                continue;
            }

            var key = (entry.Room!, entry.User, entry.Cid!);
            if (!sends.TryGetValue(key, out var send))
            {
                sends.Add(key, send = new Send());
            }

            switch (entry.Op)
            {
                case Op.Invoke:
                    send.Attempts.Add(entry);
                    send.ByAttempt[entry.Attempt] = entry;
                    break;
                case Op.Ok:
                    send.Acks.Add(entry);
                    break;
                default:
                    send.Refusals.Add(entry);
                    break;
            }
        }

        return sends.Where(send => send.Value.Attempts.Count > 0).ToDictionary();
    }
}
