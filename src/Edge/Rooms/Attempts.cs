using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

/// <summary>The attempts at one command, and what is known of its outcome after each. Created with the first attempt.</summary>
internal sealed class Attempts(GatewayOptions options, TimeProvider time)
{
    public static readonly RoomProtocol.Nack NoAnswer =
        new(NackCode.Unavailable, "The room did not answer; the outcome is unknown.", TimeSpan.FromSeconds(1));

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);

    private readonly long _started = time.GetTimestamp();
    private bool _mayBeStored;

    /// <summary>The time for attempts is over.</summary>
    public bool AreOver => time.GetElapsedTime(_started) > options.Patience;

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Pause { get; private set; }

    /// <summary>Takes the answer to an attempt.</summary>
    /// <returns>The reply to the sender; null when the command must be sent again.</returns>
    public RoomProtocol.IReply? Settle(RoomProtocol.IReply reply)
    {
        switch (reply)
        {
            case RoomProtocol.Nack { Code: NackCode.Busy } busy when _mayBeStored:
                // Busy says that this attempt stored nothing; earlier attempts may have.
                return busy with { Code = NackCode.Unavailable };
            case RoomProtocol.Nack { Code: NackCode.OutOfOrder }:
                Pause = TimeSpan.Zero;
                return AreOver ? NoAnswer : null;
            case RoomProtocol.Nack { Code: NackCode.Unavailable } nack:
                _mayBeStored = true;
                Pause = ReferenceEquals(nack, NoAnswer) || nack.RetryAfter < MinPause ? MinPause : nack.RetryAfter;
                return AreOver ? nack : null;
            default:
                return reply;
        }
    }
}
