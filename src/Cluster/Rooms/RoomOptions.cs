using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Rooms;

/// <summary>Settings of rooms. Read from <c>AkkaChat:Rooms</c>.</summary>
public sealed class RoomOptions
{
    public const string SectionName = "AkkaChat:Rooms";

    /// <summary>The most bytes of events in one message between nodes, so that it fits a remoting frame of 1 MiB.</summary>
    internal const int MaxEventBytes = 786_432;

    /// <summary>How long a room without watchers and commands stays in memory. Default 2 minutes.</summary>
    public TimeSpan PassivateAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long an edge gets a room's broadcasts without renewing its lease. Default 30 s: edges renew three times as often.
    /// </summary>
    public TimeSpan WatchLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A snapshot is taken after this many events, or journal rows. Default 5,000.</summary>
    public int SnapshotEvery { get; set; } = 5_000;

    /// <summary>The most commands that wait for their commit in one room; the next is answered <c>busy</c>. Default 8,192.</summary>
    public int MaxPending { get; set; } = 8_192;

    /// <summary>The most events in one journal row. Default 256.</summary>
    public int MaxBatchEvents { get; set; } = 256;

    /// <summary>
    /// The most bytes of events in one journal row, so that its broadcast fits a remoting frame of 1 MiB. Default 262,144.
    /// </summary>
    public int MaxBatchBytes { get; set; } = 262_144;
}

internal sealed class RoomOptionsValidator : IValidateOptions<RoomOptions>
{
    public ValidateOptionsResult Validate(string? name, RoomOptions options) => new SettingRules(RoomOptions.SectionName)
        .Require(options.PassivateAfter >= TimeSpan.FromSeconds(5), nameof(options.PassivateAfter), "at least 5 seconds")
        .Require(options.WatchLease >= TimeSpan.FromSeconds(3), nameof(options.WatchLease), "at least 3 seconds")
        .Require(options.SnapshotEvery >= 10, nameof(options.SnapshotEvery), "at least 10")
        .Require(options.MaxPending is >= 1 and <= 1_000_000, nameof(options.MaxPending), "from 1 to 1,000,000")
        .Require(options.MaxBatchEvents is >= 1 and <= 1_000, nameof(options.MaxBatchEvents), "from 1 to 1,000")
        .Require(options.MaxBatchBytes is >= 16_384 and <= RoomOptions.MaxEventBytes, nameof(options.MaxBatchBytes), "from 16,384 to 786,432")
        .ToResult();
}
