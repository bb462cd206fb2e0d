using System.Collections.Immutable;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// The messages of a room that have had link cards, so that each gets them once and removed cards do not come back. Remembers the last
/// <see cref="Capacity"/> of them; messages up to the newest one dropped get no cards any more.
/// </summary>
public sealed record LinkMemory
{
    public const int Capacity = 1_000;

    public static readonly LinkMemory Empty = new();

    private ImmutableSortedDictionary<long, bool> Removed { get; init; } = ImmutableSortedDictionary<long, bool>.Empty;

    /// <summary>The <c>seq</c> of the newest message dropped so far.</summary>
    public long Floor { get; private init; }

    public IEnumerable<LinkedMessage> Messages => Removed.Select(message => new LinkedMessage(message.Key, message.Value));

    /// <summary>Whether the message may still get its cards.</summary>
    public bool Awaits(long messageSeq) => messageSeq > Floor && !Removed.ContainsKey(messageSeq);

    public bool IsRemoved(long messageSeq) => Removed.GetValueOrDefault(messageSeq);

    public LinkMemory Add(LinkAttached e) => (this with { Removed = Removed.SetItem(e.MessageSeq, e.Cards.Count == 0) }).Trim();

    /// <summary>From now on the message has no cards, and gets none.</summary>
    public LinkMemory Remove(long messageSeq) => (this with { Removed = Removed.SetItem(messageSeq, true) }).Trim();

    public static LinkMemory From(IEnumerable<LinkedMessage> messages, long floor) => new()
    {
        Removed = messages.ToImmutableSortedDictionary(message => message.Seq, message => message.Removed),
        Floor = floor,
    };

    private LinkMemory Trim()
    {
        if (Removed.Count <= Capacity)
        {
            return this;
        }

        var oldest = Removed.Keys.First();
        return this with { Removed = Removed.Remove(oldest), Floor = Math.Max(Floor, oldest) };
    }
}
