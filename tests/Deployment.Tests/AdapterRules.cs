using YamlDotNet.Serialization;

namespace AkkaChat.Deployment.Tests;

/// <summary>The rules of prometheus-adapter in <c>ops/prometheus/adapter.yml</c>. Unknown fields throw.</summary>
internal static class AdapterRules
{
    public static IReadOnlyList<(string Metric, string Query, IReadOnlyCollection<string> Resources)> Read()
    {
        using var reader = File.OpenText(Path.Combine(Product.Root, "ops/prometheus/adapter.yml"));
        return
        [
            .. new DeserializerBuilder().Build().Deserialize<Config>(reader).Rules.Select(rule =>
                (rule.SeriesQuery.Split('{')[0], rule.MetricsQuery, (IReadOnlyCollection<string>)rule.Resources.Overrides.Keys)),
        ];
    }

    private sealed class Config
    {
        [YamlMember(Alias = "rules")]
        public List<Rule> Rules { get; set; } = [];
    }

    private sealed class Rule
    {
        [YamlMember(Alias = "seriesQuery")]
        public string SeriesQuery { get; set; } = "";

        [YamlMember(Alias = "metricsQuery")]
        public string MetricsQuery { get; set; } = "";

        [YamlMember(Alias = "resources")]
        public Resources Resources { get; set; } = new();
    }

    private sealed class Resources
    {
        [YamlMember(Alias = "overrides")]
        public Dictionary<string, Dictionary<string, string>> Overrides { get; set; } = [];
    }
}
