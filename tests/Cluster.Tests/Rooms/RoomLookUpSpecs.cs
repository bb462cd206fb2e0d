using Akka.Actor;
using Akka.Persistence;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Client ids that the room's memory does not reach back to: the journal's read model is asked.</summary>
public sealed class RoomLookUpSpecs : RoomKit
{
    [Fact]
    public void Post_ShouldBeAsked_OnlyWhereTheMemoryDoesNotReach()
    {
        var room = StartForgetful();
        Ask<PostAck>(room, Beyond(1));
        Assert.False(HasLookUps);
        room.Tell(Post(2), Client);
        ExpectLookUp();
    }

    [Fact]
    public void Retry_ShouldAnswerTheFirstSeq_WhenTheJournalKnowsTheId()
    {
        var room = StartForgetful();
        room.Tell(Post(1), Client);
        var lookUp = ExpectLookUp();
        Assert.Equal(Post(1).ClientId, lookUp.ClientId);

        lookUp.Answer.SetResult(Stored(1));

        Client.ExpectMsg(new PostAck(50, 40, RoomFacts.Start, Duplicate: true));
    }

    [Fact]
    public void Retry_ShouldConflict_WhenTheJournalKnowsAnotherBody()
    {
        var room = StartForgetful();
        room.Tell(Post(1, "another"), Client);
        ExpectLookUp().Answer.SetResult(Stored(1));
        Assert.Equal(NackCode.IdempotencyConflict, Client.ExpectMsg<Nack>().Code);
    }

    [Fact]
    public void Post_ShouldBeAccepted_WhenTheJournalDoesNotKnowTheId()
    {
        var room = StartForgetful();
        room.Tell(Post(1), Client);
        ExpectLookUp().Answer.SetResult(null);
        Client.ExpectMsg(new PostAck(101, 91, RoomFacts.Start, Duplicate: false));
        Assert.True(Ask<PostAck>(room, Post(1)).Duplicate); // from now on it is remembered
    }

    [Fact]
    public void Post_ShouldBeAcceptedOnce_WhenItIsSentAgainDuringTheLookUp()
    {
        var room = StartForgetful();
        room.Tell(Post(1), Client);
        room.Tell(Post(1), Client);
        var (first, second) = (ExpectLookUp(), ExpectLookUp());
        first.Answer.SetResult(null);
        var ack = Client.ExpectMsg<PostAck>();
        second.Answer.SetResult(null);
        Client.ExpectMsg(ack with { Duplicate = true });
    }

    [Fact]
    public void Post_ShouldBeUnavailable_WhenTheJournalCannotBeAsked()
    {
        var room = StartForgetful();
        room.Tell(Post(1), Client);
        ExpectLookUp().Answer.SetException(new IOException("The database is away."));
        Assert.Equal(NackCode.Unavailable, Client.ExpectMsg<Nack>().Code);
        Assert.Equal(101, Ask<PostAck>(room, Beyond(2)).Seq); // the room goes on
    }

    [Fact]
    public void Post_ShouldBeAnsweredBusy_WhenTooManyLookUpsAreUnderWay()
    {
        Options.MaxPending = 2;
        var room = StartForgetful();
        foreach (var number in Enumerable.Range(1, 3))
        {
            room.Tell(Post(number), Client);
        }

        var (first, second) = (ExpectLookUp(), ExpectLookUp());
        Assert.Equal(NackCode.Busy, Client.ExpectMsg<Nack>().Code);
        first.Answer.SetResult(null);
        Client.ExpectMsg<PostAck>();
        second.Answer.SetException(new IOException("The database is away."));
        Client.ExpectMsg<Nack>();

        room.Tell(Post(3), Client);
        room.Tell(Post(4), Client);
        ExpectLookUp().Answer.SetResult(null);
        ExpectLookUp().Answer.SetResult(null);
        Client.ExpectMsg<PostAck>();
        Client.ExpectMsg<PostAck>();
    }

