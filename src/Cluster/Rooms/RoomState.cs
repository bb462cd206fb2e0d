using System.Collections.Immutable;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>The result of a command. The reply is sent once <see cref="Events"/> and all events before them are committed.</summary>
public readonly record struct Decision(IReply Reply, ImmutableArray<RoomEvent> Events)
{
    public static Decision Refuse(NackCode code, string message) => new(new Nack(code, message), []);

    public static Decision Unchanged(IReply reply) => new(reply, []);

    public static Decision Change(IReply reply, params ImmutableArray<RoomEvent> events) => new(reply, events);
}

/// <summary>
/// The state of a room, as pure functions without I/O or clock: <c>Process(command) → reply + events</c>, <c>Apply(event) → state</c>.
/// Immutable, so the state at any moment can be snapshotted later.
/// </summary>
public sealed partial record RoomState
{
    /// <summary>The longest text of a message, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 16 * 1024;

    /// <summary>The most files that one message carries.</summary>
    public const int MaxFiles = 10;

    public static readonly RoomState Empty = new();

    /// <summary>The number of the last durable event; 0 if the room does not exist.</summary>
    public long Seq { get; private init; }

    /// <summary>The number of the last message.</summary>
    public long N { get; private init; }

    public string Name { get; private init; } = "";

    public string Topic { get; private init; } = "";

