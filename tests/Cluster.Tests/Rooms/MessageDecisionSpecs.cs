using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Who may edit, delete, react and pin, with which effect. Ana owns the room, and Bo wrote the message at seq 4.</summary>
public sealed class MessageDecisionSpecs
{
    private static readonly FileId File = new("f_1");

    [Fact]
    public void Edit_ShouldBeTheAuthorsAlone_AndNameThoseWhomTheNewTextMentions()
    {
        var state = WithMessage();
        var edited = state.Process(new EditMessage(Room, 4, "for @ana", Bo), Start);

        Assert.Equal(new ChangeAck(5, Changed: true), edited.Reply);
        Assert.Equal(Printed(new MessageEdited(5, Start, 4, 1, "for @ana", [Ana.Id])), Printed(Assert.Single(edited.Events)));
        var after = state.Apply(edited.Events);
        Assert.Equal(new ChangeAck(5, Changed: false), after.Process(new EditMessage(Room, 4, "for @ana", Bo), Start).Reply);
        Assert.Equal(NackCode.Forbidden, Code(state.Process(new EditMessage(Room, 4, "mine", Ana), Start)));
        Assert.Equal(NackCode.NotFound, Code(state.Process(new EditMessage(Room, 2, "no message", Bo), Start)));
        Assert.Equal(NackCode.NotFound, Code(state.Process(new EditMessage(Room, 99, "not yet", Bo), Start)));
    }

    [Theory]
    [InlineData("", 0, NackCode.Invalid)]
    [InlineData(" ", 0, NackCode.Invalid)]
    [InlineData("a\0b", 0, NackCode.Invalid)]
    [InlineData("x", RoomState.MaxTextBytes + 1, NackCode.TooLarge)]
    public void Edit_ShouldRefuseATextThatCannotBeSent(string text, int length, NackCode code) =>
        Assert.Equal(code, Code(WithMessage(hasFile: false).Process(new EditMessage(Room, 4, length == 0 ? text : new string(text[0], length), Bo), Start)));

    [Fact]
    public void Edit_ShouldAllowNoText_WhereTheMessageHasFiles() =>
        Assert.IsType<ChangeAck>(WithMessage().Process(new EditMessage(Room, 4, "", Bo), Start).Reply);

    [Fact]
    public void Delete_ShouldBeTheAuthorsOrTheOwners_AndTakeTheFilesAlong()
    {
        var state = WithMessage().Apply(new MemberJoined(5, Start, User("cy"), MemberRole.Member));
        foreach (var by in new[] { Ana, Bo })
        {
            var deleted = state.Process(new DeleteMessage(Room, 4, by), Start);
            Assert.Equal(Printed(new MessageDeleted(6, Start, 4, 1, by, [File])), Printed(Assert.Single(deleted.Events)));
        }

        Assert.Equal(NackCode.Forbidden, Code(state.Process(new DeleteMessage(Room, 4, User("cy")), Start)));
        Assert.Equal(NackCode.Forbidden, Code(state.Process(new DeleteMessage(Room, 4, User("stranger")), Start)));
    }

    [Fact]
    public void Delete_ShouldEndEverythingOfTheMessage_AlsoAfterASnapshot()
    {
        var state = Take(WithMessage(), new PinMessage(Room, 4, On: true, Ana), new DeleteMessage(Room, 4, Bo));
        var restored = RoomState.From(state.ToSnapshot()).Recall(Facts(6, isDeleted: true));

        Assert.Empty(state.Pins);
        foreach (var after in new[] { state, restored })
        {
            Assert.Equal(new ChangeAck(6, Changed: false), after.Process(new DeleteMessage(Room, 4, Bo), Start).Reply);
            Assert.Equal(new ChangeAck(6, Changed: false), after.Process(new PinMessage(Room, 4, On: false, Bo), Start).Reply);
            Assert.Equal(NackCode.NotFound, Code(after.Process(new EditMessage(Room, 4, "back", Bo), Start)));
            Assert.Equal(NackCode.NotFound, Code(after.Process(new SetReaction(Room, 4, "👍", On: true, Bo), Start)));
            Assert.Equal(NackCode.NotFound, Code(after.Process(new PinMessage(Room, 4, On: true, Bo), Start)));
            Assert.Empty(after.Process(new AttachLinkCards(Room, 4, 1, [new LinkCard("https://e.example", "t", "", "e")]), Start).Events);
        }
    }

    [Fact]
    public void Reaction_ShouldCountEachUserOnce()
    {
        var state = Take(WithMessage(), new SetReaction(Room, 4, "👍", On: true, Ana));
        Assert.Equal(new ChangeAck(5, Changed: false), state.Process(new SetReaction(Room, 4, "👍", On: true, Ana), Start).Reply);

        var second = (ReactionSet)Assert.Single(state.Process(new SetReaction(Room, 4, "👍", On: true, Bo), Start).Events);
        Assert.Equal((2, true), (second.Count, second.On));
        var off = (ReactionSet)Assert.Single(state.Apply(second).Process(new SetReaction(Room, 4, "👍", On: false, Ana), Start).Events);
        Assert.Equal((1, false), (off.Count, off.On));
    }

