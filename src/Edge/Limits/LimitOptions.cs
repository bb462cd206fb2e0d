using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Limits;

/// <summary>What one user may ask of this node over REST. Read from <c>AkkaChat:Limits</c>.</summary>
public sealed class LimitOptions
{
    public const string SectionName = "AkkaChat:Limits";

    /// <summary>Requests a second, in the long run. Default 100, with a burst of four times that.</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Requests under way at once; as many may wait. Default 32.</summary>
    public int ConcurrentRequests { get; set; } = 32;

    /// <summary>Requests under way at once that bring bytes of uploads; others wait, at most 50. Default 8.</summary>
    public int ConcurrentUploads { get; set; } = 8;

    /// <summary>Contents of files on their way from this node at once; as many may wait. Default 64.</summary>
    public int ConcurrentDownloads { get; set; } = 64;

    /// <summary>Searches under way at once; as many more as <see cref="ConcurrentRequests"/> wait. Default 3, which is what the SPA asks for a word.</summary>
    public int ConcurrentSearches { get; set; } = 3;

    /// <summary>Rooms an hour that a user may create. Default 720, of which 500 at once.</summary>
    public int RoomsPerHour { get; set; } = 720;

    /// <summary>How often a minute a user may join or leave a room, in the long run. Default 120, of which 500 at once.</summary>
    public int MovesPerMinute { get; set; } = 120;

    /// <summary>How often a minute a user may join or leave the same room. Default 20.</summary>
    public int MovesPerRoomPerMinute { get; set; } = 20;

    /// <summary>
    /// Changes a minute in rooms (reactions, edits, deletions, pins, settings, moderation, invitations) and of what is the user's own (profile, settings,
    /// saved messages, blocks, subscriptions). Default 600, of which 500 at once.
    /// </summary>
    public int ChangesPerMinute { get; set; } = 600;

    /// <summary>How often a minute a user may name a room that is not there for them, over REST and in sends together. Default 240.</summary>
    public int UnknownRoomsPerMinute { get; set; } = 240;

    /// <summary>Rooms that a user may be in. Default 5,000.</summary>
    public int RoomsPerUser { get; set; } = 5_000;
}

internal sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitOptions options) => new SettingRules(LimitOptions.SectionName)
        .Require(options.RequestsPerSecond >= 1, nameof(options.RequestsPerSecond), "at least 1")
        .Require(options.ConcurrentRequests >= 1, nameof(options.ConcurrentRequests), "at least 1")
        .Require(options.ConcurrentUploads >= 1, nameof(options.ConcurrentUploads), "at least 1")
        .Require(options.ConcurrentDownloads >= 1, nameof(options.ConcurrentDownloads), "at least 1")
        .Require(options.ConcurrentSearches >= 1, nameof(options.ConcurrentSearches), "at least 1")
        .Require(options.RoomsPerHour >= 1, nameof(options.RoomsPerHour), "at least 1")
        .Require(options.MovesPerMinute >= 1, nameof(options.MovesPerMinute), "at least 1")
        .Require(options.MovesPerRoomPerMinute >= 1, nameof(options.MovesPerRoomPerMinute), "at least 1")
        .Require(options.ChangesPerMinute >= 1, nameof(options.ChangesPerMinute), "at least 1")
        .Require(options.UnknownRoomsPerMinute >= 1, nameof(options.UnknownRoomsPerMinute), "at least 1")
        .Require(options.RoomsPerUser >= 1, nameof(options.RoomsPerUser), "at least 1")
        .ToResult();
}