    /// <summary>It would be stored ahead of the one that waits for its look-up.</summary>
    [Fact]
    public void Post_ShouldBeRefused_WhenItsPredecessorIsBeingLookedUp()
    {
        var room = StartForgetful();
        room.Tell(Post(1) with { Order = new SendOrder(77, 1, 0) }, Client);
        var lookUp = ExpectLookUp();
        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Beyond(2) with { Order = new SendOrder(77, 2, 1) }).Code);

        lookUp.Answer.SetResult(null);

        Assert.Equal(101, Client.ExpectMsg<PostAck>().Seq);
        Assert.Equal(102, Ask<PostAck>(room, Beyond(2) with { Order = new SendOrder(77, 3, 0) }).Seq);
    }

    [Fact]
    public void Stop_ShouldWaitForTheLookUpsUnderWay()
    {
        var room = StartForgetful();
        Watch(room);
        room.Tell(Post(1), Client);
        room.Tell(Post(2), Client);
        var (first, second) = (ExpectLookUp(), ExpectLookUp());
        room.Tell(RoomActor.Stop.Instance);
        Settle(room);
        Assert.False(HasMessages);

        first.Answer.SetResult(null);
        Client.ExpectMsg<PostAck>();
        second.Answer.SetException(new IOException("The database is away."));
        Client.ExpectMsg<Nack>();

        ExpectTerminated(room);
    }

    [Fact]
    public void Change_ShouldAskForItsMessage_Once()
    {
        var room = StartForgetful();
        room.Tell(new EditMessage(Room, 50, "new", Ana), Client);
        var lookUp = ExpectMessageLookUp();
        Assert.Equal(50, lookUp.Seq);

        lookUp.Answer.SetResult(Facts(asOf: 100));

        Client.ExpectMsg(new ChangeAck(101, Changed: true));
        Assert.Equal(new ChangeAck(102, Changed: true), Ask<ChangeAck>(room, new DeleteMessage(Room, 50, Ana)));
        Assert.False(HasLookUps);
    }

    [Fact]
    public void Change_ShouldBeDecidedByTheRoom_WhenItHasChangedTheMessageDuringTheLookUp()
    {
        var room = StartForgetful();
        room.Tell(new DeleteMessage(Room, 50, Ana), Client);
        room.Tell(new EditMessage(Room, 50, "new", Ana), Client);
        var (first, second) = (ExpectMessageLookUp(), ExpectMessageLookUp());
        first.Answer.SetResult(Facts(asOf: 100));
        Client.ExpectMsg(new ChangeAck(101, Changed: true));

        second.Answer.SetResult(Facts(asOf: 100));

        Assert.Equal(NackCode.NotFound, Client.ExpectMsg<Nack>().Code);
    }

    [Fact]
    public void Change_ShouldBeRefused_WhenThereIsNoSuchMessage_OrTheLogIsAway()
    {
        var room = StartForgetful();
        room.Tell(new DeleteMessage(Room, 50, Ana), Client);
        ExpectMessageLookUp().Answer.SetResult(null);
        Assert.Equal(NackCode.NotFound, Client.ExpectMsg<Nack>().Code);
        Assert.Equal(NackCode.NotFound, Ask<Nack>(room, new DeleteMessage(Room, 101, Ana)).Code); // beyond the head: not asked for
        Assert.Equal(NackCode.Forbidden, Ask<Nack>(room, new DeleteMessage(Room, 50, Bo)).Code);

        room.Tell(new DeleteMessage(Room, 50, Ana), Client);
        ExpectMessageLookUp().Answer.SetException(new IOException("The database is away."));
        Assert.Equal(NackCode.Unavailable, Client.ExpectMsg<Nack>().Code);
        Assert.False(HasLookUps);
    }

    private static MessageFacts Facts(long asOf) => new(Stored(1), [], asOf);

    /// <summary>A room at seq 100 that has forgotten every id made until now.</summary>
    private IActorRef StartForgetful()
    {
        var snapshot = new RoomSnapshot(
            100, 90, "room", "", RoomVisibility.Public, RoomFacts.Start, [new RoomMember(Ana, MemberRole.Owner, 2)], [], RoomFacts.Start,
            LinkCardsOff: false, [], 0);
        Akka.Persistence.Persistence.Instance.Apply(Sys).SnapshotStoreFor("").Tell(
            new SaveSnapshot(new SnapshotMetadata(Room.Value, 1, RoomFacts.Start.UtcDateTime), snapshot), TestActor);
        ExpectMsg<SaveSnapshotSuccess>();
        return Start();
    }

    private static PostMessage Beyond(int number) => new(Room, Ana, Cid(RoomFacts.Start.AddMilliseconds(1), number), "hi", 0);

    private static StoredMessage Stored(int number) =>
        new(Room, 50, 40, Cid(RoomFacts.Start, number), Ana, "hi", RoomFacts.Start, 0, []);
}
