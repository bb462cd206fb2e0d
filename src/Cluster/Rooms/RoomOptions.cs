using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Rooms;

/// <summary>How rooms are run. Read from <c>AkkaChat:Rooms</c>.</summary>
public sealed class RoomOptions
{
    public const string SectionName = "AkkaChat:Rooms";

    /// <summary>Bytes of events that one message between nodes may hold, so that it fits a remoting frame of 1 MiB.</summary>
    internal const int MostBytesOfEvents = 786_432;

    /// <summary>A room without watchers and commands leaves memory after this. Default 2 minutes.</summary>
    public TimeSpan PassivateAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>An edge that has not renewed its watch for this long gets nothing more. Default 30 s; edges renew every third of it.</summary>
    public TimeSpan WatchLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A snapshot is taken after this many events, or journal rows. Default 5,000.</summary>
    public int SnapshotEvery { get; set; } = 5_000;

    /// <summary>Commands that may wait for their commit in one room; the next is answered <c>busy</c>. Default 8,192.</summary>
    public int MaxPending { get; set; } = 8_192;

    /// <summary>Events in one journal row at most. Default 256.</summary>
    public int MaxBatchEvents { get; set; } = 256;

    /// <summary>Bytes of events in one journal row at most, so that a broadcast of it fits a remoting frame of 1 MiB. Default 262,144.</summary>
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
        .Require(options.MaxBatchBytes is >= 16_384 and <= RoomOptions.MostBytesOfEvents, nameof(options.MaxBatchBytes), "from 16,384 to 786,432")
        .ToResult();
}
