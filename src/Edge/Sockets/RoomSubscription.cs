using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Sockets;

/// <summary>How far one socket has got in one room. Guarded by the lock of <see cref="SessionRooms"/>.</summary>
/// <param name="last">The last event that the client has, by digest, sync or live.</param>
internal sealed class RoomSubscription(RoomId room, long last)
{
    public RoomId Room { get; set; } = room;

    public long Last { get; set; } = last;

    /// <summary>The event after which the client was attached. A departure at or before it belongs to an earlier membership.</summary>
    public long From { get; } = last;

    /// <summary>The newest event that the relay has delivered.</summary>
    public long Head { get; set; } = last;

    /// <summary>Live events held until the client has caught up; null once they are delivered directly.</summary>
    public List<(long Seq, ReadOnlyMemory<byte> Frame)>? Held { get; set; } = [];

    /// <summary>More events arrived than are held: the rest must be read from the journal.</summary>
    public bool HeldOverflowed { get; set; }

    /// <summary>Events were withheld because the socket's queue was full; the client must be notified.</summary>
    public bool IsLagged { get; set; }

    /// <summary>The user has left: the held events are the last ones.</summary>
    public bool IsEnding { get; set; }
}
