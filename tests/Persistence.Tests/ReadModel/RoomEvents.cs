using System.Diagnostics.CodeAnalysis;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Persistence.Tests.ReadModel;

/// <summary>Equality of events and messages including the lists in them, which records compare by reference.</summary>
public static class RoomEvents
{
    public static IEqualityComparer<RoomEvent> Comparer { get; } = new EventComparer();

    public static IEqualityComparer<StoredMessage> Messages { get; } = new MessageComparer();

    private sealed class EventComparer : IEqualityComparer<RoomEvent>
    {
        public bool Equals(RoomEvent? x, RoomEvent? y) =>
            x is MessagePosted a && y is MessagePosted b
                ? Plain(a) == Plain(b) && a.Mentions.SequenceEqual(b.Mentions)
                : Equals((object?)x, y);

        public int GetHashCode([DisallowNull] RoomEvent obj) => obj.Seq.GetHashCode();

        private static (long, DateTimeOffset, long, Guid, UserRef, string, long) Plain(MessagePosted m) =>
            (m.Seq, m.Time, m.N, m.ClientId, m.Author, m.Text, m.ReplyToSeq);
    }

    private sealed class MessageComparer : IEqualityComparer<StoredMessage>
    {
        public bool Equals(StoredMessage? x, StoredMessage? y) =>
            x is null || y is null ? x is null && y is null : Plain(x) == Plain(y) && x.Mentions.SequenceEqual(y.Mentions);

        public int GetHashCode([DisallowNull] StoredMessage obj) => obj.Seq.GetHashCode();

        private static (string, long, DateTimeOffset, long, Guid, UserRef, string, long) Plain(StoredMessage m) =>
            (m.Room.Value, m.Seq, m.Time, m.N, m.ClientId, m.Author, m.Text, m.ReplyToSeq);
    }
}
