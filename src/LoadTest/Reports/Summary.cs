using AkkaChat.LoadTest.Driving;
using Spectre.Console;

namespace AkkaChat.LoadTest.Reports;

/// <summary>The end of a run on the console.</summary>
internal static class Summary
{
    private const int ShownFaults = 10;

    public static void Write(IAnsiConsole console, RunResult result)
    {
        var counts = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("", "");
        foreach (var (name, value) in Figures.Counts(result))
        {
            counts.AddRow(new Text(name), new Text(value));
        }

        var times = new Table().Border(TableBorder.Simple).AddColumns("ms", "from");
        foreach (var (name, _) in Figures.Percentiles)
        {
            times.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (var (name, from, histogram) in Figures.Times(result))
        {
            times.AddRow([
                new Text(name),
                new Text(from),
                .. Figures.Percentiles.Select(p => new Text(histogram.Count == 0 ? "-" : Figures.D(Figures.Ms(histogram, p.Percent)))),
            ]);
        }

        console.WriteLine();
        console.WriteLine($"{result.Context.Options.Url} {Figures.Describe(result)}{(result.IsInterrupted ? " (interrupted)" : "")}");
        console.Write(counts);
        console.Write(times);
        foreach (var notice in result.Context.Notices.All)
        {
            console.MarkupLineInterpolated($"[yellow]Limit[/] ({Figures.N(notice.Count)} times): {notice.Limit.Says} {notice.Detail}");
            console.MarkupLineInterpolated($"      To move it: {notice.Limit.Lift}.");
        }

        WriteVerdict(console, result);
    }

    private static void WriteVerdict(IAnsiConsole console, RunResult result)
    {
        var failures = result.Failures();
        if (failures.Count == 0)
        {
            console.MarkupLineInterpolated($"[green]Passed[/]: nothing lost, doubled, out of order or altered; every acknowledged message is in the history.");
            return;
        }

        console.MarkupLineInterpolated($"[red]Failed[/]: {string.Join("; ", failures)}.");
        foreach (var (_, what) in result.Context.Findings.First.Take(ShownFaults))
        {
            console.MarkupLineInterpolated($"  {what}");
        }
    }
}
