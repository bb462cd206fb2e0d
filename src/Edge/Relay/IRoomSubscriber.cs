using AkkaChat.Edge.Presence;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Relay;

/// <summary>
/// A socket's side of a watched room. The relay calls from its own thread, one call at a time a room; an implementation must not block.
/// </summary>
public interface IRoomSubscriber : IPresenceSubscriber
{
    UserId User { get; }

    /// <summary>From the event after <paramref name="seq"/> on, every event of the room will be delivered.</summary>
    void OnAttached(RoomId room, long seq);

    /// <summary>The room does not exist: nothing will come.</summary>
    void OnRefused(RoomId room);

    /// <param name="frame">Shared with all other subscribers.</param>
    void OnEvent(RoomId room, long seq, ReadOnlyMemory<byte> frame);

    /// <summary>The user has left with the event <paramref name="seq"/>, which was the room's last for them.</summary>
    /// <returns>False where the subscriber follows the room from a later joining: then it stays.</returns>
    bool OnRemoved(RoomId room, long seq);
}
