using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Work;

/// <summary>How this node runs durable work. Read from <c>AkkaChat:Work</c>.</summary>
public sealed class WorkOptions
{
    public const string SectionName = "AkkaChat:Work";

    /// <summary>Whether this node runs durable work. When false, other nodes do. Default true.</summary>
    public bool Run { get; set; } = true;

    /// <summary>How often the node looks for work that was added on another node, or whose node has died. Default 5 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a node keeps work without renewing its lease; then another takes it over. Renewed three times as often. Default 15 s.
    /// </summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);
}

internal sealed class WorkOptionsValidator : IValidateOptions<WorkOptions>
{
    public ValidateOptionsResult Validate(string? name, WorkOptions options) => new SettingRules(WorkOptions.SectionName)
        .Require(options.PollInterval >= TimeSpan.FromMilliseconds(100), nameof(options.PollInterval), "at least 100 milliseconds")
        .Require(options.Lease >= TimeSpan.FromSeconds(3), nameof(options.Lease), "at least 3 seconds")
        .ToResult();
}
