using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.Tests.ReadModel;

/// <summary>Writes the history that a room would: the oracle that answers are compared with.</summary>
public sealed class RoomScript
{
    private static readonly DateTimeOffset Epoch = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000);

    private readonly List<RoomEvent> _events = [];
    private readonly List<RoomEvent> _pending = [];

    public RoomScript(RoomId? id = null) => Id = id ?? RoomId.New(TimeProvider.System);

    public RoomId Id { get; }

    /// <summary>All that <see cref="Take"/> has given.</summary>
    public IReadOnlyList<RoomEvent> Events => _events;

    public IReadOnlyList<MessagePosted> Messages => [.. _events.OfType<MessagePosted>()];

    public long Seq { get; private set; }

    public long N { get; private set; }

    public Dictionary<UserId, UserRef> Members { get; } = [];

    public static UserRef User(string name) => new(UserId.New(TimeProvider.System), name, char.ToUpperInvariant(name[0]) + name[1..]);

    public RoomScript Create(UserRef by, string name = "room", string topic = "", RoomVisibility visibility = RoomVisibility.Public)
    {
        Add(seq => new RoomCreated(seq, Time(seq), name, topic, visibility, by));
        return Join(by, MemberRole.Owner);
    }

    public RoomScript Join(UserRef user, MemberRole role = MemberRole.Member)
    {
        Members[user.Id] = user;
        return Add(seq => new MemberJoined(seq, Time(seq), user, role));
    }

    public RoomScript Leave(UserRef user)
    {
        Members.Remove(user.Id);
        return Add(seq => new MemberLeft(seq, Time(seq), user, LeaveReason.Left));
    }

    public RoomScript Kick(UserRef by, UserRef user)
    {
        Members.Remove(user.Id);
        return Add(seq => new MemberKicked(seq, Time(seq), user, by, "why"));
    }

    public RoomScript Ban(UserRef by, UserRef user)
    {
        var wasMember = Members.Remove(user.Id);
        return Add(seq => new MemberBanned(seq, Time(seq), user, by, "why", wasMember));
    }

    public RoomScript Unban(UserRef by, UserRef user) => Add(seq => new MemberUnbanned(seq, Time(seq), user, by));

    public RoomScript ChangeRole(UserRef by, UserRef user, MemberRole role) => Add(seq => new MemberRoleChanged(seq, Time(seq), user, role, by));

    public RoomScript ChangeTopic(UserRef by, string topic) => Add(seq => new RoomTopicChanged(seq, Time(seq), topic, by));

    public RoomScript ChangePicture(UserRef by, FileId? picture, FileId? previous) =>
        Add(seq => new RoomPictureChanged(seq, Time(seq), picture, previous, by));

    public RoomScript ChangeLinkCards(UserRef by, bool on) => Add(seq => new RoomLinkCardsChanged(seq, Time(seq), on, by));

    public RoomScript Edit(MessagePosted message, string text, params UserId[] mentions) =>
        Add(seq => new MessageEdited(seq, Time(seq), message.Seq, message.N, text, mentions));

    public RoomScript Delete(MessagePosted message, UserRef by) =>
        Add(seq => new MessageDeleted(seq, Time(seq), message.Seq, message.N, by, [.. message.Files.Select(file => file.Id)]));

    /// <param name="count">How many react with it afterwards.</param>
    public RoomScript React(MessagePosted message, UserRef user, string emoji, bool on, long count) =>
        Add(seq => new ReactionSet(seq, Time(seq), message.Seq, message.N, user, emoji, on, count));

    public RoomScript Pin(MessagePosted message, UserRef by, bool on) => Add(seq => new MessagePinned(seq, Time(seq), message.Seq, message.N, by, on));

    /// <param name="n">The message's number.</param>
    public RoomScript Attach(long messageSeq, long n, params LinkCard[] cards) => Add(seq => new LinkAttached(seq, Time(seq), messageSeq, n, cards));

    public RoomScript Post(UserRef author, string text = "hello", params UserId[] mentions)
    {
        N++;
        return Add(seq => new MessagePosted(seq, Time(seq), N, Guid.CreateVersion7(), author, text, seq % 7 == 0 ? seq - 1 : 0, mentions));
    }

    public RoomScript PostToAll(UserRef author, params UserId[] mentions)
    {
        N++;
        return Add(seq => new MessagePosted(seq, Time(seq), N, Guid.CreateVersion7(), author, "@room", 0, mentions) { Audience = Audience.Room });
    }

    public RoomScript EditToAll(MessagePosted message) =>
        Add(seq => new MessageEdited(seq, Time(seq), message.Seq, message.N, "@room", []) { Audience = Audience.Room });

    /// <summary>What was added since the last call, as one journal row.</summary>
    public RoomEventBatch Take()
    {
        var batch = new RoomEventBatch([.. _pending]);
        _events.AddRange(_pending);
        _pending.Clear();
        return batch;
    }

    /// <summary>A random continuation: fences, and batches of joins, leaves and messages with mentions.</summary>
    public IRoomJournalEntry TakeRandom(Random random, IReadOnlyList<UserRef> users)
    {
        if (random.Next(6) == 0)
        {
            return new RoomFence(Guid.NewGuid().ToString("N"), Time(Seq));
        }

        for (var i = random.Next(1, 6); i > 0; i--)
        {
            AddRandom(random, users);
        }

        return Take();
    }

    private void AddRandom(Random random, IReadOnlyList<UserRef> users)
    {
        var user = users[random.Next(users.Count)];
        if (!Members.ContainsKey(user.Id))
        {
            Join(user);
        }
        else if (random.Next(8) == 0 && Members.Count > 1)
        {
            Leave(user);
        }
        else
        {
            UserId[] mentions = random.Next(3) == 0 ? [Members.Keys.ElementAt(random.Next(Members.Count))] : [];
            Post(user, $"text {Seq} ✓ {(char)('a' + random.Next(26))}", mentions);
        }
    }

    private RoomScript Add(Func<long, RoomEvent> make)
    {
        _pending.Add(make(++Seq));
        return this;
    }

    private static DateTimeOffset Time(long seq) => Epoch.AddMilliseconds(seq * 10);
}