    public RoomVisibility Visibility { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public ImmutableDictionary<UserId, RoomMember> Members { get; private init; } = ImmutableDictionary<UserId, RoomMember>.Empty;

    public SeenMessages Seen { get; internal init; } = SeenMessages.Empty;

    /// <summary>Whether messages get link cards.</summary>
    public bool LinkCards { get; private init; } = true;

    public LinkMemory Links { get; private init; } = LinkMemory.Empty;

    public FileId? Picture { get; private init; }

    /// <summary>The <c>seq</c> of each pinned message.</summary>
    public ImmutableSortedSet<long> Pins { get; private init; } = [];

    public MessageMemory Messages { get; private init; } = MessageMemory.Empty;

    /// <summary>The members by lower-case username, for mentions.</summary>
    private ImmutableDictionary<string, UserId> Usernames { get; init; } = ImmutableDictionary<string, UserId>.Empty;

    private bool Exists => Seq > 0 && DeletedBy is null;

    /// <summary>For those who are not members, the room does not exist.</summary>
    private bool IsHidden => Visibility != RoomVisibility.Public;

    public Decision Process(IRoomCommand command, DateTimeOffset now) => command switch
    {
        PostMessage c => Process(c, now, stored: null),
        OpenDirect c => Process(c, now),
        JoinRoom c => Process(c, now),
        LeaveRoom c => Process(c, now),
        KickMember c => Process(c, now),
        BanUser c => Process(c, now),
        UnbanUser c => Process(c, now),
        ChangeRole c => Process(c, now),
        CreateRoom c => Process(c, now),
        RenameRoom c => Process(c, now),
        ChangeVisibility c => Process(c, now),
        ArchiveRoom c => Process(c, now),
        DeleteRoom c => Process(c, now),
        ChangeTopic c => Process(c, now),
        ChangeLinkCards c => Process(c, now),
        ChangePicture c => Process(c, now),
        AttachLinkCards c => Process(c, now),
        RemoveLinkCards c => Process(c, now),
        EditMessage c => Process(c, now),
        DeleteMessage c => Process(c, now),
        SetReaction c => Process(c, now),
        PinMessage c => Process(c, now),
        _ => throw new ArgumentException($"{command.GetType().Name} is not a command of a room.", nameof(command)),
    };

    private Decision Process(CreateRoom command, DateTimeOffset now)
    {
        if (Seq > 0)
        {
            return Decision.Unchanged(new ChangeAck(Seq, Changed: false));
        }

        return Decision.Change(
            new ChangeAck(2, Changed: true),
            new RoomCreated(1, now, command.Name, command.Topic, command.Visibility, command.By),
            new MemberJoined(2, now, command.By, MemberRole.Owner));
    }

    private Decision Process(OpenDirect command, DateTimeOffset now) => Seq > 0
        ? Decision.Unchanged(new ChangeAck(Seq, Changed: false))
        : Decision.Change(
            new ChangeAck(1 + command.Members.Count, Changed: true),
            [
                new RoomCreated(1, now, "", "", RoomVisibility.Direct, command.By),
                .. command.Members.Select((member, i) => new MemberJoined(2 + i, now, member, MemberRole.Member)),
            ]);

    private Decision Process(JoinRoom command, DateTimeOffset now)
    {
        if (!Exists)
        {
            return NoSuchRoom;
        }

        if (Members.ContainsKey(command.User.Id))
        {
            return Decision.Unchanged(new ChangeAck(Seq, Changed: false));
        }

        if (Visibility == RoomVisibility.Direct || (Visibility == RoomVisibility.Private && !command.Invited))
        {
            return NoSuchRoom;
        }

        return Banned.ContainsKey(command.User.Id)
            ? Decision.Refuse(NackCode.Forbidden, "You are banned from this room.")
            : Change(new MemberJoined(Seq + 1, now, command.User, MemberRole.Member));
    }

    private Decision Process(LeaveRoom command, DateTimeOffset now)
    {
        if (!Exists)
        {
            return NoSuchRoom;
        }

        if (!Members.TryGetValue(command.User.Id, out var member))
        {
            return Unchanged;
        }

        if (Visibility == RoomVisibility.Direct)
        {
            return Decision.Refuse(NackCode.Forbidden, "Nobody leaves a direct conversation: hide it instead.");
        }

        return IsLastOwner(member) && Members.Count > 1
            ? LastOwner
            : Change(new MemberLeft(Seq + 1, now, member.User, LeaveReason.Left));
    }

    private Decision Process(AttachLinkCards command, DateTimeOffset now)
    {
        if (!Exists)
        {
            return NoSuchRoom;
        }

        if (command.MessageSeq < 1 || command.MessageSeq > Seq || command.Cards.Count == 0)
        {
            return Decision.Refuse(NackCode.Invalid, "There is no such message, or there are no cards.");
        }

        return LinkCards && Links.Awaits(command.MessageSeq)
            ? Change(new LinkAttached(Seq + 1, now, command.MessageSeq, command.N, command.Cards))
            : Unchanged;
    }

    private Decision Process(RemoveLinkCards command, DateTimeOffset now)
    {
        if (RefuseOther(command.By, MemberRole.Member, "Only members may do this.") is { } refusal)
        {
            return refusal;
        }

        if (command.MessageSeq < 1 || command.MessageSeq > Seq)
        {
            return Decision.Refuse(NackCode.NotFound, "There is no such message.");
        }

        return Links.IsRemoved(command.MessageSeq)
            ? Unchanged
            : Change(new LinkAttached(Seq + 1, now, command.MessageSeq, command.N, []));
    }

    /// <summary>Refuses a user whose role is below <paramref name="role"/>. Null: the user may.</summary>
    private Decision? RefuseOther(UserRef by, MemberRole role, string message)
    {
        if (!Exists)
        {
            return NoSuchRoom;
        }

        var member = Members.GetValueOrDefault(by.Id);
        if (member?.Role.IsAtLeast(role) == true)
        {
            return null;
        }

        return member is null && IsHidden ? NoSuchRoom : Decision.Refuse(NackCode.Forbidden, message);
    }

    /// <param name="stored">
    /// The message that the journal holds under the client id, looked up if <see cref="NeedsLookUp"/>; otherwise null.
    /// </param>
    public Decision Process(PostMessage command, DateTimeOffset now, SeenMessage? stored)
    {
        if (!Exists)
        {
            return NoSuchRoom;
        }

        // Before all other checks: the retry of a stored message is never refused, whatever has changed since.
        var hash = SeenMessages.Hash(command.Text, command.ReplyToSeq, command.Files);
        if ((Seen.Find(command.Author.Id, command.ClientId) ?? stored) is { } first)
        {
            return first.BodyHash == hash
                ? Decision.Unchanged(new PostAck(first.Seq, first.N, first.Time, Duplicate: true))
                : Decision.Refuse(NackCode.IdempotencyConflict, "This cid was used for another message.");
        }

        if (!Members.ContainsKey(command.Author.Id))
        {
            return IsHidden ? NoSuchRoom : Decision.Refuse(NackCode.Forbidden, "Only members may post.");
        }

        return (Archived ? IsArchived : Refusal(command, now))
            ?? Decision.Change(new PostAck(Seq + 1, N + 1, now, Duplicate: false), Posted(command, now));
    }

    /// <summary>
    /// Whether the command's client id must be looked up in the journal before
    /// <see cref="Process(PostMessage, DateTimeOffset, SeenMessage)"/> can decide.
    /// </summary>
    public bool NeedsLookUp(PostMessage command, DateTimeOffset now) =>
        !Seen.Covers(command.ClientId)
        && Seen.Find(command.Author.Id, command.ClientId) is null
        && ClientIds.TryReadTime(command.ClientId, out var made)
        && made >= now - ClientIds.MaxAge;

    public RoomState Apply(RoomEvent @event)
    {
        if (@event.Seq != Seq + 1)
        {
            throw new InvalidOperationException($"Event {@event.Seq} cannot follow {Seq}: the room's order has no gaps.");
        }

        return @event switch
        {
            MessagePosted e => this with { Seq = e.Seq, N = e.N, Seen = Seen.Add(e) },
            MemberJoined e => this with
            {
                Seq = e.Seq,
                Members = Members.SetItem(e.User.Id, new RoomMember(e.User, e.Role, e.Seq)),
                Usernames = Usernames.SetItem(Fold(e.User.Username), e.User.Id),
            },
            MemberBanned e => Without(e) with { Banned = Banned.SetItem(e.User.Id, e.User) },
            MemberUnbanned e => this with { Seq = e.Seq, Banned = Banned.Remove(e.User.Id) },
            MemberRoleChanged e => this with { Seq = e.Seq, Members = Members.SetItem(e.User.Id, Members[e.User.Id] with { Role = e.Role }) },
            MemberLeft or MemberKicked => Without((IMemberRemoval)@event),
            RoomCreated e => this with { Seq = e.Seq, Name = e.Name, Topic = e.Topic, Visibility = e.Visibility, CreatedAt = e.Time },
            RoomTopicChanged e => this with { Seq = e.Seq, Topic = e.Topic },
            RoomRenamed e => this with { Seq = e.Seq, Name = e.Name },
            RoomVisibilityChanged e => this with { Seq = e.Seq, Visibility = e.Visibility },
            RoomArchived e => this with { Seq = e.Seq, Archived = e.Archived },
            RoomDeleted e => Apply(e),
            LinkAttached e => this with { Seq = e.Seq, Links = Links.Add(e) },
            RoomLinkCardsChanged e => this with { Seq = e.Seq, LinkCards = e.LinkCards },
            RoomPictureChanged e => this with { Seq = e.Seq, Picture = e.Picture },
            MessageEdited e => Apply(e),
            MessageDeleted e => Apply(e),
            ReactionSet e => Apply(e),
            MessagePinned e => Apply(e),
            _ => throw new InvalidOperationException($"{@event.GetType().Name} is not an event of a room."),
        };
    }

    public RoomState Apply(IEnumerable<RoomEvent> events) => events.Aggregate(this, (state, @event) => state.Apply(@event));

    public RoomSnapshot ToSnapshot() =>
        new(
            Seq,
            N,
            Name,
            Topic,
            Visibility,
            CreatedAt,
            [.. Members.Values.OrderBy(m => m.JoinedSeq)],
            [.. Seen],
            Seen.Floor,
            !LinkCards,
            [.. Links.Messages],
            Links.Floor)
        {
            Picture = Picture,
            Banned = [.. Banned.Values],
            Pins = [.. Pins],
            Archived = Archived,
            DeletedBy = DeletedBy,
        };

    public static RoomState From(RoomSnapshot snapshot) => new()
    {
        Seq = snapshot.Seq,
        N = snapshot.N,
        Name = snapshot.Name,
        Topic = snapshot.Topic,
        Visibility = snapshot.Visibility,
        CreatedAt = snapshot.CreatedAt,
        Members = snapshot.Members.ToImmutableDictionary(member => member.User.Id),
        Usernames = NamesOf(snapshot.Members),
        Seen = SeenMessages.From(snapshot.Seen, snapshot.SeenFloor),
        LinkCards = !snapshot.LinkCardsOff,
        Picture = snapshot.Picture,
        Banned = Nobody.Banned.AddRange(snapshot.Banned.Select(user => KeyValuePair.Create(user.Id, user))),
        Pins = [.. snapshot.Pins],
        Archived = snapshot.Archived,
        DeletedBy = snapshot.DeletedBy,
        Messages = MessageMemory.From(snapshot.Seq),
        Links = LinkMemory.From(snapshot.Linked, snapshot.LinkFloor),
    };

    private Decision Unchanged => Decision.Unchanged(new ChangeAck(Seq, Changed: false));

    private static Decision Change(RoomEvent @event) => Decision.Change(new ChangeAck(@event.Seq, Changed: true), @event);

    private static Decision NoSuchRoom => Decision.Refuse(NackCode.NotFound, "There is no such room.");

    /// <summary>If two members have the same username, the later one has it, as when their events were applied.</summary>
    private static ImmutableDictionary<string, UserId> NamesOf(IEnumerable<RoomMember> members)
    {
        var names = ImmutableDictionary.CreateBuilder<string, UserId>();
        foreach (var member in members.OrderBy(member => member.JoinedSeq))
        {
            names[Fold(member.User.Username)] = member.User.Id;
        }

        return names.ToImmutable();
    }

    private static string Fold(string username) => username.ToLowerInvariant();

    private Decision? Refusal(PostMessage command, DateTimeOffset now)
    {
        if (!ClientIds.TryReadTime(command.ClientId, out var made))
        {
            return Decision.Refuse(NackCode.Invalid, "d.cid must be a UUIDv7.");
        }

        if (made < now - ClientIds.MaxAge || made > now + ClientIds.MaxAhead)
        {
            return Decision.Refuse(NackCode.Invalid, "d.cid is older than 24 h or more than 10 minutes in the future.");
        }

        if (command.Files.Count > MaxFiles)
        {
            return Decision.Refuse(NackCode.Invalid, $"d.files has more than {MaxFiles} files.");
        }

        if (RefuseText(command.Text, command.Files.Count) is { } refusal)
        {
            return refusal;
        }

        return command.ReplyToSeq < 0 || command.ReplyToSeq > Seq
            ? Decision.Refuse(NackCode.Invalid, "d.replyTo is not a message of this room.")
            : null;
    }
}
