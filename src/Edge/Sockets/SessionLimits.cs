using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Throttling;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// What one connection may send. Requests count against its own limits and, after hello, against those of its user. All bytes count, and so
/// does every frame that is refused, whatever it contains: whoever goes on after a refusal is closed. Used by the connection's read loop alone.
/// </summary>
internal sealed class SessionLimits(SocketOptions options, TimeProvider time)
{
    private const int RequestBurstFactor = 4;

    /// <summary>Of a frame, on the average: a connection may send this many bytes for each frame that it may send.</summary>
    private const int FrameBytes = 16 * 1024;

    private const int RefusalsPerSecond = 5;
    private const int RefusalBurst = 500;
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private TokenBucket _sends = new(options.SendPerSecond, options.SendBurst, time);
    private TokenBucket _requests = Requests(options, factor: 1, time);
    private TokenBucket _bytes = new(
        (options.SendPerSecond + options.RequestsPerSecond) * FrameBytes, ((double)options.SendBurst + (options.RequestsPerSecond * RequestBurstFactor)) * FrameBytes, time);
    private TokenBucket _refusals = new(RefusalsPerSecond, RefusalBurst, time);

    public static TokenBucket Requests(SocketOptions options, int factor, TimeProvider time) =>
        new(options.RequestsPerSecond * factor, options.RequestsPerSecond * factor * RequestBurstFactor, time);

    public bool TryTake(OpRate rate, UserSockets? user, out TimeSpan retryAfter) => rate == OpRate.Send
        ? _sends.TryTake(out retryAfter) && (user is null || user.TrySend(out retryAfter))
        : _requests.TryTake(out retryAfter) && (user is null || user.TryRequest(out retryAfter));

    /// <summary>How long nothing more should be read, after a frame of this length. TCP then slows the sender down.</summary>
    public TimeSpan Received(int bytes) => _bytes.Charge(bytes) is var pause && pause < MaxPause ? pause : MaxPause;

    /// <summary>False: too many were refused, and the connection must be closed.</summary>
    public bool TryRefuse() => _refusals.TryTake(out _);
}
