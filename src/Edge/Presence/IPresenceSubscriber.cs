using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

/// <summary>A socket's side of a room in its view. Called by the presence hub's actor; an implementation must not block.</summary>
public interface IPresenceSubscriber
{
    /// <param name="frame">Shared with all other subscribers. May be dropped.</param>
    void OnEphemeral(RoomId room, ReadOnlyMemory<byte> frame);
}
