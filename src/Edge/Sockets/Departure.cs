using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Sockets;

/// <summary>A membership that ends while its events are being read: the read stops at the user's departure.</summary>
internal static class Departure
{
    /// <summary>The events up to the user's departure, unless a later event brings the user back; then all of them.</summary>
    public static IReadOnlyList<RoomEvent> Cut(IReadOnlyList<RoomEvent> events, UserId user, out bool hasLeft)
    {
        for (var i = events.Count - 1; i >= 0; i--)
        {
            switch (events[i])
            {
                case MemberJoined joined when joined.User.Id == user:
                    hasLeft = false;
                    return events;
                case IMemberRemoval removal when removal.User.Id == user:
                    hasLeft = true;
                    return [.. events.Take(i + 1)];
            }
        }

        hasLeft = false;
        return events;
    }
}
