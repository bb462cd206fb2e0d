using AkkaChat.LoadTest.Measuring;

namespace AkkaChat.LoadTest.Tests.Measuring;

public sealed class HistogramSpecs
{
    private static readonly double[] Percents = [0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100];

    [Theory]
    [InlineData(1, 10)]
    [InlineData(1_000, 500)]
    [InlineData(20_000, 1_000_000)]
    [InlineData(20_000, 60_000_000_000)]
    public void Percentile_ShouldBeThatOfTheSortedValues_WithinOnePercent(int count, long largest)
    {
        var random = new Random(count);
        var values = Enumerable.Range(0, count).Select(_ => (long)(largest * Math.Pow(random.NextDouble(), 4))).ToList();
        var histogram = new Histogram();
        values.ForEach(histogram.Record);
        values.Sort();

        Assert.All(Percents, percent =>
        {
            var exact = values[Math.Max(0, (int)Math.Ceiling(count * percent / 100) - 1)];
            Assert.InRange(histogram.Percentile(percent), exact, exact * 1.01);
        });
        Assert.Equal(values[^1], histogram.Max);
        Assert.Equal(count, histogram.Count);
        Assert.Equal(values.Average(), histogram.Mean, tolerance: 0.5);
    }

    [Fact]
    public void Value_ShouldBeExact_BelowTwoHundredFiftySix()
    {
        for (var value = 0L; value < 256; value++)
        {
            var histogram = new Histogram();
            histogram.Record(value);
            histogram.Record(1_000_000);
            Assert.Equal(value, histogram.Percentile(50));
        }
    }

    [Fact]
    public void Percentile_ShouldBeZero_WithoutValuesAndAfterClear()
    {
        var histogram = new Histogram();
        Assert.Equal(0, histogram.Percentile(99));
        histogram.Record(5);
        histogram.Clear();
        Assert.Equal((0, 0, 0d, 0), (histogram.Count, histogram.Max, histogram.Mean, histogram.Percentile(50)));
    }

    [Fact]
    public void Value_ShouldBeKeptAtTheEdge_WhenItIsOutOfRange()
    {
        var histogram = new Histogram();
        histogram.Record(-5);
        Assert.Equal(0, histogram.Percentile(100));
        histogram.Record(long.MaxValue);
        Assert.Equal(histogram.Max, histogram.Percentile(100));
    }

    [Fact]
    public async Task Record_ShouldLoseNothing_FromManyThreads()
    {
        var histogram = new Histogram();
        await Task.WhenAll(Enumerable.Range(1, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                histogram.Record(thread * 1000);
            }
        })));

        Assert.Equal(160_000, histogram.Count);
        Assert.Equal(4_500, histogram.Mean);
        Assert.Equal(8_000, histogram.Max);
    }
}
