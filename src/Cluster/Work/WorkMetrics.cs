using System.Diagnostics.Metrics;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Cluster.Work;

/// <summary>
/// The meter <c>AkkaChat.Work</c>. Each node reads the gauges from the database, and only while something listens.
/// </summary>
internal sealed class WorkMetrics : IDisposable
{
    public const string MeterName = "AkkaChat.Work";

    private readonly Meter _meter;
    private readonly Counter<long> _runs;
    private readonly Histogram<double> _duration;
    private readonly ObservableGauge<long> _depth;
    private readonly ObservableGauge<double> _age;
    private volatile IReadOnlyList<WorkDepth> _depths = [];

    public WorkMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _runs = _meter.CreateCounter<long>("akkachat.work.runs", "{attempt}", "Attempts that ended, by kind and outcome.");
        _duration = _meter.CreateHistogram<double>("akkachat.work.duration", "s", "How long attempts took, by kind.");
        _depth = _meter.CreateObservableGauge(
            "akkachat.work.depth",
            () => _depths.Select(depth => new Measurement<long>(depth.Count, Tags(depth))),
            "{item}",
            "Work that is not done, by kind and state.");
        _age = _meter.CreateObservableGauge(
            "akkachat.work.oldest_age",
            () => _depths.Select(depth => new Measurement<double>(depth.OldestAge.TotalSeconds, Tags(depth))),
            "s",
            "Age of the oldest work that is not done, by kind and state.");
    }

    /// <summary>Whether something listens to the gauges that <see cref="Observe"/> sets.</summary>
    public bool IsObserved => _depth.Enabled || _age.Enabled;

    public void Observe(IReadOnlyList<WorkDepth> depths) => _depths = depths;

    public void Ended(string kind, WorkOutcome outcome, TimeSpan duration)
    {
        _runs.Add(1, new("kind", kind), new("outcome", outcome.ToString().ToLowerInvariant()));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?>[] Tags(WorkDepth depth) =>
        [new("kind", depth.Kind), new("state", depth.State.ToString().ToLowerInvariant())];
}

/// <summary>How an attempt ended.</summary>
internal enum WorkOutcome
{
    Done,
    Failed,

    /// <summary>The last attempt failed.</summary>
    Dead,

    /// <summary>Released at shutdown; the attempt does not count.</summary>
    Released,

    /// <summary>The lease was lost, so the outcome was not recorded.</summary>
    Lost,
}
