using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Support.Processes;

namespace AkkaChat.Edge.Tests.Telemetry;

/// <summary>The table of docs/telemetry.md against what a node measures.</summary>
public sealed partial class CatalogueSpecs
{
    [Fact]
    public async Task Document_ShouldListEveryMetricWithKindAndUnit()
    {
        await using var host = await ChatHost.StartAsync();
        var measured = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith(ChatMetrics.MeterName, StringComparison.Ordinal))
            {
                measured.Add($"{instrument.Name} | {KindOf(instrument)} | {instrument.Unit}");
            }
        };
        listener.Start();

        var documented = Row().Matches(await File.ReadAllTextAsync(Path.Combine(Product.Root, "docs/telemetry.md")))
            .Select(row => $"{row.Groups[1].Value} | {row.Groups[2].Value} | {row.Groups[3].Value}");

        Assert.Equal(documented.Order(StringComparer.Ordinal), measured);
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" => "counter",
        "UpDownCounter" => "up-down counter",
        "Histogram" => "histogram",
        "ObservableGauge" => "gauge",
        var other => other,
    };

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| ([a-z -]+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
