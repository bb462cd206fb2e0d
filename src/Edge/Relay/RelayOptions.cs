using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Relay;

/// <summary>How an edge follows the rooms that its sockets are in. Read from <c>AkkaChat:Relay</c>.</summary>
public sealed class RelayOptions
{
    public const string SectionName = "AkkaChat:Relay";

    /// <summary>How often a watch is renewed and heads are compared. Default 10 s: a third of the rooms' lease.</summary>
    public TimeSpan Renew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an unanswered watch or repair is tried again. Default 1 s.</summary>
    public TimeSpan Retry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a room stays watched after its last socket. Default 30 s.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(30);
}

internal sealed class RelayOptionsValidator : IValidateOptions<RelayOptions>
{
    public ValidateOptionsResult Validate(string? name, RelayOptions options)
    {
        var errors = new List<string>();
        if (options.Renew < TimeSpan.FromSeconds(1))
        {
            errors.Add($"{RelayOptions.SectionName}:{nameof(options.Renew)} must be at least 1 second.");
        }

        if (options.Retry < TimeSpan.FromMilliseconds(100))
        {
            errors.Add($"{RelayOptions.SectionName}:{nameof(options.Retry)} must be at least 100 milliseconds.");
        }

        if (options.Linger < TimeSpan.Zero)
        {
            errors.Add($"{RelayOptions.SectionName}:{nameof(options.Linger)} must be 0 or more.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
