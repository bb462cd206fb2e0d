using AkkaChat.Messages.Rooms;

namespace AkkaChat.Messages.Client;

// What clients see of threads. A thread is named by the id of its root.

/// <param name="N">The last reply that the user has read.</param>
/// <param name="Back">Whether the place may move back.</param>
public sealed record ThreadReadData(string? Thread, long? N, bool? Back = null);

/// <summary>The thread under a message, as the caller sees it.</summary>
/// <param name="Count">How many replies are not deleted.</param>
/// <param name="LastTs">When the last of them was sent; null where there is none.</param>
/// <param name="Authors">Some of those who replied, the last first.</param>
/// <param name="Following">Whether the caller is told of new replies, and has them counted.</param>
/// <param name="ReadN">The last reply that the caller has read.</param>
/// <param name="Unread">Of a thread that the caller does not follow: 0.</param>
/// <param name="Seq">Everything up to this event of the room is in these figures.</param>
public sealed record RepliesView(
    long Count, DateTimeOffset? LastTs, IReadOnlyList<UserView> Authors, bool Following, long ReadN, long Unread, long Seq);

/// <summary>A user's place in a thread.</summary>
/// <param name="Mentions">The unread mentions of the user in the whole room, which reading a thread changes.</param>
/// <param name="Seq">Everything up to this event of the room is in these figures.</param>
public sealed record ThreadStateView(string Thread, bool Following, long ReadN, long Unread, long Mentions, long Seq);

/// <summary>An entry of what hello says of the threads that the user follows.</summary>
/// <param name="Seq">Everything up to this event of the room is in these figures.</param>
public sealed record ThreadDigestView(string Room, string Thread, long ReadN, long Unread, long Seq);
