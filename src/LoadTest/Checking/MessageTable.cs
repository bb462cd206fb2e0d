using AkkaChat.LoadTest.Planning;

namespace AkkaChat.LoadTest.Checking;

/// <summary>How far the send of a message has come.</summary>
internal enum SendState : byte
{
    NotSent,

    /// <summary>Sent, and not answered; also what was answered <c>unavailable</c>: it may be stored or not.</summary>
    Unknown,
    Acked,

    /// <summary>Answered with an error that says that nothing was stored.</summary>
    Refused,

    /// <summary>Answered with an error after an attempt without an answer, which may be stored or not.</summary>
    Failed,
}

/// <summary>What happened to one message of the plan. Written by its sender alone.</summary>
internal struct MessageRecord
{
    public Guid Cid;

    /// <summary>As acknowledged.</summary>
    public long Seq;
    public SendState State;
    public byte Attempts;

    /// <summary>The connection of the only attempt; it tells nothing where there were several.</summary>
    public int Connection;
}

/// <summary>All messages of a run, by their number in the plan.</summary>
internal sealed class MessageTable(LoadPlan plan)
{
    private readonly MessageRecord[] _records = new MessageRecord[plan.Messages];

    public LoadPlan Plan { get; } = plan;

    public int Count => _records.Length;

    public ref MessageRecord this[int message] => ref _records[message];
}
