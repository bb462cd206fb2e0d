using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>A room's head: 0 and 0 before its first event.</summary>
/// <param name="Seq">The <c>seq</c> of the newest durable event.</param>
/// <param name="N">The number of the newest message.</param>
public sealed record RoomHead(long Seq, long N);

/// <summary>What a message has of one emoji.</summary>
/// <param name="Count">How many users react with it.</param>
/// <param name="Users">At most <see cref="MaxUsers"/>: the first, and before them the viewer, if they are one.</param>
public sealed record MessageReaction(string Emoji, long Count, IReadOnlyList<UserId> Users)
{
    public const int MaxUsers = 20;
}

/// <summary>What a room must know of a message to change it.</summary>
/// <param name="Reactions">All of them.</param>
/// <param name="AsOf">The facts include every change up to this <c>seq</c>.</param>
public sealed record MessageFacts(StoredMessage Message, IReadOnlyList<(string Emoji, UserId User)> Reactions, long AsOf);

/// <summary>A message in the history, as it is now.</summary>
/// <param name="Author">The author's names when it was written.</param>
/// <param name="ReplyToSeq">The <c>seq</c> of the message that this one replies to, or 0.</param>
public sealed record StoredMessage(
    RoomId Room,
    long Seq,
    long N,
    Guid ClientId,
    UserRef Author,
    string Text,
    DateTimeOffset Time,
    long ReplyToSeq,
    IReadOnlyList<UserId> Mentions)
{
    public IReadOnlyList<MessageFile> Files { get; init; } = [];

    /// <summary>Whom it mentions besides those in <see cref="Mentions"/>.</summary>
    public Audience Audience { get; init; }

    public MessageId Id => new(Room, Seq);

    /// <summary>Its link cards. Only pages of messages have them.</summary>
    public IReadOnlyList<LinkCard> Cards { get; init; } = [];

    /// <summary>When its text was last edited; null if it never was.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Whether it is deleted: then it has neither text nor files, mentions, cards or reactions.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>In the order in which each emoji was first used. Only pages of messages have them.</summary>
    public IReadOnlyList<MessageReaction> Reactions { get; init; } = [];
}

/// <param name="Events">Ascending and contiguous by <c>seq</c>; empty if there are no newer ones.</param>
/// <param name="Head">The room's head when the page was read: never older than the last of <paramref name="Events"/>.</param>
public sealed record RoomEventPage(IReadOnlyList<RoomEvent> Events, RoomHead Head)
{
    /// <summary>Whether the page reaches the head it names.</summary>
    public bool IsComplete(long afterSeq) => (Events.Count == 0 ? afterSeq : Events[^1].Seq) >= Head.Seq;
}

/// <param name="Items">Ascending and contiguous by <c>n</c>.</param>
/// <param name="Head">The room's head when the page was read.</param>
public sealed record RoomMessagePage(IReadOnlyList<StoredMessage> Items, RoomHead Head);

/// <summary>Which part of a room's messages a page shows.</summary>
public abstract record MessageQuery
{
    private MessageQuery()
    {
    }

    /// <summary>The newest ones.</summary>
    public sealed record Latest : MessageQuery;

    /// <summary>Those just below <paramref name="N"/>, itself excluded.</summary>
    public sealed record Before(long N) : MessageQuery;

    /// <summary>Those just above <paramref name="N"/>, itself excluded.</summary>
    public sealed record After(long N) : MessageQuery;

    /// <summary>
    /// About half the page on either side of <paramref name="N"/>, itself included; shifted at the ends, so that it is full.
    /// </summary>
    public sealed record Around(long N) : MessageQuery;
}

/// <summary>
/// Reads a room's events and messages. Every result is consistent as of one moment in the journal's database: it includes everything that
/// was committed when the method was called, projected or not. Room actors are not asked. Where a viewer is given, the same moment decides
/// whether they may read: whoever is not a member then gets null, as if there were no such room. Without a viewer the caller decides.
/// </summary>
public interface IRoomLog
{
    /// <summary>The most events in one page.</summary>
    const int MaxEvents = 1_000;

    /// <summary>About the most bytes of events in one page, as they are stored.</summary>
    const int MaxEventBytes = 1024 * 1024;

    /// <summary>The most messages in one page.</summary>
    const int MaxMessages = 200;

    /// <returns>Null if there is no such room.</returns>
    Task<RoomHead?> GetHeadAsync(RoomId room, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads events <paramref name="afterSeq"/> + 1, + 2, … from the journal. Messages in them are as they are now: edited texts take the place of
    /// former ones, and of a deleted message no event shows anything.
    /// </summary>
    /// <param name="limit">1 to <see cref="MaxEvents"/>; values outside are clamped.</param>
    /// <param name="viewer">Must be a member.</param>
    /// <param name="maxBytes">The page ends with the journal row that reaches it, so that long messages do not make a huge page.</param>
    /// <returns>Null if there is no such room. The page reaches the head it names, or the caller reads on.</returns>
    Task<RoomEventPage?> ReadEventsAsync(
        RoomId room,
        long afterSeq,
        int limit,
        UserId? viewer = null,
        int maxBytes = MaxEventBytes,
        CancellationToken cancellationToken = default);

    /// <param name="limit">1 to <see cref="MaxMessages"/>; values outside are clamped.</param>
    /// <param name="viewer">Must be a member, and comes first among those who react.</param>
    /// <returns>Null if there is no such room.</returns>
    Task<RoomMessagePage?> ReadMessagesAsync(
        RoomId room, MessageQuery query, int limit, UserId? viewer = null, CancellationToken cancellationToken = default);

    /// <summary>The message with this <c>seq</c>, as on a page of messages.</summary>
    /// <returns>Null if there is none.</returns>
    Task<StoredMessage?> FindMessageAsync(RoomId room, long seq, UserId? viewer = null, CancellationToken cancellationToken = default);

    /// <summary>The pinned messages, in the order in which they were pinned.</summary>
    /// <returns>Null if there is no such room.</returns>
    Task<IReadOnlyList<StoredMessage>?> ListPinnedAsync(RoomId room, UserId? viewer = null, CancellationToken cancellationToken = default);

    /// <returns>Null if no message has this <c>seq</c>.</returns>
    Task<MessageFacts?> FindFactsAsync(RoomId room, long seq, CancellationToken cancellationToken = default);

    /// <summary>
    /// The message that <paramref name="author"/> sent under <paramref name="clientId"/>, however long ago, as it was sent: edits and deletion do not
    /// count.
    /// </summary>
    /// <returns>Null if there is none.</returns>
    Task<StoredMessage?> FindByClientIdAsync(
        RoomId room,
        UserId author,
        Guid clientId,
        CancellationToken cancellationToken = default);
}
