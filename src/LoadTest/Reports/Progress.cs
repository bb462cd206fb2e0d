using System.Globalization;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Measuring;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaChat.LoadTest.Reports;

/// <summary>How a run goes on, as lines: for logs, pipes and CI.</summary>
internal sealed class PlainProgress(IAnsiConsole console) : IRunObserver
{
    private const int LineEvery = 5;

    private readonly Lock _gate = new();
    private string _setUp = "";
    private int _tenths;

    public void SetUp(string what, int done, int total)
    {
        lock (_gate)
        {
            var tenths = total == 0 ? 10 : (int)(10L * done / total);
            if (what != _setUp)
            {
                (_setUp, _tenths) = (what, -1);
            }

            // The first, the last, and for a long way some between.
            if (tenths > _tenths && (tenths is 0 or 10 || total >= 500))
            {
                _tenths = tenths;
                Line($"{what}: {done:N0} of {total:N0}");
            }
        }
    }

    public void Phase(string what) => Line(what);

    public void Second(Sample sample, RunContext context)
    {
        var second = (int)Math.Round(sample.T);
        if (second % LineEvery == 0 || second == 1)
        {
            Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{second,5} s  {sample.Connections:N0} connected  {sample.Sent:N0} sent/s  {sample.Acked:N0} acked/s  {sample.Delivered:N0} delivered/s  ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"delivery p50 {sample.DeliveryP50:0.0} p99 {sample.DeliveryP99:0.0} ms  errors {context.Measurements.Failed:N0}  faults {context.Findings.Total:N0}"));
        }
    }

    public void Limit(Notice notice) => Line($"Limit: {notice.Limit.Says} ({notice.Detail}) To move it: {notice.Limit.Lift}.");

    private void Line(string text)
    {
        // A line of a log stays one, however wide the console says it is.
        lock (_gate)
        {
            console.Profile.Out.Writer.WriteLine(text);
        }
    }
}

/// <summary>How a run goes on, in a terminal: one table that changes in place.</summary>
internal sealed class LiveProgress : IRunObserver
{
    private const int PlotSeconds = 60;
    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly Lock _gate = new();
    private readonly List<Sample> _samples = [];
    private readonly List<Notice> _notices = [];
    private LiveDisplayContext? _display;
    private string _phase = "Starting";
    private RunContext? _context;

    /// <summary>Shows the run that <paramref name="run"/> plays.</summary>
    public static Task<T> ShowAsync<T>(IAnsiConsole console, Func<IRunObserver, Task<T>> run)
    {
        var progress = new LiveProgress();
        return console.Live(new Text("Starting")).AutoClear(true).StartAsync(display =>
        {
            progress._display = display;
            return run(progress);
        });
    }

    public void SetUp(string what, int done, int total) => Change(() => _phase = $"{what}: {done:N0} of {total:N0}");

    public void Phase(string what) => Change(() => _phase = what);

    public void Second(Sample sample, RunContext context) => Change(() =>
    {
        _context = context;
        _samples.Add(sample);
        _phase = string.Create(CultureInfo.InvariantCulture, $"Load: {sample.T:0} of {context.Plan.LoadEnd / 1e6:0} s{(sample.T * 1e6 < context.Plan.RampEnd ? " (the rate grows)" : "")}");
    });

    public void Limit(Notice notice) => Change(() => _notices.Add(notice));

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            _display?.UpdateTarget(Draw());
        }
    }

    private Rows Draw()
    {
        var rows = new List<IRenderable> { new Markup($"[bold]{Markup.Escape(_phase)}[/]") };
        if (_samples.Count > 0 && _context is { } context)
        {
            rows.Add(Figures(context, _samples[^1]));
        }

        rows.AddRange(_notices.Select(notice =>
            new Markup($"[yellow]Limit:[/] {Markup.Escape(notice.Limit.Says)} [dim]To move it: {Markup.Escape(notice.Limit.Lift)}.[/]")));
        rows.Add(new Markup("[dim]Ctrl-C ends the load; what was sent is checked and reported.[/]"));
        return new Rows(rows);
    }

    private Table Figures(RunContext context, Sample last)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "now", "in all", $"last {PlotSeconds} s");
        var totals = context.Measurements;
        Row("connected", $"{last.Connections:N0}", $"{context.Options.Users:N0}", s => s.Connections);
        Row("sent /s", $"{last.Sent:N0}", $"{totals.Sent:N0}", s => s.Sent);
        Row("acknowledged /s", $"{last.Acked:N0}", $"{totals.Acked:N0}", s => s.Acked);
        Row("delivered /s", $"{last.Delivered:N0}", $"{totals.Delivered:N0}", s => s.Delivered);
        Row("delivery p50", Ms(last.DeliveryP50), Ms(totals.Delivery.Percentile(50) / 1000.0), s => s.DeliveryP50);
        Row("delivery p99", Ms(last.DeliveryP99), Ms(totals.Delivery.Percentile(99) / 1000.0), s => s.DeliveryP99);
        Row("ack p99", Ms(last.AckP99), Ms(totals.Ack.Percentile(99) / 1000.0), s => s.AckP99);
        Row("failed sends", $"{last.Errors:N0}", $"{totals.Failed:N0}", s => s.Errors);
        var faults = context.Findings.Total;
        table.AddRow(new Text("faults"), new Text(""), new Markup(faults == 0 ? "[green]0[/]" : $"[red]{faults:N0}[/]"), new Text(""));
        return table;

        void Row(string name, string now, string all, Func<Sample, double> value) =>
            table.AddRow(new Text(name), new Text(now), new Text(all), new Text(Bar(_samples.TakeLast(PlotSeconds).Select(value).ToList())));
    }

    private static string Ms(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");

    private static string Bar(List<double> values)
    {
        var max = values.Max();
        return string.Concat(values.Select(value => max <= 0 ? Bars[0] : Bars[(int)Math.Min(Bars.Length - 1, value / max * Bars.Length)]));
    }
}
