using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>The newest event and the newest message of a room that are in the tables.</summary>
internal sealed record RoomPosition(long Seq, long N);

internal sealed record BatchRow(long JournalNr, long FirstSeq, long LastSeq);

internal sealed record MemberRow(UserRef User, MemberRole Role, long JoinedSeq, DateTimeOffset JoinedAt);

internal enum UserEventKind
{
    MembershipAdded = 1,
    MembershipRemoved = 2,
    ReadUpdated = 3,
    PreferencesChanged = 4,
    ReadMovedBack = 5,
    SettingsChanged = 6,
    UserBlocked = 30,
    DirectHidden = 31,
    MessageSaved = 51,
}

/// <param name="N">
/// Of <see cref="UserEventKind.ReadUpdated"/> and <see cref="UserEventKind.ReadMovedBack"/> the read cursor, of
/// <see cref="UserEventKind.MembershipRemoved"/> the <see cref="LeaveReason"/>, of <see cref="UserEventKind.UserBlocked"/> and
/// <see cref="UserEventKind.DirectHidden"/> 1 or 0: on or off, of <see cref="UserEventKind.MessageSaved"/> the message's <c>seq</c>, below 0 where it is
/// not saved any more.
/// </param>
/// <param name="Subject">The other user of an event that has one.</param>
internal sealed record UserEventRow(UserId User, UserEventKind Kind, RoomId Room, long N, DateTimeOffset Time, UserId? Subject = null)
{
    /// <summary>Of no room.</summary>
    public static UserEventRow SettingsChanged(UserId user, DateTimeOffset time) => new(user, UserEventKind.SettingsChanged, new RoomId(""), 0, time);
}

/// <param name="Text">Null if it is deleted.</param>
internal sealed record MessageChange(string? Text, IReadOnlyList<UserId> Mentions, DateTimeOffset At, Audience Audience = Audience.None);

/// <summary>
/// The changes that a slice of a room's journal makes in the tables, merged so that each row is written once: the last change of each
/// member, the furthest cursor of each author.
/// </summary>
/// <remarks>
/// A message moves its author's cursor without a <c>read.updated</c>: <c>message.created</c> reaches all of the author's devices and
/// implies it, and an extra event per author and batch would double the cost of messages.
/// </remarks>
internal sealed class RoomChanges
{
    private RoomChanges(RoomId room, RoomPosition from)
    {
        Room = room;
        Position = from;
    }

    public RoomId Room { get; }

    public RoomPosition Position { get; private set; }

    public RoomCreated? Created { get; private set; }

    /// <summary>The last change of the topic; null if it did not change.</summary>
    public string? Topic { get; private set; }

    /// <summary>The last change of the name; null if it did not change. The same holds for the next two.</summary>
    public string? Name { get; private set; }

    public RoomVisibility? Visibility { get; private set; }

    public bool? Archived { get; private set; }

    /// <summary>Null unless the room was deleted.</summary>
    public RoomDeleted? Deleted { get; private set; }

    /// <summary>The deletions of messages, for the audit list.</summary>
    public List<MessageDeleted> Deletions { get; } = [];

    /// <summary>The last change of link cards; null if it did not change.</summary>
    public bool? LinkCards { get; private set; }

    /// <summary>The changes of the picture, in order.</summary>
    public List<RoomPictureChanged> Pictures { get; } = [];

    /// <summary>The last change of each message's cards, by its number.</summary>
    public SortedDictionary<long, IReadOnlyList<LinkCard>> Links { get; } = [];

    /// <summary>The last edit or the deletion of each message, by its number.</summary>
    public SortedDictionary<long, MessageChange> Changed { get; } = [];

    /// <summary>The files of deleted messages.</summary>
    public List<FileId> RemovedFiles { get; } = [];

    /// <summary>The last of each user's changes of an emoji. Those of a message that is deleted afterwards are not among them.</summary>
    public Dictionary<(long N, string Emoji, string User), ReactionSet> Reactions { get; } = [];

    /// <summary>The last change of each message's pin, by its number.</summary>
    public SortedDictionary<long, MessagePinned> Pins { get; } = [];

    /// <summary>The newest message, or the room's creation; null if there was neither.</summary>
    public DateTimeOffset? LastActive { get; private set; }

    public List<BatchRow> Batches { get; } = [];

    public List<MessagePosted> Messages { get; } = [];

    /// <summary>Null for a member who left.</summary>
    public SortedDictionary<string, MemberRow?> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>The last change of role of those who were members before.</summary>
    public SortedDictionary<string, MemberRole> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>The last ban of each user; null where it was lifted.</summary>
    public SortedDictionary<string, MemberBanned?> Bans { get; } = new(StringComparer.Ordinal);

    /// <summary>What moderators did, in order.</summary>
    public List<AuditRow> Audit { get; } = [];

