using System.Globalization;
using System.Text.Json;
using AkkaChat.Chaos.Checking;

namespace AkkaChat.Chaos;

/// <summary>Several runs as one: their figures added up, the recoveries of each kind of fault together, as Markdown.</summary>
internal static class Sum
{
    private const int Shown = 20;

    private static readonly string[] Totals = ["acked", "attempts", "deliveries", "logEvents", "presenceViews"];

    /// <param name="folders">Each with a <c>report.json</c>.</param>
    /// <exception cref="ArgumentException">There is no folder, or one has no report.</exception>
    public static int Print(IReadOnlyList<string> folders)
    {
        if (folders.Count == 0)
        {
            throw new ArgumentException("--sum needs the folders of the runs, such as artifacts/chaos/7.");
        }

        var files = folders.Select(folder => Path.Combine(folder, "report.json")).ToList();
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new ArgumentException($"There is no {missing}: a run writes it at its end.");
        }

        var reports = files.Select(file => JsonElement.Parse(File.ReadAllText(file))).ToList();
        var verdicts = reports.Select(report => report.GetProperty("verdict")).ToList();
        var violations = verdicts.SelectMany(verdict => verdict.GetProperty("violations").EnumerateArray()).ToList();
        Line($"Seeds {string.Join(", ", reports.Select(report => $"{report.GetProperty("seed")} ({report.GetProperty("minutes")} min)"))}: ");
        Line(string.Join(", ", Totals.Select(name => Text($"{name} {verdicts.Sum(verdict => verdict.GetProperty(name).GetInt64()):N0}")))
            + Text($", faults {reports.Sum(report => report.GetProperty("faults").GetArrayLength())}, violations {violations.Count}"));
        Line("\n| Fault | Times | Recovery p50, s | p99, s | Bound, s |\n|---|---|---|---|---|");
        foreach (var kind in verdicts.SelectMany(verdict => verdict.GetProperty("recoveries").EnumerateArray())
                     .GroupBy(recovery => recovery.GetProperty("kind").GetString()!).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var seconds = kind.SelectMany(recovery => recovery.GetProperty("seconds").EnumerateArray().Select(second => second.GetDouble())).ToList();
            var all = new Recovery(kind.Key, [.. seconds.Order()], kind.First().GetProperty("boundSeconds").GetDouble());
            Line(Text($"| {all.Kind} | {all.Seconds.Count} | {all.P50:F1} | {all.P99:F1} | {all.BoundSeconds:F0} |"));
        }

        foreach (var violation in violations.Take(Shown))
        {
            Line($"{violation.GetProperty("check")}: {violation.GetProperty("what")}");
        }

        return violations.Count == 0 ? 0 : 1;
    }

    /// <summary>How many one report has.</summary>
    public static int Violations(string folder) =>
        JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "report.json"))).GetProperty("verdict").GetProperty("violations").GetArrayLength();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Line(string text) => Console.WriteLine(text);
}
