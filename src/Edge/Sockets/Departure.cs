using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Sockets;

/// <summary>A membership that ends while its events are being read: the read stops at the user's departure.</summary>
internal static class Departure
{
    /// <summary>The events up to the user's departure. One before <paramref name="joined"/> ended an earlier membership.</summary>
    /// <param name="joined">The <c>seq</c> of the join that the memberships tell of.</param>
    public static IReadOnlyList<RoomEvent> Cut(IReadOnlyList<RoomEvent> events, UserId user, long joined, out bool hasLeft)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] is IMemberRemoval removal && removal.User.Id == user && events[i].Seq > joined)
            {
                hasLeft = true;
                return [.. events.Take(i + 1)];
            }
        }

        hasLeft = false;
        return events;
    }
}
