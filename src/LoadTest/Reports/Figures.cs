using System.Globalization;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Measuring;

namespace AkkaChat.LoadTest.Reports;

/// <summary>The figures of a run as all its reports show them: names and values in words.</summary>
internal static class Figures
{
    public static readonly IReadOnlyList<(string Name, double Percent)> Percentiles =
        [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("max", 100)];

    /// <summary>What is timed, with what each counts from.</summary>
    public static IEnumerable<(string Name, string From, Histogram Histogram)> Times(RunResult result)
    {
        var measured = result.Context.Measurements;
        yield return ("delivery", "due to delivered, each member", measured.Delivery);
        yield return ("acknowledgement", "due to acknowledged", measured.Ack);
        yield return ("connect", "handshake to sync.done", measured.Connect);
        if (measured.Return.Count > 0)
        {
            yield return ("return", "storm's break to sync.done", measured.Return);
        }

        yield return ("generator lag", "due to sent; part of the first two", measured.Lag);
    }

    public static double Ms(Histogram histogram, double percent) => histogram.Percentile(percent) / 1000.0;

    /// <summary>Counts and rates. Rates are over the measured seconds.</summary>
    public static IEnumerable<(string Name, string Value)> Counts(RunResult result)
    {
        var measured = result.Context.Measurements;
        yield return ("messages due", N(result.Due));
        yield return ("acknowledged", $"{N(measured.Acked)}{Rate(result, s => s.Acked)}");
        yield return ("refused or failed", N(measured.Failed) + (measured.Errors.Count == 0 ? "" : $" ({Join(measured.Errors)})"));
        yield return ("outcome unknown", N(result.Unanswered));
        yield return ("sent again", N(measured.Retries));
        yield return ("deliveries", $"{N(measured.Delivered)}{Rate(result, s => s.Delivered)}; the acknowledged messages make {N(result.ExpectedDeliveries)}");
        yield return ("connections at the end", $"{N(result.ConnectedAtEnd)} of {N(result.Context.Options.Users)}");
        yield return ("dropped connections", N(measured.Drops) + (measured.Closes.Count == 0 ? "" : $" ({Join(measured.Closes)})"));
        if (measured.Lagged > 0 || measured.Pulls > 0)
        {
            yield return ("room.lagged, pulls", $"{N(measured.Lagged)}, {N(measured.Pulls)}");
        }

        foreach (var storm in result.Storms)
        {
            var back = storm.BackAfter is { } seconds ? $"all {N(storm.Users)} back after {D(seconds)} s" : "not all were back when the load ended";
            yield return ($"storm at {D(storm.At)} s", back);
        }

        if (result.Context.Plan.SlowUsers > 0)
        {
            yield return ("slow readers", $"{N(result.Context.Plan.SlowUsers)}, checked like all others, not in the latencies");
        }
    }

    public static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string D(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The settings of the run in a line.</summary>
    public static string Describe(RunResult result)
    {
        var options = result.Context.Options;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Scenario.Name}: {options.Users:N0} users, {options.Rooms:N0} rooms, {options.Rate:0.##} msg/s, {options.Payload:N0} bytes, {options.Duration.TotalSeconds:0} s after {options.Ramp.TotalSeconds:0} s of ramp");
    }

    private static string Rate(RunResult result, Func<Sample, long> value) =>
        result.Measured.Count == 0 ? "" : $", {D(result.Measured.Average(sample => (double)value(sample)))} /s";

    private static string Join(IReadOnlyDictionary<string, long> counts) =>
        string.Join(", ", counts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key}: {N(pair.Value)}"));
}