    public SortedDictionary<string, long> Cursors { get; } = new(StringComparer.Ordinal);

    public List<UserEventRow> UserEvents { get; } = [];

    /// <exception cref="InvalidDataException">The events do not continue the room's order.</exception>
    public static RoomChanges Fold(RoomId room, RoomPosition from, IEnumerable<JournalEntry> entries)
    {
        var changes = new RoomChanges(room, from);
        foreach (var entry in entries)
        {
            changes.Add(entry);
        }

        return changes;
    }

    private void Add(JournalEntry entry)
    {
        if (entry.Entry is RoomEventBatch batch)
        {
            foreach (var @event in batch.Events)
            {
                Add(@event);
            }

            Batches.Add(new BatchRow(entry.Nr, batch.Events[0].Seq, batch.Events[^1].Seq));
        }
    }

    private void Add(RoomEvent @event)
    {
        Expect(@event.Seq, Position.Seq + 1, "seq");
        Position = Position with { Seq = @event.Seq };
        if (AuditRow.Of(@event) is { } audit)
        {
            Audit.Add(audit);
        }

        switch (@event)
        {
            case RoomCreated created:
                Created = created;
                LastActive = created.Time;
                break;
            case MemberJoined joined:
                Members[joined.User.Id.Value] = new MemberRow(joined.User, joined.Role, joined.Seq, joined.Time);
                Cursors[joined.User.Id.Value] = Position.N;
                UserEvents.Add(new UserEventRow(joined.User.Id, UserEventKind.MembershipAdded, Room, 0, joined.Time));
                break;
            case MemberLeft left:
                Remove(left);
                break;
            case MemberKicked kicked:
                Remove(kicked);
                break;
            case MemberBanned banned:
                Bans[banned.User.Id.Value] = banned;
                if (banned.WasMember)
                {
                    Remove(banned);
                }

                break;
            case MemberUnbanned unbanned:
                Bans[unbanned.User.Id.Value] = null;
                break;
            case MemberRoleChanged changed:
                if (Members.TryGetValue(changed.User.Id.Value, out var member) && member is not null)
                {
                    Members[changed.User.Id.Value] = member with { Role = changed.Role };
                }
                else
                {
                    Roles[changed.User.Id.Value] = changed.Role;
                }

                break;
            case MessagePosted posted:
                Expect(posted.N, Position.N + 1, "n");
                Position = Position with { N = posted.N };
                Messages.Add(posted);
                Cursors[posted.Author.Id.Value] = posted.N;
                LastActive = posted.Time;
                break;
            case RoomTopicChanged changed:
                Topic = changed.Topic;
                break;
            case RoomRenamed renamed:
                Name = renamed.Name;
                break;
            case RoomVisibilityChanged changed:
                Visibility = changed.Visibility;
                break;
            case RoomArchived archived:
                Archived = archived.Archived;
                break;
            case RoomDeleted deleted:
                Deleted = deleted; // the tables end the memberships
                break;
            case LinkAttached attached:
                Links[attached.N] = attached.Cards;
                break;
            case RoomLinkCardsChanged changed:
                LinkCards = changed.LinkCards;
                break;
            case RoomPictureChanged changed:
                Pictures.Add(changed);
                break;
            case MessageEdited edited:
                Changed[edited.N] = new MessageChange(edited.Text, edited.Mentions, edited.Time, edited.Audience);
                break;
            case MessageDeleted deleted:
                Delete(deleted);
                break;
            case ReactionSet reaction:
                Reactions[(reaction.N, reaction.Emoji, reaction.User.Id.Value)] = reaction;
                break;
            case MessagePinned pinned:
                Pins[pinned.N] = pinned;
                break;
            default:
                throw new InvalidDataException($"{Room}: the projection does not know {@event.GetType().Name}.");
        }
    }

    private void Remove(IMemberRemoval removal)
    {
        Members[removal.User.Id.Value] = null;
        Roles.Remove(removal.User.Id.Value);
        UserEvents.Add(new UserEventRow(removal.User.Id, UserEventKind.MembershipRemoved, Room, (long)removal.Reason, removal.Time));
    }

    /// <summary>The tables remove the reactions and the pin that the message has had before.</summary>
    private void Delete(MessageDeleted deleted)
    {
        Changed[deleted.N] = new MessageChange(null, [], deleted.Time);
        RemovedFiles.AddRange(deleted.Files);
        Deletions.Add(deleted);
        Links[deleted.N] = [];
        Pins.Remove(deleted.N);
        foreach (var reaction in Reactions.Keys.Where(reaction => reaction.N == deleted.N).ToList())
        {
            Reactions.Remove(reaction);
        }
    }

    private void Expect(long actual, long expected, string what)
    {
        if (actual != expected)
        {
            throw new InvalidDataException($"{Room}: the journal has {what} {actual} where {expected} was due.");
        }
    }
}
