using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;

namespace AkkaChat.Chaos.Checking;

/// <summary>One fault as it was done to the cluster.</summary>
/// <param name="Started">When it was injected.</param>
/// <param name="Healed">When its cause was taken away; for what needs no healing, the same as <paramref name="Started"/>.</param>
/// <param name="Ended">When every node was ready and every busy room acknowledged again, or the nemesis went on without that.</param>
public sealed record FaultRecord(string Kind, string Target, long Started, long Healed, long Ended);

/// <summary>One row of the journal.</summary>
/// <param name="IsFence">A new incarnation's claim, without events.</param>
public sealed record JournalRow(long Nr, bool IsFence, IReadOnlyList<LogEvent> Events);

/// <summary>What the nodes' logs say.</summary>
public sealed record NodeLogFacts
{
    /// <summary>Writes that the journal's unique key refused.</summary>
    public int FenceRejections { get; init; }

    /// <summary>When a relay found a gap and read it from the journal (monotonic microseconds).</summary>
    public IReadOnlyList<long> Repairs { get; init; } = [];

    /// <summary>Dead letters by the type of the message.</summary>
    public IReadOnlyDictionary<string, int> DeadLetters { get; init; } = new Dictionary<string, int>();

    /// <summary>Node processes that ended without being asked, by reason.</summary>
    public IReadOnlyDictionary<string, int> SelfEnded { get; init; } = new Dictionary<string, int>();
}

/// <summary>A request for a file after the end.</summary>
/// <param name="IsMember">Made by a member of every room; else by somebody who was never in one.</param>
/// <param name="Code">As with <see cref="Op.Fetch"/>.</param>
public sealed record FinalLook(string Edge, bool IsMember, string File, string Form, string Code, string? Hash);

/// <summary>Whose avatar is which at an edge, after the end; null: none.</summary>
public sealed record FinalAvatar(string Edge, string User, string? File);

/// <summary>A row of the table of durable work. States: 0 waiting, 1 running, 2 dead.</summary>
public sealed record WorkFact(string Kind, string Key, int State, int Attempts, string Error);

/// <summary>
/// A row of the table of files. States: 0 uploading, 1 complete, 2 attached, 3 removed; processing: 0 waiting, 1 done, 2 failed.
/// </summary>
public sealed record FileFact(string Id, int State, int Processing, bool IsImage)
{
    /// <summary>The owner of an avatar; null of anything else.</summary>
    public string? AvatarOf { get; init; }
}

/// <summary>What was in the tables of work and files, and in the object store, after the end.</summary>
/// <param name="Objects">The file's id without its prefix, a slash, the form.</param>
public sealed record StoreFacts(IReadOnlyList<WorkFact> Work, IReadOnlyList<FileFact> Files, IReadOnlyList<string> Objects)
{
    /// <summary>The ids of link cards' images.</summary>
    public IReadOnlyList<string> LinkImages { get; init; } = [];
}

/// <summary>All that a run has left behind: what the checker judges, and nothing else.</summary>
public sealed record RunRecord
{
    /// <summary>The clients' histories, by time.</summary>
    public required IReadOnlyList<Entry> History { get; init; }

    public required IReadOnlyList<RoomPlan> Rooms { get; init; }

    /// <summary>The reader of <see cref="Readers"/> that shows what was said, and not what became of it.</summary>
    public const string JournalReader = "sql";

    /// <summary>Each reader's copy of each room after the end, by the reader's name (<c>edge1 ws</c>, <c>sql</c>, …).</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<LogEvent>>> Readers { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<JournalRow>> Journal { get; init; } =
        new Dictionary<string, IReadOnlyList<JournalRow>>();

    public IReadOnlyList<FaultRecord> Faults { get; init; } = [];

    /// <summary>What hostile clients did to others.</summary>
    public IReadOnlyList<IsolationTrial> Trials { get; init; } = [];

    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>When the machine was too slow to judge times by.</summary>
    public IReadOnlyList<Starvation> Starved { get; init; } = [];

    public NodeLogFacts Logs { get; init; } = new();

    public IReadOnlyList<FinalLook> Looks { get; init; } = [];

    public IReadOnlyList<FinalAvatar> Avatars { get; init; } = [];

    public StoreFacts Store { get; init; } = new([], [], []);

    /// <summary>What went wrong with the run itself: a node that did not come back, a client that did not settle.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Whether socket buffers were small, so that a stalled reader's backlog is the server's own.</summary>
    public bool HasSmallBuffers { get; init; }

    /// <summary>When the talking began and ended.</summary>
    public long Started { get; init; }

    public long Stopped { get; init; }
}

public sealed record Violation(string Check, long Time, string What);

/// <summary>Recovery of one kind of fault, in seconds.</summary>
public sealed record Recovery(string Kind, IReadOnlyList<double> Seconds, double BoundSeconds)
{
    public double P50 => Statistics.Percentile(Seconds, 0.50);

    public double P99 => Statistics.Percentile(Seconds, 0.99);
}

public sealed record Verdict
{
    public required IReadOnlyList<Violation> Violations { get; init; }

    public required IReadOnlyList<Recovery> Recoveries { get; init; }

    public long Acked { get; init; }

    public long Attempts { get; init; }

    public long Duplicates { get; init; }

    public long Deliveries { get; init; }

    public long LogEvents { get; init; }

    public long PresenceViews { get; init; }

    public double DeliveryP50Ms { get; init; }

    public double DeliveryP99Ms { get; init; }

    public IReadOnlyDictionary<string, int> FaultsByKind { get; init; } = new Dictionary<string, int>();

    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();
}

public static class Statistics
{
    /// <summary>By nearest rank; 0 of nothing.</summary>
    public static double Percentile(IEnumerable<double> values, double p)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(p * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
