using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Sockets;

/// <summary>Where one socket stands in one room. Guarded by the lock of <see cref="SessionRooms"/>.</summary>
/// <param name="last">The last event that the client has, by digest, sync or live.</param>
internal sealed class RoomSubscription(RoomId room, long last)
{
    public RoomId Room { get; set; } = room;

    public long Last { get; set; } = last;

    /// <summary>Where the client began to follow. The event of a leaving at or before it is of an earlier membership.</summary>
    public long From { get; } = last;

    /// <summary>The newest event that the relay has delivered.</summary>
    public long Head { get; set; } = last;

    /// <summary>What arrived before the client was brought up to it; null once events go straight through.</summary>
    public List<(long Seq, ReadOnlyMemory<byte> Frame)>? Held { get; set; } = [];

    /// <summary>More arrived than is held: it must be read from the journal.</summary>
    public bool HeldOverflowed { get; set; }

    /// <summary>Events were withheld, since the socket's queue was full; the client has to be told.</summary>
    public bool IsLagged { get; set; }

    /// <summary>The user has left: what is held is the last of it.</summary>
    public bool IsEnding { get; set; }
}
