using AkkaChat.Edge.Presence;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Relay;

/// <summary>
/// A socket's side of a watched room. The relay calls from its own thread, one call at a time a room; an implementation must not block.
/// </summary>
public interface IRoomSubscriber : IPresenceSubscriber
{
    UserId User { get; }

    /// <summary>Every event of the room after <paramref name="seq"/> will be delivered.</summary>
    void OnAttached(RoomId room, long seq);

    /// <summary>The room does not exist: nothing will be delivered.</summary>
    void OnRefused(RoomId room);

    /// <summary>The room is there no more, though it was: nothing more will be delivered, and what was may not hold.</summary>
    void OnLost(RoomId room);

    /// <param name="frame">Shared with all other subscribers.</param>
    void OnEvent(RoomId room, long seq, ReadOnlyMemory<byte> frame);

    /// <summary>The user left with the event <paramref name="seq"/>, the last one that they may receive.</summary>
    /// <returns>False if the subscriber attached because the user joined again later: then it stays attached.</returns>
    bool OnRemoved(RoomId room, long seq);
}
