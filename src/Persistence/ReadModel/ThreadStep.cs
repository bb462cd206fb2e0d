using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>What a slice of a room's journal does to its threads and to those who follow them.</summary>
internal abstract record ThreadStep
{
    private ThreadStep()
    {
    }

    /// <param name="Thread">The <c>seq</c> of the root, as in the next two.</param>
    public sealed record Replied(long Thread, MessagePosted Event) : ThreadStep;

    /// <summary>The new text of a reply mentions somebody.</summary>
    public sealed record Edited(long Thread, MessageEdited Event) : ThreadStep;

    public sealed record Deleted(long Thread, MessageDeleted Event) : ThreadStep;

    /// <summary>Somebody came or went: they follow no thread of the room, and have read all up to the number.</summary>
    public sealed record Reset(UserId User, long N) : ThreadStep;
}
