using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Measuring;

namespace AkkaChat.LoadTest.Reports;

/// <summary>The figures of a run for programs (docs/load-test.md). Fields are added, never changed.</summary>
internal sealed record JsonReport(
    string Url,
    string Scenario,
    JsonReport.OptionsPart Options,
    DateTimeOffset StartedAt,
    double SetUpSeconds,
    double LoadSeconds,
    bool Interrupted,
    bool Passed,
    IReadOnlyList<string> Failures,
    JsonReport.MessagesPart Messages,
    JsonReport.ConnectionsPart Connections,
    IReadOnlyDictionary<string, JsonReport.TimesPart> LatencyMs,
    IReadOnlyDictionary<string, long> Faults,
    IReadOnlyList<string> FirstFaults,
    IReadOnlyList<JsonReport.LimitPart> Limits,
    IReadOnlyList<Storm> Storms,
    IReadOnlyList<Sample> Seconds)
{
    public static JsonReport Of(RunResult result)
    {
        var context = result.Context;
        var measured = context.Measurements;
        var options = context.Options;
        return new JsonReport(
            options.Url.ToString(),
            options.Scenario.Name,
            new OptionsPart(
                options.Users,
                options.Rooms,
                options.RoomsPerUser,
                options.Rate,
                options.Duration.TotalSeconds,
                options.Ramp.TotalSeconds,
                options.Payload,
                options.MaxP99,
                options.MaxAckP99,
                options.MaxErrors),
            result.StartedAt,
            result.SetUpTook.TotalSeconds,
            result.LoadTook.TotalSeconds,
            result.IsInterrupted,
            result.Failures().Count == 0,
            result.Failures(),
            new MessagesPart(
                result.Due, measured.Acked, measured.Failed, result.Unanswered, measured.Retries, measured.Delivered, result.ExpectedDeliveries, measured.Errors),
            new ConnectionsPart(options.Users, result.ConnectedAtEnd, measured.Drops, measured.Closes, measured.Lagged, measured.Pulls),
            Figures.Times(result).ToDictionary(time => Name(time.Name), time => TimesPart.Of(time.Histogram)),
            context.Findings.Counts.ToDictionary(pair => Name(pair.Key.ToString()), pair => pair.Value),
            [.. context.Findings.First.Select(found => found.What)],
            [.. context.Notices.All.Select(notice => new LimitPart(notice.Limit.Name, notice.Count, notice.Limit.Says, notice.Detail, notice.Limit.Lift))],
            result.Storms,
            measured.Samples);
    }

    public static async Task WriteAsync(string file, RunResult result)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, Of(result), JsonReportContext.Default.JsonReport);
    }

    private static string Name(string words)
    {
        var parts = words.Split(' ');
        return JsonNamingPolicy.CamelCase.ConvertName(string.Concat(parts.Select((part, i) => i == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..])));
    }

    internal sealed record OptionsPart(
        int Users,
        int Rooms,
        int RoomsPerUser,
        double Rate,
        double DurationSeconds,
        double RampSeconds,
        int PayloadBytes,
        double? MaxP99,
        double? MaxAckP99,
        double MaxErrorsPercent);

    internal sealed record MessagesPart(
        int Due,
        long Acked,
        long Failed,
        int Unknown,
        long SentAgain,
        long Delivered,
        long DeliveriesExpected,
        IReadOnlyDictionary<string, long> Errors);

    internal sealed record ConnectionsPart(
        int Users, int AtEnd, long Dropped, IReadOnlyDictionary<string, long> Closes, long Lagged, long Pulls);

    internal sealed record TimesPart(long Count, double Mean, double P50, double P90, double P99, double P999, double Max)
    {
        public static TimesPart Of(Histogram times) => new(
            times.Count,
            Math.Round(times.Mean / 1000, 3),
            Figures.Ms(times, 50),
            Figures.Ms(times, 90),
            Figures.Ms(times, 99),
            Figures.Ms(times, 99.9),
            Figures.Ms(times, 100));
    }

    internal sealed record LimitPart(string Name, long Count, string Says, string Detail, string Lift);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
