using System.Globalization;
using System.Net;
using System.Text;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Measuring;

namespace AkkaChat.LoadTest.Reports;

/// <summary>The report as one HTML file that needs nothing else: no script, no font, no address.</summary>
internal static class HtmlReport
{
    private const int MaxRows = 600;

    private const string Style = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2430; --dim: #5c6675; --rule: #e2e6ec; --mark: #eef1f5;
          --good: #1a7f4b; --bad: #c2292e; --warn: #8a5a00; --p50: #7fb0ea; --p95: #2f7bd4; --p99: #123f7a; --main: #2f7bd4; --second: #0f8f68; --alert: #c2292e; }
        @media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2029; --text: #e6eaf0; --dim: #9aa5b4; --rule: #2b3441; --mark: #212936;
          --good: #4cc38a; --bad: #ff7b7f; --warn: #e0ab52; --p50: #3f6fa8; --p95: #5c9fee; --p99: #bcd7fa; --main: #5c9fee; --second: #45c39a; --alert: #ff7b7f; } }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 32px 16px 64px; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1040px; margin: 0 auto; }
        h1 { font-size: 22px; margin: 0 0 4px; overflow-wrap: anywhere; } h2 { font-size: 16px; margin: 32px 0 8px; } p { margin: 4px 0; }
        .dim { color: var(--dim); }
        .verdict { margin: 16px 0; padding: 12px 16px; border-radius: 8px; background: var(--card); border: 1px solid var(--rule); border-left: 5px solid var(--good); }
        .verdict.failed { border-left-color: var(--bad); } .verdict b { color: var(--good); } .verdict.failed b { color: var(--bad); }
        .verdict ul { margin: 6px 0 0; padding-left: 20px; } .verdict code { font-size: 13px; overflow-wrap: anywhere; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 16px 0; }
        .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 16px; }
        .tile span { display: block; color: var(--dim); font-size: 13px; } .tile strong { font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; }
        .scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: 6px 16px; border-top: 1px solid var(--rule); vertical-align: top; } tr:first-child > * { border-top: 0; }
        th { font-weight: 600; color: var(--dim); font-size: 13px; } .num { text-align: right; white-space: nowrap; }
        .limit { color: var(--warn); font-weight: 600; } code { font: 13px ui-monospace, monospace; }
        figure { margin: 12px 0; padding: 12px 16px 4px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; overflow-x: auto; }
        figcaption { font-weight: 600; } figcaption span { font-weight: 400; color: var(--dim); }
        svg { display: block; width: 100%; min-width: 560px; height: auto; }
        svg text { font: 12px system-ui, sans-serif; } .tick, .note { fill: var(--dim); } .note { font-size: 11px; } .grid { stroke: var(--rule); } .mark { fill: var(--mark); }
        .storm { stroke: var(--dim); stroke-dasharray: 3 3; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .hover { fill: transparent; }
        .hover:hover { fill: var(--dim); opacity: .15; } .label { font-weight: 600; }
        .line.p50 { stroke: var(--p50); } .line.p95 { stroke: var(--p95); } .line.p99 { stroke: var(--p99); } .line.main { stroke: var(--main); }
        .line.second { stroke: var(--second); } .line.alert { stroke: var(--alert); }
        .label.p50 { fill: var(--p50); } .label.p95 { fill: var(--p95); } .label.p99 { fill: var(--p99); } .label.main { fill: var(--main); }
        .label.second { fill: var(--second); } .label.alert { fill: var(--alert); }
        details { margin-top: 12px; } summary { cursor: pointer; color: var(--dim); }
        """;

    public static Task WriteAsync(string file, RunResult result) => File.WriteAllTextAsync(file, Render(result));

    public static string Render(RunResult result)
    {
        var page = new StringBuilder();
        var options = result.Context.Options;
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>Load test of {Encode(options.Url.ToString())}</title><style>{Style}</style></head><body><main>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Load test of {Encode(options.Url.ToString())}</h1><p>{Encode(Figures.Describe(result))}</p>");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"dim\">{result.StartedAt:yyyy-MM-dd HH:mm:ss} UTC; set up in {result.SetUpTook.TotalSeconds:0.0} s{(result.IsInterrupted ? "; interrupted" : "")}</p>");
        Verdict(page, result);
        Tiles(page, result);
        Limits(page, result);
        Times(page, result);
        Plots(page, result);
        page.Append("<h2>Counts</h2><div class=\"scroll\"><table>");
        foreach (var (name, value) in Figures.Counts(result))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{Encode(name)}</th><td>{Encode(value)}</td></tr>");
        }

        page.Append("</table></div>");
        Seconds(page, result.Context.Measurements.Samples);
        page.Append("</main></body></html>\n");
        return page.ToString();
    }

    private static void Verdict(StringBuilder page, RunResult result)
    {
        var failures = result.Failures();
        if (failures.Count == 0)
        {
            page.Append("<div class=\"verdict\"><b>Passed.</b> Nothing was lost, doubled, out of order or altered; every acknowledged message is in the history.</div>");
            return;
        }

        page.Append("<div class=\"verdict failed\"><b>Failed.</b><ul>");
        foreach (var failure in failures)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li>{Encode(failure)}</li>");
        }

        page.Append("</ul>");
        foreach (var (_, what) in result.Context.Findings.First)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p><code>{Encode(what)}</code></p>");
        }

        page.Append("</div>");
    }

    private static void Tiles(StringBuilder page, RunResult result)
    {
        var measured = result.Context.Measurements;
        page.Append("<div class=\"tiles\">");
        Tile("delivery p50", $"{Figures.D(Figures.Ms(measured.Delivery, 50))} ms");
        Tile("delivery p99", $"{Figures.D(Figures.Ms(measured.Delivery, 99))} ms");
        Tile("acknowledged", Figures.N(measured.Acked));
        Tile("deliveries /s", Figures.N(result.Measured.Count == 0 ? 0 : (long)result.Measured.Average(sample => sample.Delivered)));
        Tile("failed sends", $"{result.ErrorPercent.ToString("0.##", CultureInfo.InvariantCulture)} %");
        Tile("faults", Figures.N(result.Context.Findings.Total));
        page.Append("</div>");

        void Tile(string name, string value) =>
            page.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><span>{Encode(name)}</span><strong>{Encode(value)}</strong></div>");
    }

    private static void Limits(StringBuilder page, RunResult result)
    {
        if (result.Context.Notices.All.Count == 0)
        {
            return;
        }

        page.Append("<h2>Limits that were reached</h2><div class=\"scroll\"><table><tr><th class=\"num\">times</th><th>limit</th><th>what moves it</th></tr>");
        foreach (var notice in result.Context.Notices.All)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td class=\"num\">{Figures.N(notice.Count)}</td><td><span class=\"limit\">{Encode(notice.Limit.Says)}</span><br><span class=\"dim\">{Encode(notice.Detail)}</span></td><td><code>{Encode(notice.Limit.Lift)}</code></td></tr>");
        }

        page.Append("</table></div>");
    }

    private static void Times(StringBuilder page, RunResult result)
    {
        page.Append("<h2>Times, ms</h2><div class=\"scroll\"><table><tr><th></th><th>from</th>");
        foreach (var (name, _) in Figures.Percentiles)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th class=\"num\">{name}</th>");
        }

        page.Append("<th class=\"num\">mean</th><th class=\"num\">count</th></tr>");
        foreach (var (name, from, histogram) in Figures.Times(result))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(name)}</td><td class=\"dim\">{Encode(from)}</td>");
            foreach (var (_, percent) in Figures.Percentiles)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"num\">{(histogram.Count == 0 ? "-" : Figures.D(Figures.Ms(histogram, percent)))}</td>");
            }

            page.Append(CultureInfo.InvariantCulture, $"<td class=\"num\">{(histogram.Count == 0 ? "-" : Figures.D(histogram.Mean / 1000))}</td><td class=\"num\">{Figures.N(histogram.Count)}</td></tr>");
        }

        page.Append("</table></div>");
    }

    private static void Plots(StringBuilder page, RunResult result)
    {
        var samples = result.Context.Measurements.Samples;
        var seconds = samples.Select(sample => sample.T).ToList();
        var marks = Marks(result);
        page.Append("<h2>Over time</h2>");
        page.Append(new Plot("Delivery latency", "ms", seconds, marks).Render(
            Of("p50", "p50", s => s.DeliveryP50), Of("p95", "p95", s => s.DeliveryP95), Of("p99", "p99", s => s.DeliveryP99)));
        page.Append(new Plot("Acknowledgement latency and the generator's lag", "ms", seconds, marks).Render(
            Of("ack p50", "p50", s => s.AckP50), Of("ack p99", "p99", s => s.AckP99), Of("lag p99", "second", s => s.LagP99)));
        page.Append(new Plot("Messages", "a second", seconds, marks).Render(
            Of("sent", "main", s => s.Sent), Of("acked", "second", s => s.Acked), Of("failed", "alert", s => s.Errors)));
        page.Append(new Plot("Deliveries", "a second", seconds, marks).Render(Of("delivered", "main", s => s.Delivered)));
        page.Append(new Plot("Connections", "open", seconds, marks).Render(Of("open", "main", s => s.Connections)));

        Series Of(string name, string style, Func<Sample, double> value) => new(name, style, [.. samples.Select(value)]);
    }

    private static List<Mark> Marks(RunResult result)
    {
        var plan = result.Context.Plan;
        var marks = new List<Mark>();
        if (plan.RampEnd > 0)
        {
            marks.Add(new Mark("ramp", 0, plan.RampEnd / 1e6));
        }

        if (plan.SlowUsers > 0)
        {
            marks.Add(new Mark("slow readers stall", plan.Stall.From / 1e6, plan.Stall.To / 1e6));
        }

        marks.AddRange(result.Storms.Select(storm => new Mark("storm", storm.At, storm.At)));
        return marks;
    }

    private static void Seconds(StringBuilder page, IReadOnlyList<Sample> samples)
    {
        page.Append("<details><summary>Every second</summary><div class=\"scroll\"><table><tr>");
        foreach (var name in new[] { "s", "connections", "sent", "acked", "delivered", "failed", "ack p50", "ack p99", "delivery p50", "p95", "p99", "max", "lag p99" })
        {
            page.Append(CultureInfo.InvariantCulture, $"<th class=\"num\">{name}</th>");
        }

        page.Append("</tr>");
        foreach (var s in samples.Take(MaxRows))
        {
            double[] values = [s.T, s.Connections, s.Sent, s.Acked, s.Delivered, s.Errors, s.AckP50, s.AckP99, s.DeliveryP50, s.DeliveryP95, s.DeliveryP99, s.DeliveryMax, s.LagP99];
            page.Append("<tr>");
            foreach (var value in values)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"num\">{value:#,0.#}</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</table></div>");
        page.Append(samples.Count > MaxRows ? $"<p class=\"dim\">The first {MaxRows} of {samples.Count}; --json has all.</p>" : "").Append("</details>");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
