using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AkkaChat.Deployment.Tests;

/// <summary>The alert rules and dashboards: valid to Prometheus, about metrics that there are, and explained in the runbook.</summary>
public sealed partial class MonitoringSpecs
{
    private static readonly string Folder = Path.Combine(Product.Root, "ops");

    /// <summary>What Prometheus itself adds.</summary>
    private static readonly string[] OfPrometheus = ["up"];

    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task Prometheus_ShouldAcceptTheRules_AndFireThemWhenTheyShould(params string[] arguments)
    {
        var (exitCode, output, errors) = await Programs.RunAsync(
            new ProcessStartInfo("promtool", [arguments[0], arguments[1], Path.Combine(Folder, "prometheus", arguments[2])]));

        Assert.True(exitCode == 0, output + errors);
    }

    [Fact]
    public void Queries_ShouldAskForMetricsThatThereAre()
    {
        var documented = Documented().SelectMany(InPrometheus).Concat(OfPrometheus).ToHashSet();
        var queries = Directory.GetFiles(Path.Combine(Folder, "grafana"), "*.json").SelectMany(Expressions)
            .Concat(Expression().Matches(Alerts()).Select(match => match.Groups[1].Value))
            .Concat(AdapterRules.Read().Select(rule => rule.Metric))
            .ToList();

        Assert.True(queries.Count > 40);
        Assert.Empty(queries.SelectMany(MetricsOf).Distinct().Except(documented));
    }

    /// <summary>A metric that no dashboard shows is one that nobody looks at.</summary>
    [Fact]
    public void Dashboards_ShouldShowEveryMetricOfOurs()
    {
        var shown = Directory.GetFiles(Path.Combine(Folder, "grafana"), "*.json").SelectMany(Expressions).SelectMany(MetricsOf).ToHashSet();

        Assert.Empty(Documented().Where(metric => metric.Name.StartsWith("akkachat.", StringComparison.Ordinal) && !InPrometheus(metric).Any(shown.Contains)).Select(metric => metric.Name));
    }

    /// <summary>As the adapter fills the template in.</summary>
    [Fact]
    public Task AdapterQuery_ShouldBeOneThatPrometheusUnderstands() => AssertUnderstoodAsync(AdapterRules.Read().Select(rule => rule.Query
        .Replace("<<.Series>>", rule.Metric, StringComparison.Ordinal)
        .Replace("<<.LabelMatchers>>", "namespace=\"akkachat\",pod=~\"akkachat-edge-1|akkachat-edge-2\"", StringComparison.Ordinal)
        .Replace("<<.GroupBy>>", "pod", StringComparison.Ordinal)));

    /// <summary>As Grafana fills its variable in.</summary>
    [Theory]
    [InlineData("cluster.json")]
    [InlineData("messages.json")]
    public Task DashboardQueries_ShouldBeOnesThatPrometheusUnderstands(string dashboard) => AssertUnderstoodAsync(
        Expressions(Path.Combine(Folder, "grafana", dashboard)).Select(query => query.Replace("$__rate_interval", "1m", StringComparison.Ordinal)));

    /// <summary>Grafana shows only one of two panels with the same id, and lets panels that overlap push each other away.</summary>
    [Theory]
    [InlineData("cluster.json")]
    [InlineData("messages.json")]
    public void Dashboard_ShouldHavePanelsThatStandApart(string dashboard)
    {
        var panels = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana", dashboard))).RootElement.GetProperty("panels").EnumerateArray().ToList();
        var cells = panels.Select(panel => panel.GetProperty("gridPos")).SelectMany(at =>
            from x in Enumerable.Range(at.GetProperty("x").GetInt32(), at.GetProperty("w").GetInt32())
            from y in Enumerable.Range(at.GetProperty("y").GetInt32(), at.GetProperty("h").GetInt32())
            select (x, y)).ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.InRange(cell.x, 0, 23));
        Assert.All(panels, panel => Assert.NotEqual("", panel.GetProperty("title").GetString()));
    }

    [Fact]
    public void Alert_ShouldHaveASectionInTheRunbook()
    {
        var alerts = AlertName().Matches(Alerts()).Select(match => match.Groups[1].Value).ToList();
        var sections = Section().Matches(File.ReadAllText(Path.Combine(Product.Root, "docs/runbook.md"))).Select(match => match.Groups[1].Value);

        Assert.NotEmpty(alerts);
        Assert.Equal(alerts, sections);
        Assert.All(alerts, alert => Assert.Contains($"runbook: docs/runbook.md#{alert.ToLowerInvariant()}\n", Alerts(), StringComparison.Ordinal));
    }

    /// <summary>A rule for each, since promtool checks no query alone.</summary>
    private static async Task AssertUnderstoodAsync(IEnumerable<string> queries)
    {
        var rules = queries.Select((query, i) => $"{{ record: 'query_{i}', expr: '{query.Replace("'", "''", StringComparison.Ordinal)}' }}").ToList();
        Assert.NotEmpty(rules);
        var file = Path.Combine(Path.GetTempPath(), $"queries-{Guid.NewGuid():N}.yml");
        try
        {
            await File.WriteAllTextAsync(file, $"groups: [{{ name: queries, rules: [{string.Join(", ", rules)}] }}]");
            var (exitCode, output, errors) = await Programs.RunAsync(new ProcessStartInfo("promtool", ["check", "rules", file]));
            Assert.True(exitCode == 0, output + errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Alerts() => File.ReadAllText(Path.Combine(Folder, "prometheus/alerts.yml"));

    private static IEnumerable<string> Expressions(string dashboard) =>
        from panel in JsonDocument.Parse(File.ReadAllText(dashboard)).RootElement.GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select target.GetProperty("expr").GetString()!;

    private static IEnumerable<string> MetricsOf(string query) =>
        Metric().Matches(Labels().Replace(query, "")).Select(match => match.Value);

    /// <summary>The table of docs/telemetry.md, and the metrics of libraries that the text below it names.</summary>
    private static IEnumerable<(string Name, string Kind, string Unit)> Documented()
    {
        var text = File.ReadAllText(Path.Combine(Product.Root, "docs/telemetry.md"));
        return Row().Matches(text).Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value))
            .Concat(Library().Matches(text).Select(match => (match.Groups[1].Value, "", "")));
    }

    /// <summary>The names of its series: OpenTelemetry's exporter adds the unit and what kind it is.</summary>
    private static IEnumerable<string> InPrometheus((string Name, string Kind, string Unit) metric)
    {
        var name = metric.Name.Replace('.', '_');
        if (metric.Kind.Length == 0)
        {
            string[] units = ["", "_seconds", "_bytes"];
            string[] kinds = ["", "_total", "_bucket", "_count", "_sum"];
            return from unit in units from kind in kinds select name + unit + kind;
        }

        name += metric.Unit == "s" ? "_seconds" : "";
        return metric.Kind switch
        {
            "histogram" => [$"{name}_bucket", $"{name}_count", $"{name}_sum"],
            "counter" => [$"{name}_total"],
            _ => [name],
        };
    }

    [GeneratedRegex(@"^        expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"^      - alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^### (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\| `([a-z_.]+)` \| ([a-z -]+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`((?:http|kestrel|db|dotnet)\.[a-z_.]+)`")]
    private static partial Regex Library();

    /// <summary>Selectors and grouping labels, whose words are no metrics.</summary>
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b(?:akkachat|http|kestrel|db|dotnet)_[a-z_]+\b|\bup\b")]
    private static partial Regex Metric();
}
