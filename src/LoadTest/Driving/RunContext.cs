using AkkaChat.LoadTest.Arguments;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Measuring;
using AkkaChat.LoadTest.Planning;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Driving;

/// <summary>µs from the start of the load; before it the time is negative.</summary>
internal sealed class RunClock(TimeProvider time)
{
    /// <summary>Far enough ahead that nothing is due before <see cref="Start"/>.</summary>
    private static readonly TimeSpan NotStarted = TimeSpan.FromDays(1);

    private long _start = time.GetTimestamp() + (long)(NotStarted.TotalSeconds * time.TimestampFrequency);

    public TimeProvider Time { get; } = time;

    public long Now => (long)Time.GetElapsedTime(Volatile.Read(ref _start)).TotalMicroseconds;

    public void Start() => Volatile.Write(ref _start, Time.GetTimestamp());
}

/// <summary>What all users of a run share.</summary>
internal sealed class RunContext
{
    public RunContext(LoadOptions options, TimeProvider time, Action<Notice> onNotice)
    {
        Options = options;
        Plan = new LoadPlan(options);
        Clock = new RunClock(time);
        Messages = new MessageTable(Plan);
        Measurements = new Measurements(Plan.RampEnd);
        Notices = new Notices(onNotice);
        Api = new ChatApi(options.Url, Notices, time);
        Run = $"{Random.Shared.Next(0x1000000):x6}";
        Texts = new Texts(Run, options.Payload);
        Frames = new FrameReader(Texts);
    }

    public LoadOptions Options { get; }

    public LoadPlan Plan { get; }

    public RunClock Clock { get; }

    public MessageTable Messages { get; }

    public Measurements Measurements { get; }

    public Findings Findings { get; } = new();

    public Notices Notices { get; }

    public ChatApi Api { get; }

    /// <summary>Marks the names and texts of this run.</summary>
    public string Run { get; }

    public Texts Texts { get; }

    public FrameReader Frames { get; }
}
