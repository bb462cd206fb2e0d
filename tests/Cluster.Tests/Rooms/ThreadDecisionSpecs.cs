using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Which messages can have a thread, and what a room knows of replies there.</summary>
public sealed class ThreadDecisionSpecs
{
    [Fact]
    public void Reply_ShouldCarryItsRoot_OnceTheRoomKnowsTheRoot()
    {
        var state = WithRoot(out var root).Forget();
        var reply = Reply(root);

        Assert.True(state.NeedsRoot(reply));
        Assert.Equal(NackCode.Invalid, Code(state.Process(reply, Start, stored: null)));
        var known = state.Recall(FactsOf(root, asOf: state.Seq));
        Assert.False(known.NeedsRoot(reply));
        var posted = Assert.IsType<MessagePosted>(Assert.Single(known.Process(reply, Start, stored: null).Events));
        Assert.Equal((root.Seq, root.N, state.N + 1), (posted.ThreadSeq, posted.ThreadN, posted.N));
    }

    [Fact]
    public void Root_ShouldBeAMessageThatIsInNoThread_AndNotDeleted()
    {
        var state = WithRoot(out var root);
        var reply = Reply(root);
        var inThread = state.Recall(FactsOf(root with { ThreadSeq = 1 }, state.Seq));
        var deleted = state.Recall(FactsOf(root with { IsDeleted = true }, state.Seq));

        Assert.Equal(NackCode.Invalid, Code(inThread.Process(reply, Start, stored: null)));
        Assert.Equal(NackCode.NotFound, Code(deleted.Process(reply, Start, stored: null)));
        foreach (var seq in new[] { -1, 1, state.Seq + 1, long.MaxValue })
        {
            Assert.Equal(NackCode.Invalid, Code(state.Process(reply with { ThreadSeq = seq }, Start, stored: null)));
        }

        Assert.False(state.NeedsRoot(reply with { ThreadSeq = state.Seq + 1 }));
        Assert.False(state.NeedsRoot(reply with { ThreadSeq = 0 }));
        Assert.False(state.NeedsRoot(reply with { Author = User("stranger") }));
    }

    [Fact]
    public void Root_ShouldBeGone_OnceItsDeletionIsDecided()
    {
        var state = WithRoot(out var root);
        state = state.Recall(FactsOf(root, state.Seq));
        state = state.Apply(state.Process(new DeleteMessage(Room, root.Seq, Bo), Start).Events);

        Assert.Equal(NackCode.NotFound, Code(state.Process(Reply(root), Start, stored: null)));
        Assert.Equal(NackCode.NotFound, Code(state.Recall(FactsOf(root, asOf: 1)).Process(Reply(root), Start, stored: null)));
    }

    [Fact]
    public void Retry_ShouldBeAnswered_WhateverHasBecomeOfTheRoot_AndAConflictForAnotherThread()
    {
        var state = WithRoot(out var root);
        state = state.Recall(FactsOf(root, state.Seq));
        var reply = Reply(root);
        state = state.Apply(state.Process(reply, Start, stored: null).Events);
        state = RoomState.From(state.ToSnapshot());

        Assert.False(state.NeedsRoot(reply));
        Assert.Equal(new PostAck(state.Seq, state.N, Start, Duplicate: true), state.Process(reply, Start, stored: null).Reply);
        foreach (var thread in new[] { 0, root.Seq + 1 })
        {
            Assert.Equal(NackCode.IdempotencyConflict, Code(state.Process(reply with { ThreadSeq = thread }, Start, stored: null)));
        }
    }

    [Fact]
    public void Changes_ShouldNameTheThreadOfTheirMessage()
    {
        var state = WithRoot(out var root);
        var reply = root with { Author = Ana, ThreadSeq = 3 };
        state = state.Recall(FactsOf(reply, state.Seq));

        Assert.Equal(3, Assert.IsType<MessageEdited>(Assert.Single(state.Process(new EditMessage(Room, reply.Seq, "new", Ana), Start).Events)).ThreadSeq);
        Assert.Equal(3, Assert.IsType<MessageDeleted>(Assert.Single(state.Process(new DeleteMessage(Room, reply.Seq, Ana), Start).Events)).ThreadSeq);
    }

    [Fact]
    public void Hash_ShouldTellAThreadFromAReplyAndFromFiles()
    {
        var hashes = new[]
        {
            SeenMessages.Hash("x", 0, []), SeenMessages.Hash("x", 5, []), SeenMessages.Hash("x", 0, [], 5), SeenMessages.Hash("x", 5, [], 5),
            SeenMessages.Hash("x", 0, [new MessageFile(new FileId("5"), "", "", 1, 0, 0, "")]),
            SeenMessages.Hash("x", 0, [new MessageFile(new FileId("5"), "", "", 1, 0, 0, "")], 5),
        };
        Assert.Distinct(hashes);
    }

    private static NackCode Code(Decision decision) => Assert.IsType<Nack>(decision.Reply).Code;

    private static PostMessage Reply(StoredMessage root) =>
        new(Room, Ana, Cid(Start, 2), "a reply", 0) { ThreadSeq = root.Seq };

    private static MessageFacts FactsOf(StoredMessage message, long asOf) => new(message, [], asOf);

    /// <summary>Ana owns the room, and Bo wrote the message.</summary>
    private static RoomState WithRoot(out StoredMessage root)
    {
        var posted = new MessagePosted(4, Start, 1, Cid(Start, 1), Bo, "root", 0, []);
        root = new StoredMessage(Room, 4, 1, posted.ClientId, Bo, "root", Start, 0, []);
        return RoomState.Empty.Apply(
        [
            new RoomCreated(1, Start, "room", "", RoomVisibility.Public, Ana),
            new MemberJoined(2, Start, Ana, MemberRole.Owner),
            new MemberJoined(3, Start, Bo, MemberRole.Member),
            posted,
        ]);
    }
}

internal static class ForgetfulRoom
{
    /// <summary>As after a restart: what the room remembers of messages is in no snapshot.</summary>
    public static RoomState Forget(this RoomState state) => RoomState.From(state.ToSnapshot());
}