    [Fact]
    public void Reaction_ShouldBeRefused_BeyondTheBoundsOfAMessage()
    {
        var emoji = Enumerable.Range(0x1F600, RoomState.MaxEmoji + 1).Select(char.ConvertFromUtf32).ToList();
        var full = Take(WithMessage(), [.. emoji.Take(RoomState.MaxEmoji).Select(e => new SetReaction(Room, 4, e, On: true, Ana))]);
        Assert.Equal(NackCode.Invalid, Code(full.Process(new SetReaction(Room, 4, emoji[^1], On: true, Bo), Start)));
        Assert.IsType<ChangeAck>(full.Process(new SetReaction(Room, 4, emoji[0], On: true, Bo), Start).Reply);

        var many = Enumerable.Range(0, RoomState.MaxReactions).Select(i => ("👍", new UserId($"u_{i}"))).ToList();
        var crowded = WithMessage(facts: Facts(4) with { Reactions = many });
        Assert.Equal(NackCode.Invalid, Code(crowded.Process(new SetReaction(Room, 4, "👍", On: true, Bo), Start)));
    }

    [Fact]
    public void Pin_ShouldBeRefused_BeyondTheBoundOfARoom_AndBeInASnapshot()
    {
        var state = WithMessage();
        for (var i = 0; i < RoomState.MaxPins; i++)
        {
            state = state.Apply(new MessagePinned(state.Seq + 1, Start, 1_000 + i, 1, Ana, On: true));
        }

        var restored = RoomState.From(state.ToSnapshot()).Recall(Facts(state.Seq));
        Assert.Equal(NackCode.Invalid, Code(restored.Process(new PinMessage(Room, 4, On: true, Bo), Start)));
    }

    [Fact]
    public void LookUp_ShouldNotCount_WhenItIsOlderThanAForgottenChange()
    {
        // A replay knows the changes and not the messages; a look-up from before them would bring back the former text.
        var state = WithMessage(facts: null).Apply(new MessageEdited(5, Start, 4, 1, "new", []));
        var command = new EditMessage(Room, 4, "new", Bo);

        Assert.True(state.Recall(Facts(4)).NeedsLookUp(command));
        Assert.False(state.Recall(Facts(5)).NeedsLookUp(command));
    }

    [Fact]
    public void Memory_ShouldForgetTheLeastRecentlyUsed_AndKnowFromWhenOn()
    {
        var memory = Enumerable.Range(1, MessageMemory.MaxMessages + 5).Aggregate(
            MessageMemory.Empty,
            (memory, seq) => memory
                .Recall(new MessageFacts(Stored(seq), [], AsOf: 10_000))
                .Change(seq, 1_000 + seq, known => known with { IsDeleted = true }));

        Assert.Equal(MessageMemory.MaxMessages, memory.Count);
        Assert.Null(memory.Find(5));
        Assert.NotNull(memory.Find(6));
        Assert.Equal(1_005, memory.Floor);
    }

    [Fact]
    public void Memory_ShouldHoldNoMoreReactionsThanItsBound()
    {
        var reactions = Enumerable.Range(0, RoomState.MaxReactions).Select(i => ("👍", new UserId($"u_{i}"))).ToList();
        var memory = Enumerable.Range(1, 20).Aggregate(
            MessageMemory.Empty, (memory, seq) => memory.Recall(new MessageFacts(Stored(seq), reactions, seq)));

        Assert.Equal(MessageMemory.MaxReactions / RoomState.MaxReactions, memory.Count);
        Assert.Equal(0, memory.Floor); // nothing that was forgotten had changed
    }

    [Theory]
    [InlineData("👍", true)]
    [InlineData("👍🏽", true)]
    [InlineData("❤️", true)]
    [InlineData("✅", true)]
    [InlineData("‼️", true)]
    [InlineData("1️⃣", true)]
    [InlineData("🇧🇷", true)]
    [InlineData("👩🏽‍❤️‍💋‍👨🏿", true)]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿", true)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("é", false)]
    [InlineData("1", false)]
    [InlineData("!", false)]
    [InlineData("👍👍", false)]
    [InlineData("👍a", false)]
    [InlineData(" ", false)]
    [InlineData("\n", false)]
    [InlineData("\u0301", false)]
    [InlineData("\u200D", false)]
    [InlineData("\uD83D", false)]
    public void Emoji_ShouldBeOneSymbol(string text, bool isOne) => Assert.Equal(isOne, Emoji.IsOne(text));

    [Fact]
    public void Emoji_ShouldBeShort_HoweverManyMarksItHas() =>
        Assert.False(Emoji.IsOne("👍" + string.Concat(Enumerable.Repeat("\u200D👍", 10_000))));

    private static RoomState WithMessage(bool hasFile = true) => WithMessage(Facts(4, hasFile: hasFile));

    private static RoomState WithMessage(MessageFacts? facts)
    {
        var state = RoomState.Empty.Apply(
        [
            new RoomCreated(1, Start, "room", "", RoomVisibility.Public, Ana),
            new MemberJoined(2, Start, Ana, MemberRole.Owner),
            new MemberJoined(3, Start, Bo, MemberRole.Member),
            new MessagePosted(4, Start, 1, Cid(Start, 1), Bo, "hi", 0, []),
        ]);
        return facts is null ? state : state.Recall(facts);
    }

    private static RoomState Take(RoomState state, params IRoomCommand[] commands) => commands.Aggregate(state, (state, command) =>
    {
        var decision = state.Process(command, Start);
        Assert.IsNotType<Nack>(decision.Reply);
        return state.Apply(decision.Events);
    });

    private static MessageFacts Facts(long asOf, bool hasFile = true, bool isDeleted = false) => new(
        Stored(4) with
        {
            Files = hasFile && !isDeleted ? [new MessageFile(File, "a", "text/plain", 1, 0, 0, "")] : [],
            IsDeleted = isDeleted,
        },
        [],
        asOf);

    private static StoredMessage Stored(long seq) => new(Room, seq, 1, Cid(Start, 1), Bo, "hi", Start, 0, []);

    private static NackCode Code(Decision decision)
    {
        Assert.Empty(decision.Events);
        return Assert.IsType<Nack>(decision.Reply).Code;
    }
}
