using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;

namespace AkkaChat.Chaos.Tests;

/// <summary>A history made by hand, a line a step. Times are in seconds; without one each step is a millisecond after the last.</summary>
internal sealed class Story
{
    public const string Room = "r_1";
    public const string Ana = "u_ana";
    public const string Bob = "u_bob";

    private readonly List<Entry> _history = [];
    private readonly List<LogEvent> _log = [];
    private readonly List<FaultRecord> _faults = [];
    private readonly List<Starvation> _starved = [];
    private readonly List<Sample> _samples = [];
    private readonly Dictionary<string, IReadOnlyList<LogEvent>> _readers = [];
    private List<JournalRow>? _journal;
    private NodeLogFacts _logs = new();
    private RoomUse _use = RoomUse.Busy;
    private long _now;
    private long? _stopped;
    private long _attempt;

    /// <summary>Ana and Bob are in the room, connected and attached at 3.</summary>
    public static Story OfTwo()
    {
        var story = new Story();
        story.Stored(EventKind.Created, null).Stored(EventKind.Joined, Ana).Stored(EventKind.Joined, Bob);
        foreach (var user in new[] { Ana, Bob })
        {
            story.Note(Op.JoinInvoke, user).Note(Op.JoinOk, user).Connect(user, 1);
        }

        return story;
    }

    /// <summary>The talking stops here; what follows is the run's own end.</summary>
    public Story Stops()
    {
        _stopped = _now + 1;
        return At((_now / Clock.Seconds(1)) + 1);
    }

    public Story At(double seconds)
    {
        _now = Clock.Seconds(seconds);
        return this;
    }

    /// <summary>An event of the final log, at the next seq.</summary>
    public Story Stored(string kind, string? by, string? cid = null, string? body = null)
    {
        _log.Add(new LogEvent(_log.Count + 1, kind, by, cid, body));
        return this;
    }

    public Story Connect(string user, int connection)
    {
        if (connection == 1)
        {
            Add(new Entry { Op = Op.Open, User = user, Room = Room, Seq = 3 });
            Add(new Entry { Op = Op.Attach, User = user, Room = Room, Connection = connection, Seq = 3 });
        }

        return Add(new Entry { Op = Op.Connect, User = user, Connection = connection, Code = "edge1" });
    }

    public Story Close(string user, string code = "broken") => Add(new Entry { Op = Op.Close, User = user, Code = code });

    public Story Note(Op op, string user, long seq = 0, int connection = 1) =>
        Add(new Entry { Op = op, User = user, Room = Room, Seq = seq, Connection = connection });

    /// <summary>One attempt and, where given, its outcome.</summary>
    public Story Sends(string user, string cid, string body, Op? outcome = Op.Ok, long seq = 0, bool dup = false, string? code = null, int bytes = 0)
    {
        var attempt = ++_attempt;
        Add(new Entry { Op = Op.Invoke, User = user, Room = Room, Cid = cid, Hash = body, Attempt = attempt, Connection = 1, Bytes = bytes });
        return outcome is { } known
            ? Add(new Entry { Op = known, User = user, Room = Room, Cid = cid, Attempt = attempt, Connection = 1, Seq = seq, Dup = dup, Code = code })
            : this;
    }

    /// <summary>The acknowledgement of an attempt that was left open.</summary>
    public Story Answer(string user, string cid, long attempt, long seq) =>
        Add(new Entry { Op = Op.Ok, User = user, Room = Room, Cid = cid, Attempt = attempt, Connection = 1, Seq = seq });

    /// <summary>A message that is stored, acknowledged, and applied by both.</summary>
    public Story Says(string user, string cid, string body)
    {
        Stored(EventKind.Message, user, cid, body).Sends(user, cid, body, seq: _log.Count);
        return Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>A live event as the log has it.</summary>
    public Story Gets(string user, long seq, Op how = Op.Live, bool applied = true, int connection = 1, string? body = null)
    {
        var e = _log[(int)seq - 1];
        return Add(new Entry
        {
            Op = how, User = user, Room = Room, Seq = seq, Applied = applied, Connection = connection, Event = e.Kind, By = e.By, Cid = e.Cid, Hash = body ?? e.Hash,
        });
    }

    public Story Looks(string user, string state, params string[] online) => Add(new Entry
    {
        Op = Op.Presence, User = user, Room = Room, Since = _now, Code = state, By = "edge1", Online = online,
    });

    public Story Fault(string kind, double from, double healed, double to)
    {
        _faults.Add(new FaultRecord(kind, "a node", Clock.Seconds(from), Clock.Seconds(healed), Clock.Seconds(to)));
        return this;
    }

    public Story Reader(string name, Func<List<LogEvent>, IEnumerable<LogEvent>> change)
    {
        _readers[name] = [.. change([.. _log])];
        return this;
    }

    public Story Journal(params JournalRow[] rows)
    {
        _journal = [.. rows];
        return this;
    }

    public Story Logs(NodeLogFacts logs)
    {
        _logs = logs;
        return this;
    }

    public Story Uses(RoomUse use)
    {
        _use = use;
        return this;
    }

    public Story Samples(params IEnumerable<Sample> samples)
    {
        _samples.AddRange(samples);
        return this;
    }

    /// <summary>The machine gave the run too little of itself from then to then.</summary>
    public Story Starves(double from, double to)
    {
        _starved.Add(new Starvation(Clock.Seconds(from), Clock.Seconds(to), 10));
        return this;
    }

    public IReadOnlyList<Violation> Check()
    {
        var readers = new Dictionary<string, IReadOnlyList<LogEvent>> { ["sql"] = _log };
        foreach (var (name, log) in _readers)
        {
            readers[name] = log;
        }

        return Checker.Check(new RunRecord
        {
            History = _history,
            Rooms = [new RoomPlan(Room, _use)],
            Readers = readers.ToDictionary(
                reader => reader.Key,
                reader => (IReadOnlyDictionary<string, IReadOnlyList<LogEvent>>)new Dictionary<string, IReadOnlyList<LogEvent>> { [Room] = reader.Value }),
            Journal = new Dictionary<string, IReadOnlyList<JournalRow>> { [Room] = _journal ?? [new JournalRow(1, false, _log)] },
            Faults = _faults,
            Starved = _starved,
            Samples = _samples,
            Logs = _logs,
            HasSmallBuffers = true,
            Started = 0,
            Stopped = _stopped ?? _now + 1,
        }).Violations;
    }

    private Story Add(Entry entry)
    {
        _now += 1_000;
        _history.Add(entry with { Time = _now });
        return this;
    }
}
