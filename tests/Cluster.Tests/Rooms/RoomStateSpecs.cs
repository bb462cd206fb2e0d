using System.Runtime.CompilerServices;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class RoomStateSpecs
{
    /// <summary>So small that scripts run past it and the journal must be asked.</summary>
    private static readonly SeenBounds Small = new(MinCount: 2, MaxCount: 5, MinAge: TimeSpan.FromSeconds(60));

    [Fact]
    public void Process_ShouldAnswerAsTheModel_WhateverTheScript() =>
        RoomModel.Steps.ForAll(steps => AssertInvariants(steps, SeenMessages.DefaultBounds), cases: 25_000);

    [Fact]
    public void Process_ShouldAnswerAsTheModel_WhenTheMemoryOfIdsIsShort() =>
        RoomModel.Steps.ForAll(steps => AssertInvariants(steps, Small), cases: 25_000);

    [Fact]
    public void Process_ShouldDecideEveryCommandOfARoom()
    {
        var commands = typeof(IRoomCommand).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IRoomCommand))).ToList();
        Assert.True(commands.Count >= 4);
        Assert.All(commands, type => Assert.NotNull(
            RoomState.Empty.Process(
                type == typeof(OpenDirect) ? new OpenDirect(Room, [Ana, Bo], Ana) : (IRoomCommand)RuntimeHelpers.GetUninitializedObject(type), Start).Reply));
    }

    [Fact]
    public void Replay_ShouldGiveTheLiveState() => RoomModel.Steps.ForAll(
        steps =>
        {
            var script = Run(steps, Small);
            var replayed = script.States[0].Apply(script.Events);
            Assert.Equal(Printed(script.State.ToSnapshot()), Printed(replayed.ToSnapshot()));
        },
        cases: 15_000);

    [Fact]
    public void Snapshot_ShouldStandForTheEventsBeforeIt_WhateverTheMoment() => Gen.Select(RoomModel.Steps, Gen.Double[0, 1]).ForAll(
        (steps, part) =>
        {
            var script = Run(steps, Small);
            var cut = (int)(part * script.Events.Count);
            var restored = script.Restored(script.States[cut].ToSnapshot()).Apply(script.Events.Skip(cut));
            Assert.Equal(Printed(script.State.ToSnapshot()), Printed(restored.ToSnapshot()));
        },
        cases: 15_000);

    [Fact]
    public void Script_ShouldReachDuplicatesAndLookUps()
    {
        // Without them the properties above would say less than they seem to.
        var (duplicates, lookUps, messages, edits, deletions, reactions) = (0, 0, 0, 0, 0, 0);
        RoomModel.Steps.ForAll(
            steps =>
            {
                var script = Run(steps, Small);
                duplicates += script.Duplicates;
                lookUps += script.LookUps;
                messages += script.Events.OfType<MessagePosted>().Count();
                edits += script.Edits;
                deletions += script.Deletions;
                reactions += script.Reactions;
            },
            cases: 2_500);
        Assert.True(duplicates > 500 && lookUps > 500 && messages > 1_000, $"{duplicates} duplicates, {lookUps} look-ups, {messages} messages");
        Assert.True(edits > 50 && deletions > 50 && reactions > 50, $"{edits} edits, {deletions} deletions, {reactions} reactions");
    }

    [Fact]
    public void Post_ShouldAnswerTheFirstSeq_WhenTheAuthorHasLeftMeanwhile()
    {
        // The first answer was lost. "Forbidden" would say that the message was not sent, and it stands in the room.
        var state = Created();
        state = state.Apply(state.Process(new JoinRoom(Room, Bo), Start).Events);
        var command = Post(Bo, 1);
        var first = state.Process(command, Start);
        state = state.Apply(first.Events);
        state = state.Apply(state.Process(new LeaveRoom(Room, Bo), Start).Events);

        var again = state.Process(command, Start.AddSeconds(5));
        var another = state.Process(Post(Bo, 2), Start.AddSeconds(5));

        Assert.Equal(((PostAck)first.Reply) with { Duplicate = true }, again.Reply);
        Assert.Empty(again.Events);
        Assert.Equal(NackCode.Forbidden, ((Nack)another.Reply).Code);
    }

    [Fact]
    public void From_ShouldTakeASnapshot_WhenTwoMembersWereCalledTheSame()
    {
        // A name that changes hands while both are members must not make the room unreadable.
        var state = Created().Apply(new MemberJoined(3, Start, Bo with { Id = new UserId("u_other"), Username = "ANA" }, MemberRole.Member));

        var restored = RoomState.From(state.ToSnapshot());

        Assert.Equal(Printed(state.ToSnapshot()), Printed(restored.ToSnapshot()));
        Assert.Equal(Mentioned(state), Mentioned(restored));

        static UserId[] Mentioned(RoomState state) => [.. ((MessagePosted)state.Process(Post(Ana, 1) with { Text = "@ana" }, Start).Events[0]).Mentions];
    }

    [Fact]
    public void Leave_ShouldKeepTheNameOfAnother_WhenTwoMembersWereCalledTheSame()
    {
        var other = Bo with { Id = new UserId("u_other"), Username = "Ana" };
        var state = Created()
            .Apply(new MemberJoined(3, Start, other, MemberRole.Member))
            .Apply(new MemberLeft(4, Start, Ana, LeaveReason.Left));

        var post = (MessagePosted)state.Process(Post(other, 1) with { Text = "@ana" }, Start).Events[0];

        Assert.Equal([other.Id], post.Mentions);
    }

    [Fact]
    public void ChangeTopic_ShouldBeTheOwnersAlone_AndSayNothingWhereNothingChanges()
    {
        var state = Created();
        state = state.Apply(state.Process(new JoinRoom(Room, Bo), Start).Events);

        var changed = state.Process(new ChangeTopic(Room, "of things", Ana), Start);
        var after = state.Apply(changed.Events);

        Assert.Equal(new ChangeAck(4, Changed: true), changed.Reply);
        Assert.Equal(new RoomTopicChanged(4, Start, "of things", Ana), Assert.Single(changed.Events));
        Assert.Equal("of things", after.Topic);
        Assert.Equal("of things", RoomState.From(after.ToSnapshot()).Topic);
        Assert.Equal(new ChangeAck(4, Changed: false), after.Process(new ChangeTopic(Room, "of things", Ana), Start).Reply);
        Assert.Empty(after.Process(new ChangeTopic(Room, "of things", Ana), Start).Events);
        Assert.Equal(NackCode.Forbidden, ((Nack)after.Process(new ChangeTopic(Room, "of things", Bo), Start).Reply).Code);
    }

    [Fact]
    public void LinkCards_ShouldBeAttachedOnce_AndStayAwayOnceRemoved_AlsoAfterASnapshot()
    {
        var state = Created();
        state = state.Apply(state.Process(Post(Ana, 1), Start).Events);
        var attach = new AttachLinkCards(Room, 3, 1, [new LinkCard("https://example.org", "title", "", "example.org")]);

        var attached = state.Process(attach, Start);
        state = state.Apply(attached.Events);
        Assert.Equal(new LinkAttached(4, Start, 3, 1, attach.Cards), Assert.Single(attached.Events));
        Assert.Equal(new ChangeAck(4, Changed: false), state.Process(attach, Start).Reply);

        state = state.Apply(state.Process(new RemoveLinkCards(Room, 3, 1, Ana), Start).Events);
        state = RoomState.From(state.ToSnapshot());
        Assert.Equal(new ChangeAck(5, Changed: false), state.Process(attach, Start).Reply);
        Assert.Equal(new ChangeAck(5, Changed: false), state.Process(new RemoveLinkCards(Room, 3, 1, Ana), Start).Reply);
        Assert.Equal(NackCode.Forbidden, ((Nack)state.Process(new RemoveLinkCards(Room, 3, 1, Bo), Start).Reply).Code);
    }

    [Fact]
    public void LinkCards_ShouldNotBeAttached_WhereTheOwnerTurnedThemOff()
    {
        var state = Created();
        state = state.Apply(state.Process(Post(Ana, 1), Start).Events);
        var off = state.Process(new ChangeLinkCards(Room, LinkCards: false, Ana), Start);
        state = RoomState.From(state.Apply(off.Events).ToSnapshot());

        Assert.Equal(new RoomLinkCardsChanged(4, Start, LinkCards: false, Ana), Assert.Single(off.Events));
        var attach = new AttachLinkCards(Room, 3, 1, [new LinkCard("https://example.org", "title", "", "example.org")]);
        Assert.Empty(state.Process(attach, Start).Events);
        Assert.Equal(new ChangeAck(4, Changed: false), state.Process(new ChangeLinkCards(Room, LinkCards: false, Ana), Start).Reply);
    }

    [Fact]
    public void ChangePicture_ShouldBeTheOwnersAlone_AndSayWhatItReplaces()
    {
        var (first, second) = (new FileId("f_1"), new FileId("f_2"));
        var state = Created();
        state = state.Apply(state.Process(new ChangePicture(Room, first, Ana), Start).Events);
        state = RoomState.From(state.ToSnapshot());

        Assert.Equal(new ChangeAck(3, Changed: false), state.Process(new ChangePicture(Room, first, Ana), Start).Reply);
        Assert.Equal(
            new RoomPictureChanged(4, Start, second, first, Ana), Assert.Single(state.Process(new ChangePicture(Room, second, Ana), Start).Events));
        Assert.Equal(
            new RoomPictureChanged(4, Start, null, first, Ana), Assert.Single(state.Process(new ChangePicture(Room, null, Ana), Start).Events));
        Assert.Equal(NackCode.Forbidden, ((Nack)state.Process(new ChangePicture(Room, second, Bo), Start).Reply).Code);
    }

    [Fact]
    public void LinkMemory_ShouldReachBackOverItsCapacity_AndLetNothingOlderBeAttached()
    {
        var memory = Enumerable.Range(1, LinkMemory.Capacity + 5).Aggregate(
            LinkMemory.Empty,
            (memory, message) => memory.Add(new LinkAttached(message, Start, message, 1, [])));

        Assert.Equal(LinkMemory.Capacity, memory.Messages.Count());
        Assert.False(memory.Awaits(5));
        Assert.False(memory.Awaits(6));
        Assert.True(memory.Awaits(LinkMemory.Capacity + 6));
        Assert.Equal(5, memory.Floor);
    }

    [Theory]
    [InlineData(RoomVisibility.Public, NackCode.Forbidden)]
    [InlineData(RoomVisibility.Private, NackCode.NotFound)]
    public void ChangeTopic_ShouldNotTellAStrangerOfAPrivateRoom(RoomVisibility visibility, NackCode code)
    {
        var state = RoomState.Empty.Apply(
            RoomState.Empty.Process(new CreateRoom(Room, "room", "", visibility, Ana), Start).Events);
        Assert.Equal(code, ((Nack)state.Process(new ChangeTopic(Room, "new", Bo), Start).Reply).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void Apply_ShouldThrow_WhenTheEventDoesNotFollow(long seq) =>
        Assert.Throws<InvalidOperationException>(() => Created().Apply(new MemberJoined(seq, Start, Bo, MemberRole.Member)));

    [Fact]
    public void Apply_ShouldThrow_WhenTheEventIsUnknown() =>
        Assert.Throws<InvalidOperationException>(() => RoomState.Empty.Apply(new Unknown(1, Start)));

    [Theory]
    [InlineData(-24 * 3600, true)]
    [InlineData((-24 * 3600) - 1, false)]
    [InlineData(600, true)]
    [InlineData(601, false)]
    public void Post_ShouldAcceptOnlyIdsOfTheWindow(int seconds, bool accepted)
    {
        var reply = Created().Process(new PostMessage(Room, Ana, Cid(Start.AddSeconds(seconds), 1), "hi", 0), Start).Reply;
        Assert.Equal(accepted, reply is PostAck);
        Assert.True(accepted || ((Nack)reply).Code == NackCode.Invalid);
    }

    [Fact]
    public void Post_ShouldNameEachMemberOnce()
    {
        var state = Created();
        state = state.Apply(state.Process(new JoinRoom(Room, Bo), Start).Events);
        var post = (MessagePosted)state.Process(Post(Ana, 1) with { Text = "@bo, @nobody, @BO. @Ana @cy" }, Start).Events[0];
        Assert.Equal([Bo.Id, Ana.Id], post.Mentions);
    }

    [Fact]
    public void Post_ShouldNameWhomItMayMean_WhenAUsernameEndsWithADot()
    {
        var dotted = Bo with { Id = new UserId("u_dot"), Username = "bo." };
        var state = Created();
        state = state.Apply(state.Process(new JoinRoom(Room, Bo), Start).Events);
        state = state.Apply(state.Process(new JoinRoom(Room, dotted), Start).Events);

        Assert.Equal([dotted.Id, Bo.Id], Mentioned("ask @Bo."));
        Assert.Equal([Bo.Id], Mentioned("ask @bo, now"));

        IEnumerable<UserId> Mentioned(string text) =>
            ((MessagePosted)state.Process(Post(Ana, 1) with { Text = text }, Start).Events[0]).Mentions;
    }

    private static PostMessage Post(UserRef author, long number) => new(Room, author, Cid(Start, number), "hi", 0);

    private static RoomModel Run(Step[] steps, SeenBounds bounds)
    {
        var script = new RoomModel(bounds);
        script.Run(steps);
        return script;
    }

    /// <summary>Each answer is compared with the model's while the script runs; these hold over the whole history.</summary>
    private static void AssertInvariants(Step[] steps, SeenBounds bounds)
    {
        var events = Run(steps, bounds).Events;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(seq => (long)seq), events.Select(e => e.Seq));
        var messages = events.OfType<MessagePosted>().ToList();
        Assert.Equal(Enumerable.Range(1, messages.Count).Select(n => (long)n), messages.Select(message => message.N));
        Assert.Distinct(messages.Select(message => (message.Author.Id, message.ClientId)));
        var members = new HashSet<UserId>();
        foreach (var @event in events)
        {
            switch (@event)
            {
                case MemberJoined joined:
                    Assert.True(members.Add(joined.User.Id));
                    break;
                case MemberBanned { WasMember: false } banned:
                    Assert.DoesNotContain(banned.User.Id, members);
                    break;
                case IMemberRemoval removal:
                    Assert.True(members.Remove(removal.User.Id));
                    break;
                case MessagePosted posted:
                    Assert.Contains(posted.Author.Id, members);
                    break;
            }
        }
    }

    private sealed record Unknown(long Seq, DateTimeOffset Time) : RoomEvent(Seq, Time);
}
