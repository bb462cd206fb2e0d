using AkkaChat.Cluster.Rooms;
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
    public ValidateOptionsResult Validate(string? name, RelayOptions options) => new SettingRules(RelayOptions.SectionName)
        .Require(options.Renew >= TimeSpan.FromSeconds(1), nameof(options.Renew), "at least 1 second")
        .Require(options.Retry >= TimeSpan.FromMilliseconds(100), nameof(options.Retry), "at least 100 milliseconds")
        .Require(options.Linger >= TimeSpan.Zero, nameof(options.Linger), "0 or more")
        .ToResult();
}

/// <summary>A lease that is renewed too late expires before, and its edge gets no broadcasts until the next renewal.</summary>
internal sealed class RelayLeaseCheck(IOptions<RoomOptions> rooms) : IValidateOptions<RelayOptions>
{
    public ValidateOptionsResult Validate(string? name, RelayOptions options) => new SettingRules(RelayOptions.SectionName)
        .Require(
            rooms.ValueIfValid() is not { } room || options.Renew < room.WatchLease,
            nameof(options.Renew),
            $"shorter than {RoomOptions.SectionName}:{nameof(RoomOptions.WatchLease)}, best a third of it")
        .ToResult();
}
