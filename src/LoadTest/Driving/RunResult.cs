using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Measuring;

namespace AkkaChat.LoadTest.Driving;

/// <summary>A break of all connections at once.</summary>
/// <param name="At">Seconds from the start of the load.</param>
/// <param name="BackAfter">
/// Until everybody was connected again and told what they had missed, in seconds; null if that did not happen in the run.
/// </param>
internal sealed record Storm(double At, int Users, double? BackAfter);

/// <summary>What a run found.</summary>
internal sealed record RunResult(
    RunContext Context,
    DateTimeOffset StartedAt,
    TimeSpan SetUpTook,
    TimeSpan LoadTook,
    bool IsInterrupted,
    int Due,
    int ConnectedAtEnd,
    IReadOnlyList<Storm> Storms,
    string? DisconnectedBecause)
{
    /// <summary>Messages whose outcome stayed unknown: they may be stored or not.</summary>
    public int Unanswered { get; init; }

    /// <summary>Rooms whose history could not be read back after the load, and so not be checked.</summary>
    public int UnreadHistories { get; init; }

    public string? UnreadBecause { get; init; }

    /// <summary>Deliveries that the acknowledged messages make, one to each member of the room.</summary>
    public long ExpectedDeliveries { get; init; }

    /// <summary>The seconds that the figures are of: after the ramp.</summary>
    public IReadOnlyList<Sample> Measured { get; init; } = [];

    public double ErrorPercent => Due == 0 ? 0 : 100.0 * (Context.Measurements.Failed + Unanswered) / Due;

    /// <summary>What makes the run a failure, in sentences; none of a good one.</summary>
    public IReadOnlyList<string> Failures()
    {
        var failures = new List<string>();
        foreach (var (fault, count) in Context.Findings.Counts.Where(pair => pair.Value > 0))
        {
            failures.Add($"{Words(fault)}: {count:N0}");
        }

        var options = Context.Options;
        if (ConnectedAtEnd < options.Users)
        {
            failures.Add($"{options.Users - ConnectedAtEnd:N0} users were not connected at the end: {DisconnectedBecause}");
        }

        if (UnreadHistories > 0)
        {
            failures.Add($"the history of {UnreadHistories:N0} of {options.Rooms:N0} rooms could not be read back: {UnreadBecause?.TrimEnd('.')}");
        }

        if (Due > 0 && Context.Measurements.Acked == 0)
        {
            failures.Add("not one message was acknowledged");
        }
        else if (ErrorPercent > options.MaxErrors)
        {
            failures.Add($"{ErrorPercent:0.##} % of the sends failed; --max-errors is {options.MaxErrors:0.##} %");
        }

        Bound(failures, "delivery", Context.Measurements.Delivery, options.MaxP99, "--max-p99");
        Bound(failures, "acknowledgement", Context.Measurements.Ack, options.MaxAckP99, "--max-ack-p99");
        return failures;
    }

    public static string Words(Fault fault) => fault switch
    {
        Fault.Lost => "events lost on their way to a member",
        Fault.Doubled => "events or messages doubled",
        Fault.OutOfOrder => "events out of order",
        Fault.AckedButMissing => "acknowledged messages missing from the history",
        Fault.RefusedButStored => "refused messages stored all the same",
        Fault.Altered => "messages altered",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private static void Bound(List<string> failures, string what, Histogram histogram, double? bound, string option)
    {
        var p99 = histogram.Percentile(99) / 1000.0;
        if (bound is not null && histogram.Count == 0)
        {
            failures.Add($"no {what} was timed, so {option} cannot be met");
        }
        else if (p99 > bound)
        {
            failures.Add($"the {what} p99 is {p99:0.0} ms; {option} is {bound:0.#} ms");
        }
    }
}
