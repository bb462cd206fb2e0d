using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

internal readonly record struct ThreadReaderKey(string User, string Room, long Thread);

/// <param name="ReadN">The last reply that the user has read.</param>
/// <param name="PostedN">The user's last reply; 0 where there is none.</param>
internal sealed record ThreadReaderRow(bool Follows, long ReadN, long PostedN);

/// <summary>What replies make of those who read a thread: in the order of the events, from the rows as they were before.</summary>
/// <param name="stored">The rows of everybody whom the events name.</param>
/// <param name="blocks">By whom those who are mentioned do not want to hear from.</param>
/// <param name="roots">The authors of the roots that get their first reply.</param>
internal sealed class ThreadReaders(
    IReadOnlyDictionary<ThreadReaderKey, ThreadReaderRow> stored,
    IReadOnlySet<(string User, string Blocked)> blocks,
    IReadOnlyDictionary<(string Room, long Thread), string> roots)
{
    private static readonly ThreadReaderRow Nobody = new(Follows: false, ReadN: 0, PostedN: 0);

    private readonly Dictionary<ThreadReaderKey, ThreadReaderRow> _rows = [];
    private readonly HashSet<(string Room, long Thread)> _begun = [];

    /// <summary>The rows to write, in an order that writers of several share.</summary>
    public IReadOnlyList<KeyValuePair<ThreadReaderKey, ThreadReaderRow>> Changed =>
    [
        .. _rows.Where(row => row.Value != stored.GetValueOrDefault(row.Key))
            .OrderBy(row => row.Key.User, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Room, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Thread),
    ];

    /// <summary>Those who follow a thread now and did not before: their devices are told.</summary>
    public IEnumerable<ThreadReaderKey> Followed =>
        Changed.Where(row => row.Value.Follows && stored.GetValueOrDefault(row.Key) is not { Follows: true }).Select(row => row.Key);

    public static long ThreadOf(ThreadStep step) => step switch
    {
        ThreadStep.Replied e => e.Thread,
        ThreadStep.Edited e => e.Thread,
        _ => 0,
    };

    public static IEnumerable<string> UsersOf(ThreadStep step) =>
        step is ThreadStep.Replied e ? MentionedIn(step).Append(e.Event.Author.Id.Value) : MentionedIn(step);

    public static IEnumerable<string> MentionedIn(ThreadStep step) => step switch
    {
        ThreadStep.Replied e => e.Event.Mentions.Select(user => user.Value),
        ThreadStep.Edited e => e.Event.Mentions.Select(user => user.Value),
        _ => [],
    };

    public void Apply(RoomChanges room)
    {
        // Whose reply an edit changes is in no event; a reply of this slice names its author.
        var authors = room.Messages.ToDictionary(message => message.N, message => message.Author.Id.Value);
        foreach (var step in room.Threads)
        {
            switch (step)
            {
                case ThreadStep.Replied { Event: var e } replied:
                    Post(new ThreadReaderKey(e.Author.Id.Value, room.Room.Value, replied.Thread), e.N);
                    Begin(room.Room, replied.Thread, e.N);
                    Mention(room.Room, replied.Thread, e.N, e.Author.Id.Value, e.Mentions);
                    break;
                case ThreadStep.Edited { Event: var e } edited:
                    Mention(room.Room, edited.Thread, e.N, authors.GetValueOrDefault(e.N), e.Mentions);
                    break;
                case ThreadStep.Reset reset:
                    Reset(room.Room, reset);
                    break;
            }
        }
    }

    private void Post(ThreadReaderKey key, long n)
    {
        var row = Find(key);
        _rows[key] = new ThreadReaderRow(Follows: true, Math.Max(row.ReadN, n), n);
    }

    private void Begin(RoomId room, long thread, long n)
    {
        if (_begun.Add((room.Value, thread)) && roots.TryGetValue((room.Value, thread), out var author))
        {
            Follow(new ThreadReaderKey(author, room.Value, thread), n);
        }
    }

    private void Mention(RoomId room, long thread, long n, string? author, IEnumerable<UserId> mentions)
    {
        foreach (var user in mentions.Select(mention => mention.Value).Where(user => user != author))
        {
            if (author is null || !blocks.Contains((user, author)))
            {
                Follow(new ThreadReaderKey(user, room.Value, thread), n);
            }
        }
    }

    private void Follow(ThreadReaderKey key, long n)
    {
        var row = Find(key);
        if (!row.Follows)
        {
            _rows[key] = row with { Follows = true, ReadN = Math.Max(row.ReadN, n - 1) };
        }
    }

    private void Reset(RoomId room, ThreadStep.Reset reset)
    {
        foreach (var key in _rows.Keys.Where(key => key.User == reset.User.Value && key.Room == room.Value).ToList())
        {
            _rows[key] = _rows[key] with { Follows = false, ReadN = Math.Max(_rows[key].ReadN, reset.N) };
        }
    }

    private ThreadReaderRow Find(ThreadReaderKey key) => _rows.GetValueOrDefault(key) ?? stored.GetValueOrDefault(key) ?? Nobody;
}
