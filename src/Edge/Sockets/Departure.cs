using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Sockets;

/// <summary>A membership that ends while it is being read: what was a member's a moment ago is read on to the leaving and no further.</summary>
internal static class Departure
{
    /// <summary>The events up to the user's own leaving, where nothing after it brings the user back; else all of them.</summary>
    public static IReadOnlyList<RoomEvent> Cut(IReadOnlyList<RoomEvent> events, UserId user, out bool hasLeft)
    {
        for (var i = events.Count - 1; i >= 0; i--)
        {
            switch (events[i])
            {
                case MemberJoined joined when joined.User.Id == user:
                    hasLeft = false;
                    return events;
                case MemberLeft left when left.User.Id == user:
                    hasLeft = true;
                    return [.. events.Take(i + 1)];
            }
        }

        hasLeft = false;
        return events;
    }
}
