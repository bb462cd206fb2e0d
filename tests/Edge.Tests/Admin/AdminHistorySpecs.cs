using AkkaChat.Cluster.Monitoring;
using AkkaChat.Edge.Admin;
using AkkaChat.Messages.Nodes;

namespace AkkaChat.Edge.Tests.Admin;

public sealed class AdminHistorySpecs
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_007);

    [Fact]
    public void Merge_ShouldPutAllNodesOnOneTimeLine()
    {
        var history = AdminHistory.Merge(
            [
                ("a", [Of(1_799_999_983, sockets: 3, p99: 0.01), Of(1_799_999_991, sockets: 4), Of(1_800_000_001, sockets: 5, p99: 0.25, waiting: 7)]),
                ("b", [Of(1_799_999_999, sockets: 10), Of(1_800_000_006, sockets: 20, p99: 0.1, waiting: 6)]),
            ],
            Now);

        Assert.Equal((new DateTime(2027, 1, 15, 7, 0, 10, DateTimeKind.Utc), 10, 360), (history.From, history.StepSeconds, history.Total.Sockets.Count));
        Assert.Equal([null, 3, 14, 25], history.Total.Sockets.TakeLast(4));
        Assert.Equal([null, 10, null, 250], history.Total.SendP99Ms.TakeLast(4));
        Assert.Equal([null, 0, 0, 7], history.Total.WorkWaiting.TakeLast(4));
        Assert.Equal(["a", "b"], history.Nodes.Select(node => node.Address));
        Assert.Equal([null, null, 1000, 1000], history.Nodes[1].MemoryBytes.TakeLast(4));
        Assert.All(history.Total.Sockets.SkipLast(3), Assert.Null);
    }

    /// <summary>A timer that is late once is no fall to nothing; a node that was away is none of it.</summary>
    [Fact]
    public void Merge_ShouldFillOneStepWithoutASample_AndNoMore()
    {
        var history = AdminHistory.Merge([("a", [Of(1_799_999_949, sockets: 3), Of(1_799_999_970, sockets: 4), Of(1_800_000_000, sockets: 5)])], Now);

        Assert.Equal([3, 3, null, 4, 4, null, 5], history.Total.Sockets.TakeLast(7));
    }

    [Fact]
    public void Merge_ShouldLeaveOutWhatIsNotOfTheHour()
    {
        var history = AdminHistory.Merge([("a", [Of(1_799_990_000, sockets: 3), Of(1_800_000_020, sockets: 4)])], Now);

        Assert.All(history.Total.Sockets, Assert.Null);
        Assert.Empty(AdminHistory.Merge([], Now).Nodes);
    }

    [Fact]
    public void History_ShouldHoldTheLastHour()
    {
        var history = new NodeHistory();
        for (var i = 1; i <= 500; i++)
        {
            history.Add(Of(i, sockets: i));
        }

        Assert.Equal(Enumerable.Range(141, 360).Select(i => (long)i), history.Samples.Select(sample => sample.At));
    }

    [Fact]
    public void Percentile_ShouldBeWithinAFifth_OfTheDurations()
    {
        var durations = Enumerable.Range(1, 1000).Select(i => i / 1000.0).ToList();
        var counts = new long[DurationBuckets.Count];
        foreach (var duration in durations)
        {
            counts[DurationBuckets.IndexOf(duration)]++;
        }

        Assert.InRange(DurationBuckets.Percentile(counts, 0.99), 0.99, 0.99 * 1.2);
        Assert.InRange(DurationBuckets.Percentile(counts, 0.5), 0.5, 0.5 * 1.2);
        Assert.Equal(0, DurationBuckets.Percentile(new long[DurationBuckets.Count], 0.99));
        Assert.Equal((0, DurationBuckets.Count - 1), (DurationBuckets.IndexOf(0), DurationBuckets.IndexOf(1_000_000)));
    }

    private static NodeSample Of(long at, long sockets, double p99 = 0, long waiting = 0) =>
        new(at, 0.5, 1000, sockets, 0, 1, 0, p99, 0, 0, waiting, 0, 0);
}
