using AkkaChat.Cluster.Monitoring;
using AkkaChat.Messages.Nodes;

namespace AkkaChat.Edge.Admin;

/// <summary>The last hour in steps, oldest first; null where nothing is known of a step.</summary>
internal sealed record HistoryView(DateTime From, int StepSeconds, HistoryTotals Total, IReadOnlyList<NodeHistoryView> Nodes);

/// <param name="SendP99Ms">Of the slowest node; null without sends.</param>
/// <param name="WorkWaiting">Durable work of the whole installation.</param>
internal sealed record HistoryTotals(
    IReadOnlyList<double?> Sockets,
    IReadOnlyList<double?> Rooms,
    IReadOnlyList<double?> SendsPerSecond,
    IReadOnlyList<double?> SendP99Ms,
    IReadOnlyList<double?> SendsInFlight,
    IReadOnlyList<double?> Queued,
    IReadOnlyList<double?> WritesWaiting,
    IReadOnlyList<double?> WorkWaiting,
    IReadOnlyList<double?> WorkDead);

internal sealed record NodeHistoryView(string Address, IReadOnlyList<double?> Cpu, IReadOnlyList<double?> MemoryBytes);

/// <summary>Puts the samples of all nodes on one time line.</summary>
internal static class AdminHistory
{
    private static readonly int Step = (int)NodeHistory.Interval.TotalSeconds;

    /// <param name="now">The last step is the one that it is in. Differences between nodes' clocks show as such.</param>
    public static HistoryView Merge(IReadOnlyList<(string Address, IReadOnlyList<NodeSample> Samples)> nodes, DateTimeOffset now)
    {
        var from = ((now.ToUnixTimeSeconds() / Step) - NodeHistory.Capacity + 1) * Step;
        var lines = nodes.Select(node => (node.Address, Line: Line(node.Samples, from))).ToList();
        return new HistoryView(
            DateTimeOffset.FromUnixTimeSeconds(from).UtcDateTime,
            Step,
            new HistoryTotals(
                Sum(sample => sample.Sockets),
                Sum(sample => sample.Rooms),
                Sum(sample => sample.SendsPerSecond),
                Most(sample => sample.SendP99 > 0 ? Math.Round(sample.SendP99 * 1000, 1) : null),
                Sum(sample => sample.SendsInFlight),
                Sum(sample => sample.Queued),
                Sum(sample => sample.WritesWaiting),
                Most(sample => sample.WorkWaiting + sample.WorkRunning),
                Most(sample => sample.WorkDead)),
            [
                .. lines.Select(node => new NodeHistoryView(
                    node.Address, [.. node.Line.Select(sample => sample?.Cpu)], [.. node.Line.Select(sample => (double?)sample?.Memory)])),
            ]);

        IReadOnlyList<double?> Sum(Func<NodeSample, double> value) =>
            [.. Steps(at => at.Count == 0 ? null : Math.Round(at.Sum(value), 2))];

        IReadOnlyList<double?> Most(Func<NodeSample, double?> value) => [.. Steps(at => at.Max(value))];

        IEnumerable<double?> Steps(Func<IReadOnlyList<NodeSample>, double?> value) =>
            Enumerable.Range(0, NodeHistory.Capacity).Select(i => value([.. lines.Select(node => node.Line[i]).OfType<NodeSample>()]));
    }

    /// <summary>A node's timer is late now and then: a single step without a sample has that of the step before.</summary>
    private static NodeSample?[] Line(IReadOnlyList<NodeSample> samples, long from)
    {
        var line = new NodeSample?[NodeHistory.Capacity];
        foreach (var sample in samples)
        {
            if ((sample.At - from) / Step is var i && sample.At >= from && i < line.Length)
            {
                line[i] = sample;
            }
        }

        for (var i = line.Length - 1; i > 0; i--)
        {
            line[i] ??= line[i - 1];
        }

        return line;
    }
}
