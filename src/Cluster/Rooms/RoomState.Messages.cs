using System.Text;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>What members do with a message that is there.</summary>
public sealed partial record RoomState
{
    /// <summary>The most emoji that a message has at once.</summary>
    public const int MaxEmoji = 20;

    /// <summary>The most reactions that a message has, over all emoji.</summary>
    public const int MaxReactions = 1_000;

    /// <summary>The most pinned messages of a room.</summary>
    public const int MaxPins = 100;

    private static Decision NoSuchMessage => Decision.Refuse(NackCode.NotFound, "There is no such message.");

    private static Decision MessageDeleted => Decision.Refuse(NackCode.NotFound, "The message is deleted.");

    /// <summary>Whether the command can be decided only once <see cref="Recall"/> has been given what the log knows of its message.</summary>
    public bool NeedsLookUp(IMessageCommand command) =>
        Exists && Members.ContainsKey(command.By.Id) && IsPast(command.MessageSeq) && Messages.Find(command.MessageSeq) is null;

    /// <summary>
    /// The state that knows the message as well. Changes nothing if the facts are older than a change that the room has forgotten: then they must be
    /// looked up again.
    /// </summary>
    public RoomState Recall(MessageFacts facts) => this with { Messages = Messages.Recall(facts) };

    private bool IsPast(long seq) => seq >= 1 && seq <= Seq;

    private Decision Process(EditMessage command, DateTimeOffset now)
    {
        if (Refusal(command, out var message) is { } refusal)
        {
            return refusal;
        }

        if (message.Author != command.By.Id)
        {
            return Decision.Refuse(NackCode.Forbidden, "Only the author may edit a message.");
        }

        if (message.IsDeleted)
        {
            return MessageDeleted;
        }

        if (RefuseText(command.Text, message.Files.Count) is { } badText)
        {
            return badText;
        }

        if (message.TextHash == KnownMessage.Hash(command.Text))
        {
            return Unchanged;
        }

        var (mentions, audience) = Mentions(command.Text, command.By.Id, command.Here);
        return Change(new MessageEdited(Seq + 1, now, message.Seq, message.N, command.Text, mentions) { Audience = audience });
    }

    private Decision Process(DeleteMessage command, DateTimeOffset now)
    {
        if (Refusal(command, out var message) is { } refusal)
        {
            return refusal;
        }

        if (message.Author != command.By.Id && !Members[command.By.Id].Role.IsAtLeast(MemberRole.Admin))
        {
            return Decision.Refuse(NackCode.Forbidden, "Only the author, and owners and admins of the room, may delete a message.");
        }

        return message.IsDeleted
            ? Unchanged
            : Change(new MessageDeleted(Seq + 1, now, message.Seq, message.N, command.By, message.Files));
    }

    private Decision Process(SetReaction command, DateTimeOffset now)
    {
        if (Refusal(command, out var message) is { } refusal)
        {
            return refusal;
        }

        if (!Emoji.IsOne(command.Emoji))
        {
            return Decision.Refuse(NackCode.Invalid, $"d.emoji must be one emoji of at most {Emoji.MaxBytes} bytes of UTF-8.");
        }

        if (message.IsDeleted)
        {
            return MessageDeleted;
        }

        if (message.Reacts(command.By.Id, command.Emoji) == command.On)
        {
            return Unchanged;
        }

        var count = message.Reactions.GetValueOrDefault(command.Emoji, []).Count;
        if (command.On && ((count == 0 && message.Reactions.Count >= MaxEmoji) || message.ReactionCount >= MaxReactions))
        {
            return Decision.Refuse(NackCode.Invalid, $"The message has {MaxEmoji} emoji or {MaxReactions} reactions already.");
        }

        return Change(new ReactionSet(
            Seq + 1, now, message.Seq, message.N, command.By, command.Emoji, command.On, command.On ? count + 1 : count - 1));
    }

    private Decision Process(PinMessage command, DateTimeOffset now)
    {
        if (Refusal(command, out var message) is { } refusal)
        {
            return refusal;
        }

        if (message.IsDeleted && command.On)
        {
            return MessageDeleted;
        }

        if (Pins.Contains(message.Seq) == command.On)
        {
            return Unchanged;
        }

        return command.On && Pins.Count >= MaxPins
            ? Decision.Refuse(NackCode.Invalid, $"The room has {MaxPins} pinned messages already.")
            : Change(new MessagePinned(Seq + 1, now, message.Seq, message.N, command.By, command.On));
    }

    /// <summary>Why the user may change no message of the room, or not this one as there is none. Null: <paramref name="message"/> is there.</summary>
    private Decision? Refusal(IMessageCommand command, out KnownMessage message)
    {
        message = Messages.Find(command.MessageSeq)!;
        return !Exists ? NoSuchRoom
            : RefuseOther(command.By, MemberRole.Member, "Only members may do this.")
            ?? (message is null ? NoSuchMessage : Archived && command is not DeleteMessage ? IsArchived : (Decision?)null);
    }

    private static Decision? RefuseText(string text, int files)
    {
        if (string.IsNullOrWhiteSpace(text) && files == 0)
        {
            return Decision.Refuse(NackCode.Invalid, "d.text is empty, and there are no files.");
        }

        if (text.Contains('\0'))
        {
            // PostgreSQL cannot store it in a text.
            return Decision.Refuse(NackCode.Invalid, "d.text has the character U+0000.");
        }

        return Encoding.UTF8.GetByteCount(text) > MaxTextBytes
            ? Decision.Refuse(NackCode.TooLarge, $"d.text is over {MaxTextBytes} bytes of UTF-8.")
            : null;
    }

    private RoomState Apply(MessageEdited e) => this with
    {
        Seq = e.Seq,
        Messages = Messages.Change(e.MessageSeq, e.Seq, known => known with { TextHash = KnownMessage.Hash(e.Text) }),
    };

    private RoomState Apply(MessageDeleted e) => this with
    {
        Seq = e.Seq,
        Messages = Messages.Change(
            e.MessageSeq, e.Seq, known => known with { IsDeleted = true, Files = [], Reactions = KnownMessage.NoReactions }),
        Pins = Pins.Remove(e.MessageSeq),
        Links = Links.Remove(e.MessageSeq),
    };

    private RoomState Apply(ReactionSet e) => this with { Seq = e.Seq, Messages = Messages.Change(e.MessageSeq, e.Seq, known => known.With(e)) };

    /// <summary>Pins are in every snapshot, so this moves nothing that a look-up would have to know.</summary>
    private RoomState Apply(MessagePinned e) => this with { Seq = e.Seq, Pins = e.On ? Pins.Add(e.MessageSeq) : Pins.Remove(e.MessageSeq) };
}
