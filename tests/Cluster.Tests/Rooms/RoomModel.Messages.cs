using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>What members do with messages, and what the room must answer.</summary>
internal sealed partial class RoomModel
{
    private static readonly string[] EmojiTexts = ["👍", "❤️", "👩‍👩‍👧‍👦", "a", ""];

    private readonly Dictionary<long, ModelMessage> _messages = [];
    private readonly SortedSet<long> _pins = [];

    public int Edits { get; private set; }

    public int Deletions { get; private set; }

    public int Reactions { get; private set; }

    private void TakeOfMessage(Step step, UserRef user)
    {
        // Usually a message, sometimes another event, or none.
        var messages = _accepted.ConvertAll(post => post.Ack.Seq);
        var seq = messages.Count > 0 && step.Pick % 5 > 0 ? messages[step.Pick % messages.Count] : step.Pick % (Events.Count + 3);
        switch (step.Kind)
        {
            case 12:
                Edit(new EditMessage(Room, seq, Texts[step.Text], user));
                break;
            case 13:
                Delete(new DeleteMessage(Room, seq, user));
                break;
            case 14:
                React(new SetReaction(Room, seq, EmojiTexts[step.Text % EmojiTexts.Length], step.Pick % 3 > 0, user));
                break;
            case 15:
                Pin(new PinMessage(Room, seq, step.Pick % 3 > 0, user));
                break;
        }
    }

    private void Edit(EditMessage command)
    {
        var decision = Decide(command, out var message);
        if (RefusalOf(command, message) is { } refusal)
        {
            CheckRefused(decision, refusal);
        }
        else if (message!.Author != command.By.Id)
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else if (message.IsDeleted)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (string.IsNullOrWhiteSpace(command.Text) || command.Text.Contains('\0'))
        {
            CheckRefused(decision, NackCode.Invalid);
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(command.Text) > 16_384)
        {
            CheckRefused(decision, NackCode.TooLarge);
        }
        else
        {
            CheckChange(
                decision,
                message.Text != command.Text,
                new MessageEdited(Events.Count + 1, _now, command.MessageSeq, message.N, command.Text, Mentions(command.Text)));
            Edits += message.Text == command.Text ? 0 : 1;
            message.Text = command.Text;
        }
    }

    private void Delete(DeleteMessage command)
    {
        var decision = Decide(command, out var message);
        if (RefusalOf(command, message) is { } refusal)
        {
            CheckRefused(decision, refusal);
        }
        else if (message!.Author != command.By.Id && _members[command.By.Id] == MemberRole.Member)
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else
        {
            CheckChange(
                decision, !message.IsDeleted, new MessageDeleted(Events.Count + 1, _now, command.MessageSeq, message.N, command.By, []));
            message.IsDeleted = true;
            message.Reactions.Clear();
            _pins.Remove(command.MessageSeq);
            _linked[command.MessageSeq] = true;
            Deletions++;
        }
    }

    private void React(SetReaction command)
    {
        var decision = Decide(command, out var message);
        if (RefusalOf(command, message) is { } refusal)
        {
            CheckRefused(decision, refusal);
        }
        else if (command.Emoji.Length < 2 && command.Emoji is not "❤️")
        {
            CheckRefused(decision, NackCode.Invalid);
        }
        else if (message!.IsDeleted)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else
        {
            var key = (command.Emoji, command.By.Id);
            var changes = command.On ? message.Reactions.Add(key) : message.Reactions.Remove(key);
            CheckChange(
                decision,
                changes,
                new ReactionSet(
                    Events.Count + 1, _now, command.MessageSeq, message.N, command.By, command.Emoji, command.On,
                    message.Reactions.Count(reaction => reaction.Emoji == command.Emoji)));
            Reactions += changes ? 1 : 0;
        }
    }

    private void Pin(PinMessage command)
    {
        var decision = Decide(command, out var message);
        if (RefusalOf(command, message) is { } refusal)
        {
            CheckRefused(decision, refusal);
        }
        else if (message!.IsDeleted && command.On)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else
        {
            CheckChange(
                decision,
                command.On ? _pins.Add(command.MessageSeq) : _pins.Remove(command.MessageSeq),
                new MessagePinned(Events.Count + 1, _now, command.MessageSeq, message.N, command.By, command.On));
        }
    }

    /// <summary>As the room's actor does: with what the log knows of the message, where the room asks for it.</summary>
    private Decision Decide(IMessageCommand command, out ModelMessage? message)
    {
        message = MessageOf(command.MessageSeq);
        if (State.NeedsLookUp(command) && message is not null)
        {
            State = State.Recall(message.ToFacts(command.MessageSeq, Events.Count));
            Assert.False(State.NeedsLookUp(command));
        }

        return State.Process(command, _now);
    }

    private ModelMessage? MessageOf(long seq)
    {
        if (_messages.TryGetValue(seq, out var known))
        {
            return known;
        }

        var post = _accepted.Find(post => post.Ack.Seq == seq);
        return post.Command is null ? null : _messages[seq] = new ModelMessage(post.Ack.N, post.Command.Author.Id) { Text = post.Command.Text };
    }

    private NackCode? RefusalOf(IMessageCommand command, ModelMessage? message) =>
        !Exists ? NackCode.NotFound
        : !_members.ContainsKey(command.By.Id) ? (IsHidden ? NackCode.NotFound : NackCode.Forbidden)
        : message is null ? NackCode.NotFound
        : _archived && command is not DeleteMessage ? NackCode.Archived
        : null;

    private sealed class ModelMessage(long n, UserId author)
    {
        public long N => n;

        public UserId Author => author;

        public required string Text { get; set; }

        public bool IsDeleted { get; set; }

        public HashSet<(string Emoji, UserId User)> Reactions { get; } = [];

        public MessageFacts ToFacts(long seq, long asOf) => new(
            new StoredMessage(Room, seq, n, Guid.Empty, new UserRef(author, "", ""), IsDeleted ? "" : Text, DateTimeOffset.UnixEpoch, 0, [])
            {
                IsDeleted = IsDeleted,
            },
            [.. Reactions],
            asOf);
    }
}
