using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Cluster.Rooms;

/// <summary>What a room must know of a message to decide its changes.</summary>
/// <param name="TextHash">Tells whether an edit changes anything.</param>
/// <param name="Reactions">Who reacts with each emoji; no emoji without a user.</param>
public sealed record KnownMessage(
    long Seq,
    long N,
    UserId Author,
    bool IsDeleted,
    ulong TextHash,
    IReadOnlyList<FileId> Files,
    ImmutableSortedDictionary<string, ImmutableHashSet<UserId>> Reactions)
{
    internal static readonly ImmutableSortedDictionary<string, ImmutableHashSet<UserId>> NoReactions =
        ImmutableSortedDictionary.Create<string, ImmutableHashSet<UserId>>(StringComparer.Ordinal);

    /// <summary>The <c>seq</c> of the root of its thread; 0 where it is in none.</summary>
    public long ThreadSeq { get; init; }

    /// <summary>The <c>seq</c> of its last change since it is known; 0 if there was none.</summary>
    public long ChangedSeq { get; init; }

    public int ReactionCount => Reactions.Values.Sum(users => users.Count);

    public static ulong Hash(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static KnownMessage Of(MessageFacts facts) => new(
        facts.Message.Seq,
        facts.Message.N,
        facts.Message.Author.Id,
        facts.Message.IsDeleted,
        Hash(facts.Message.Text),
        [.. facts.Message.Files.Select(file => file.Id)],
        facts.Reactions
            .GroupBy(reaction => reaction.Emoji)
            .ToImmutableSortedDictionary(
                emoji => emoji.Key, emoji => emoji.Select(reaction => reaction.User).ToImmutableHashSet(), StringComparer.Ordinal))
    {
        ThreadSeq = facts.Message.ThreadSeq,
    };

    public bool Reacts(UserId user, string emoji) => Reactions.TryGetValue(emoji, out var users) && users.Contains(user);

    internal KnownMessage With(ReactionSet e)
    {
        var users = Reactions.GetValueOrDefault(e.Emoji, []);
        users = e.On ? users.Add(e.User.Id) : users.Remove(e.User.Id);
        return this with { Reactions = users.IsEmpty ? Reactions.Remove(e.Emoji) : Reactions.SetItem(e.Emoji, users) };
    }
}

/// <summary>
/// The messages of a room that were changed lately, so that it decides the next change without asking the log again. Only a memory: it is in no
/// snapshot, and what is not in it is looked up. A look-up that is older than <see cref="Floor"/> may lack a change and does not count.
/// </summary>
public sealed record MessageMemory
{
    public const int MaxMessages = 500;

    /// <summary>Over all messages, so that those with many reactions cannot fill the memory of the node.</summary>
    public const int MaxReactions = 10_000;

    public static readonly MessageMemory Empty = new();

    private ImmutableDictionary<long, (KnownMessage Message, long Use)> BySeq { get; init; } =
        ImmutableDictionary<long, (KnownMessage Message, long Use)>.Empty;

    private ImmutableSortedDictionary<long, long> ByUse { get; init; } = ImmutableSortedDictionary<long, long>.Empty;

    private long Uses { get; init; }

    private int Reactions { get; init; }

    /// <summary>The <c>seq</c> of the newest change that is not in this memory.</summary>
    public long Floor { get; private init; }

    public int Count => BySeq.Count;

    public static MessageMemory From(long floor) => Empty with { Floor = floor };

    public KnownMessage? Find(long seq) => BySeq.TryGetValue(seq, out var known) ? known.Message : null;

    /// <summary>Takes what the log knows, unless it is known already or the look-up is too old.</summary>
    public MessageMemory Recall(MessageFacts facts) =>
        facts.AsOf < Floor || BySeq.ContainsKey(facts.Message.Seq) ? this : Put(KnownMessage.Of(facts));

    /// <summary>A change of a message that is not known, as in a replay, moves <see cref="Floor"/>.</summary>
    public MessageMemory Change(long seq, long changedSeq, Func<KnownMessage, KnownMessage> change) =>
        Find(seq) is { } known ? Put(change(known) with { ChangedSeq = changedSeq }) : this with { Floor = changedSeq };

    private MessageMemory Put(KnownMessage message)
    {
        var memory = Drop(message.Seq) with { Uses = Uses + 1 };
        memory = memory with
        {
            BySeq = memory.BySeq.Add(message.Seq, (message, memory.Uses)),
            ByUse = memory.ByUse.Add(memory.Uses, message.Seq),
            Reactions = memory.Reactions + message.ReactionCount,
        };
        while (memory.Count > 1 && (memory.Count > MaxMessages || memory.Reactions > MaxReactions))
        {
            var oldest = memory.BySeq[memory.ByUse.First().Value].Message;
            memory = memory.Drop(oldest.Seq) with { Floor = Math.Max(memory.Floor, oldest.ChangedSeq) };
        }

        return memory;
    }

    private MessageMemory Drop(long seq) => BySeq.TryGetValue(seq, out var known)
        ? this with
        {
            BySeq = BySeq.Remove(seq),
            ByUse = ByUse.Remove(known.Use),
            Reactions = Reactions - known.Message.ReactionCount,
        }
        : this;
}
