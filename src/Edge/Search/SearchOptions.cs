using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Search;

/// <summary>Limits of searches. Read from <c>AkkaChat:Search</c>.</summary>
public sealed class SearchOptions
{
    public const string SectionName = "AkkaChat:Search";

    /// <summary>Searches that a user may start at once, and in a minute. Each edge counts by itself. Default 120.</summary>
    public int PerUserPerMinute { get; set; } = 120;

    /// <summary>After this a search is broken off. Default 2 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);
}

internal sealed class SearchOptionsValidator : IValidateOptions<SearchOptions>
{
    public ValidateOptionsResult Validate(string? name, SearchOptions options) => new SettingRules(SearchOptions.SectionName)
        .RequireRange(options.PerUserPerMinute, nameof(options.PerUserPerMinute), 1, 100_000)
        .Require(
            options.Timeout >= TimeSpan.FromMilliseconds(100) && options.Timeout <= TimeSpan.FromSeconds(30),
            nameof(options.Timeout),
            "from 0.1 s to 30 s")
        .ToResult();
}
