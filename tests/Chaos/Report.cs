using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AkkaChat.Chaos.Checking;

namespace AkkaChat.Chaos;

/// <summary>The verdict as report.json and report.html, and as a few lines for the terminal.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly double[] Buckets = [0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60];

    public static void Write(string folder, RunSettings settings, RunRecord run, Verdict verdict, bool isIsolated)
    {
        File.WriteAllText(
            Path.Combine(folder, "report.json"),
            JsonSerializer.Serialize(
                new
                {
                    settings.Seed,
                    settings.Minutes,
                    settings.Planted,
                    Namespaces = isIsolated,
                    Verdict = verdict,
                    Started = run.Started / 1_000_000.0,
                    Faults = run.Faults.Select(fault => new
                    {
                        fault.Kind,
                        fault.Target,
                        At = (fault.Started - run.Started) / 1_000_000.0,
                        HealedAfter = (fault.Healed - fault.Started) / 1_000_000.0,
                        EndedAfter = (fault.Ended - fault.Started) / 1_000_000.0,
                    }),
                    run.Logs.SelfEnded,
                },
                Json));
        File.WriteAllText(Path.Combine(folder, "report.html"), Html(settings, run, verdict, isIsolated));
    }

    public static string Summary(Verdict verdict)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"acked {verdict.Acked}, attempts {verdict.Attempts}, answered as duplicates {verdict.Duplicates}");
        text.AppendLine(CultureInfo.InvariantCulture, $"deliveries checked {verdict.Deliveries}, events in the logs {verdict.LogEvents}, presence views {verdict.PresenceViews}");
        text.AppendLine(CultureInfo.InvariantCulture, $"delivery with no fault at work: p50 {verdict.DeliveryP50Ms:F0} ms, p99 {verdict.DeliveryP99Ms:F0} ms");
        foreach (var recovery in verdict.Recoveries)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {recovery.Kind,-24} {recovery.Seconds.Count,3} times, recovery p50 {recovery.P50,5:F1} s, p99 {recovery.P99,5:F1} s (bound {recovery.BoundSeconds:F0} s)");
        }

        foreach (var (name, note) in verdict.Notes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {note}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"violations {verdict.Violations.Count}");
        foreach (var violation in verdict.Violations.Take(40))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {violation.Check}: {violation.What}");
        }

        return text.ToString();
    }

    private static string Html(RunSettings settings, RunRecord run, Verdict verdict, bool isIsolated)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html><html lang="en"><meta charset="utf-8"><title>AkkaChat fault run {{settings.Seed}}</title>
            <style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}
            td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:left}td.n{text-align:right}.bar{background:#36c;height:.8rem;display:inline-block}
            .good{color:#060}.bad{color:#a00}</style>
            <h1>Fault run, seed {{settings.Seed}}</h1>
            <p>{{settings.Minutes}} minutes, {{settings.Rooms}} room nodes, {{settings.Edges}} edges, {{settings.Clients * settings.UsersPerClient}} users in {{settings.Clients}} processes,
            {{(isIsolated ? "each node in a network namespace of its own" : "without network namespaces")}}.</p>
            <p class="{{(verdict.Violations.Count == 0 ? "good" : "bad")}}"><b>{{verdict.Violations.Count}} violations.</b></p>
            <pre>
            """);
        html.Append(WebUtility.HtmlEncode(Summary(verdict)));
        html.Append("</pre><h2>Recovery</h2>");
        foreach (var recovery in verdict.Recoveries)
        {
            AppendHistogram(html, recovery);
        }

        html.Append("<h2>Faults</h2><table><tr><th>at</th><th>kind</th><th>target</th><th>healed after</th><th>ended after</th></tr>");
        foreach (var fault in run.Faults)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td class=n>{Seconds(fault.Started - run.Started)}</td><td>{fault.Kind}</td><td>{fault.Target}</td><td class=n>{Seconds(fault.Healed - fault.Started)}</td><td class=n>{Seconds(fault.Ended - fault.Started)}</td></tr>");
        }

        html.Append("</table><h2>Violations</h2><table><tr><th>check</th><th>at</th><th>what</th></tr>");
        foreach (var violation in verdict.Violations)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{violation.Check}</td><td class=n>{Seconds(violation.Time - run.Started)}</td><td>{WebUtility.HtmlEncode(violation.What)}</td></tr>");
        }

        return html.Append("</table></html>").ToString();
    }

    private static void AppendHistogram(StringBuilder html, Recovery recovery)
    {
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h3>{recovery.Kind}</h3><p>{recovery.Seconds.Count} times, p50 {recovery.P50:F1} s, p99 {recovery.P99:F1} s, bound {recovery.BoundSeconds:F0} s</p><table>");
        var from = 0.0;
        foreach (var to in Buckets)
        {
            var count = recovery.Seconds.Count(seconds => seconds > from && seconds <= to) + (from == 0 ? recovery.Seconds.Count(seconds => seconds == 0) : 0);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td class=n>≤ {to} s</td><td class=n>{count}</td><td><span class=bar style='width:{count * 20}px'></span></td></tr>");
            from = to;
        }

        html.Append("</table>");
    }

    private static string Seconds(long microseconds) => (microseconds / 1_000_000.0).ToString("F1", CultureInfo.InvariantCulture);
}
