using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;

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
    private readonly List<IsolationTrial> _trials = [];
    private readonly List<Sample> _samples = [];
    private readonly Dictionary<string, IReadOnlyList<LogEvent>> _readers = [];
    private List<JournalRow>? _journal;
    private readonly List<FinalLook> _looks = [];
    private readonly List<FinalAvatar> _avatars = [];
    private StoreFacts _store = new([], [], []);
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

    /// <summary>The user begins to try to be connected.</summary>
    public Story Dials(string user) => Add(new Entry { Op = Op.Dial, User = user });

    /// <summary>Ana and Bob send at the first second, and again at the last, when both are acknowledged; then the run goes on for a while.</summary>
    public Story Silent(double from, double until)
    {
        var messages = new[] { (User: Ana, Cid: $"a-{from}"), (User: Bob, Cid: $"b-{from}") };
        At(from);
        foreach (var (user, cid) in messages)
        {
            Stored(EventKind.Message, user, cid, cid).Sends(user, cid, cid, outcome: null);
        }

        At(until);
        var first = _log.Count - messages.Length + 1;
        for (var i = 0; i < messages.Length; i++)
        {
            var (user, cid) = messages[i];
            Sends(user, cid, cid, seq: first + i).Gets(Ana, first + i).Gets(Bob, first + i);
        }

        return At(Math.Max(60, until + 20));
    }

    public Story Close(string user, string code = "broken") => Add(new Entry { Op = Op.Close, User = user, Code = code });

    public Story Note(Op op, string user, long seq = 0, int connection = 1) =>
        Add(new Entry { Op = op, User = user, Room = Room, Seq = seq, Connection = connection });

    /// <summary>One attempt and, where given, its outcome.</summary>
    public Story Sends(
        string user, string cid, string body, Op? outcome = Op.Ok, long seq = 0, bool dup = false, string? code = null, int bytes = 0,
        string? files = null, IReadOnlyList<string>? links = null)
    {
        var attempt = ++_attempt;
        Add(new Entry
        {
            Op = Op.Invoke, User = user, Room = Room, Cid = cid, Hash = body, Attempt = attempt, Connection = 1, Bytes = bytes, Files = files, Links = links,
        });
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

    /// <summary>What happens to a message, in the log and applied by both.</summary>
    /// <param name="body">The new text of an edit.</param>
    public Story Happens(string kind, long message, string? by = null, string? body = null)
    {
        _log.Add(new LogEvent(_log.Count + 1, kind, by, null, body) { Of = message });
        return Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>An acknowledged change of a message.</summary>
    public Story Alters(string user, string what, long message, string? body = null) => Add(new Entry
    {
        Op = Op.AlterOk, User = user, Room = Room, Seq = message, Code = what, Hash = body,
    });

    /// <summary>A file of Ana's, 100 bytes, uploaded in two steps.</summary>
    public Story Uploads(string file, string content, params long[] offsets)
    {
        Add(new Entry { Op = Op.UploadBegin, User = Ana, Room = Room, File = file, Hash = content, Bytes = 100, Since = _now });
        foreach (var offset in offsets.Length > 0 ? offsets : [40, 100])
        {
            Add(new Entry { Op = Op.Offset, User = Ana, Room = Room, File = file, Seq = offset, Since = _now, Code = "PATCH 204" });
        }

        return offsets.Length > 0 && offsets[^1] < 100 ? this : Add(new Entry { Op = Op.Uploaded, User = Ana, Room = Room, File = file, Since = _now });
    }

    /// <summary>A message of Ana's with one file that is stored, acknowledged, and applied by both.</summary>
    public Story Shares(string cid, string file)
    {
        _log.Add(new LogEvent(_log.Count + 1, EventKind.Message, Ana, cid, cid) { Files = file });
        return Sends(Ana, cid, cid, seq: _log.Count, files: file).Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>A message of Ana's with links that is stored, acknowledged, and applied by both.</summary>
    public Story Links(string cid, params string[] links)
    {
        Stored(EventKind.Message, Ana, cid, cid).Sends(Ana, cid, cid, seq: _log.Count, links: links);
        return Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>Link cards of a message in the log, applied by both; none: removed.</summary>
    public Story Attached(long message, params string[] links) => AttachedWith(message, [], links);

    public Story AttachedWith(long message, IReadOnlyList<string> images, params string[] links)
    {
        var cards = string.Join('\n', links.Select(Site.CardOf));
        _log.Add(new LogEvent(_log.Count + 1, EventKind.Linked, null, null, cards) { Of = message, Cards = cards.Length == 0 ? null : cards, Images = images.Count == 0 ? null : string.Join(' ', images) });
        return Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>An avatar of Ana's: uploaded and, unless told otherwise, set.</summary>
    public Story HasAvatar(string file, bool isAsked = true, bool isDone = true)
    {
        Add(new Entry { Op = Op.UploadBegin, User = Ana, File = file, Form = "avatar", Hash = "png 4x4", Bytes = 100, Since = _now });
        return isAsked ? SetsAvatar(file, isDone) : this;
    }

    public Story SetsAvatar(string? file, bool isDone = true)
    {
        Add(new Entry { Op = Op.AvatarInvoke, User = Ana, File = file });
        return isDone ? Add(new Entry { Op = Op.AvatarOk, User = Ana, File = file }) : this;
    }

    /// <summary>Ana's avatar at an edge, after the end.</summary>
    public Story LastAvatar(string? file)
    {
        _avatars.Add(new FinalAvatar("edge1", Ana, file));
        return this;
    }

    public Story Fetches(string user, string file, string code, string? content = null, string form = "original", double took = 0) => Add(new Entry
    {
        Op = Op.Fetch, User = user, Room = Room, File = file, Form = form, Code = code, Hash = content, Since = _now + 500 - Clock.Seconds(took),
    });

    public Story Reads(string user, string code, params long[] shown) => Add(new Entry
    {
        Op = Op.Read, User = user, Room = Room, Since = _now + 500, Code = code, Shown = code == "ok" ? shown : null,
    });

    /// <summary>A look at the room's events.</summary>
    /// <param name="way">As with <see cref="Entry.Form"/>.</param>
    public Story Reads(string user, string way, string code) => Add(new Entry
    {
        Op = Op.Read, User = user, Room = Room, Since = _now + 500, Form = way, Code = code,
    });

    /// <summary>A reply in a thread that is stored, acknowledged, and applied by both.</summary>
    public Story Replies(string user, string cid, long root)
    {
        _log.Add(new LogEvent(_log.Count + 1, EventKind.Message, user, cid, cid) { Thread = root });
        return Sends(user, cid, cid, seq: _log.Count).Gets(Ana, _log.Count).Gets(Bob, _log.Count);
    }

    /// <summary>What an edge says is unread in the end.</summary>
    /// <param name="thread">Its root; 0: of the room.</param>
    public Story Unread(string user, long place, long unread, long thread = 0) => Add(new Entry
    {
        Op = Op.Unread, User = user, Room = Room, Seq = place, Since = unread, Attempt = thread, Code = "edge1",
    });

    public Story Drops(string file) =>
        Add(new Entry { Op = Op.DropInvoke, User = Ana, Room = Room, File = file }).Add(new Entry { Op = Op.DropOk, User = Ana, Room = Room, File = file });

    /// <summary>A look after the end.</summary>
    public Story Last(string file, string code, string? content = null, string form = "original", bool isMember = true)
    {
        _looks.Add(new FinalLook("edge1", isMember, file, form, code, content));
        return this;
    }

    public Story Store(IReadOnlyList<WorkFact>? work = null, IReadOnlyList<FileFact>? files = null, params string[] objects)
    {
        _store = new StoreFacts(work ?? [], files ?? [], objects);
        return this;
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

    /// <summary>Windows of ten seconds by turns, without and beside hostile clients, in which all sends take so many ms.</summary>
    public Story Tries(IReadOnlyList<double> without, IReadOnlyList<double> beside, int refused = 0, int dropped = 0)
    {
        var windows = new List<TalkWindow>();
        for (var i = 0; i < without.Count; i++)
        {
            windows.Add(Window(isAttacked: false, windows.Count * 10, without[i], 0));
            windows.Add(Window(isAttacked: true, windows.Count * 10, beside[i], refused));
        }

        _trials.Add(new IsolationTrial("flood", 0, windows, dropped, "nothing"));
        return this;

        static TalkWindow Window(bool isAttacked, double at, double ms, int refused) => new(
            isAttacked,
            Clock.Seconds(at),
            Clock.Seconds(at + 10),
            [.. Enumerable.Range(0, 90).Select(i => new TimedSend(Clock.Seconds(at + (i / 10.0)), Clock.Seconds(at + (i / 10.0) + (ms / 1_000))))],
            refused);
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
            Trials = _trials,
            Samples = _samples,
            Logs = _logs,
            Looks = _looks,
            Avatars = _avatars,
            Store = _store,
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
