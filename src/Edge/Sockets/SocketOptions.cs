using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Sockets;

/// <summary>What one socket may do and hold. Read from <c>AkkaChat:Sockets</c>.</summary>
public sealed class SocketOptions
{
    public const string SectionName = "AkkaChat:Sockets";

    /// <summary>How often a client must send something. Default 25 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a new connection may take to send hello. Default 10 s.</summary>
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages a second that a connection may send in the long run. Default 5.</summary>
    public double SendPerSecond { get; set; } = 5;

    /// <summary>Messages that a connection may send at once. Default 20.</summary>
    public int SendBurst { get; set; } = 20;

    /// <summary>Other requests a second, in the long run. Default 50, with a burst of four times that.</summary>
    public double RequestsPerSecond { get; set; } = 50;

    /// <summary>Frames that may wait for a slow reader. Default 256.</summary>
    public int MaxQueuedFrames { get; set; } = 256;

    /// <summary>Bytes that may wait for a slow reader. Default 1 MiB.</summary>
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

    /// <summary>A reader that takes nothing for this long is closed. Default 20 s.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Sockets that one user may hold on this node. Default 50.</summary>
    public int MaxPerUser { get; set; } = 50;

    /// <summary>How many times what one connection may send and ask a user's connections may, all together. Default 3.</summary>
    public int UserFactor { get; set; } = 3;

    /// <summary>Sockets that clients of one address may hold on this node. Default 20,000: a proxy has one address.</summary>
    public int MaxPerAddress { get; set; } = 20_000;

    /// <summary>Of them, those that have not succeeded with hello. Default 2,000.</summary>
    public int MaxWaitingPerAddress { get; set; } = 2_000;

    /// <summary>The time over which sockets are closed when the node drains. Default 5 s.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class SocketOptionsValidator : IValidateOptions<SocketOptions>
{
    public ValidateOptionsResult Validate(string? name, SocketOptions options) => new SettingRules(SocketOptions.SectionName)
        .Require(options.Heartbeat >= TimeSpan.FromSeconds(1), nameof(options.Heartbeat), "at least 1 second")
        .Require(options.HelloTimeout >= TimeSpan.FromSeconds(1), nameof(options.HelloTimeout), "at least 1 second")
        .Require(options.SendPerSecond > 0, nameof(options.SendPerSecond), "above 0")
        .Require(options.SendBurst >= 1, nameof(options.SendBurst), "at least 1")
        .Require(options.RequestsPerSecond > 0, nameof(options.RequestsPerSecond), "above 0")
        .Require(options.MaxQueuedFrames >= 16, nameof(options.MaxQueuedFrames), "at least 16")
        .Require(options.MaxQueuedBytes >= 64 * 1024, nameof(options.MaxQueuedBytes), "at least 65,536")
        .Require(options.SendTimeout >= TimeSpan.FromSeconds(1), nameof(options.SendTimeout), "at least 1 second")
        .Require(options.MaxPerUser >= 1, nameof(options.MaxPerUser), "at least 1")
        .Require(options.UserFactor >= 1, nameof(options.UserFactor), "at least 1")
        .Require(options.MaxPerAddress >= 1, nameof(options.MaxPerAddress), "at least 1")
        .Require(options.MaxWaitingPerAddress >= 1, nameof(options.MaxWaitingPerAddress), "at least 1")
        .Require(options.DrainTime >= TimeSpan.Zero, nameof(options.DrainTime), "0 or more")
        .ToResult();
}
