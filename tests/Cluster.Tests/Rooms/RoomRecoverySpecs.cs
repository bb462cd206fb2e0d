using Akka.Actor;
using Akka.Persistence;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class RoomRecoverySpecs : RoomKit
{
    [Fact]
    public void Retry_ShouldAnswerTheFirstSeq_WhenTheRoomHasStartedAgain()
    {
        var room = StartCreated();
        var first = Ask<PostAck>(room, Post(1));
        Ask<PostAck>(room, Post(2));
        StopRoom(room);
        Time.Advance(TimeSpan.FromMinutes(1));

        room = Start();

        Assert.Equal(first with { Duplicate = true }, Ask<PostAck>(room, Post(1)));
        Assert.Equal(NackCode.IdempotencyConflict, Ask<Nack>(room, Post(2, "another")).Code);
        Assert.Equal(new WatchAck(Room, 4), Ask<WatchAck>(room, new WatchRoom(Room, EdgeA)));
        Assert.Equal(5, Ask<PostAck>(room, Post(3)).Seq);
    }

    [Fact]
    public void State_ShouldGoOn_WhenTheRoomStartsFromASnapshot()
    {
        Options.SnapshotEvery = 10;
        var room = StartCreated();
        var acks = Enumerable.Range(1, 37).Select(number => Ask<PostAck>(room, Post(number))).ToList();
        StopRoom(room);
        AwaitAssert(() => Assert.Equal(29, StoredSnapshot()?.Metadata.SequenceNr)); // event 30

        room = Start();

        Assert.Equal(new WatchAck(Room, 39), Ask<WatchAck>(room, new WatchRoom(Room, EdgeA)));
        for (var number = 1; number <= acks.Count; number++)
        {
            Assert.Equal(acks[number - 1] with { Duplicate = true }, Ask<PostAck>(room, Post(number)));
        }

        Assert.Equal(new ChangeAck(39, Changed: false), Ask<ChangeAck>(room, new JoinRoom(Room, Ana)));
        Assert.Equal(new PostAck(40, 38, RoomFacts.Start, Duplicate: false), Ask<PostAck>(room, Post(38)));
    }

    [Fact]
    public void Snapshot_ShouldBeTaken_WhenManyStartsWroteNothingButFences()
    {
        StopRoom(StartCreated());
        for (var starts = 0; starts < 60; starts++)
        {
            var room = Start();
            Assert.Equal(new ChangeAck(2, Changed: false), Ask<ChangeAck>(room, new JoinRoom(Room, Ana)));
            StopRoom(room);
        }

        // The 51st start replayed 50 fences.
        AwaitAssert(() => Assert.Equal(51, StoredSnapshot()?.Metadata.SequenceNr));
        Assert.Equal(new WatchAck(Room, 2), Ask<WatchAck>(Start(), new WatchRoom(Room, EdgeA)));
    }

    [Fact]
    public async Task Snapshot_ShouldNotHoldTheWriteInFlight_NorHideIt()
    {
        // It is taken when a row is committed, at which the next row is already on its way.
        Options.SnapshotEvery = 3;
        var room = StartCreated();
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var first = ExpectWrite();
        room.Tell(Post(2), Client);
        Settle(room);

        await first.CommitAsync(); // the third event: a snapshot
        var second = ExpectWrite();
        Settle(room);
        var snapshot = AwaitSnapshot();
        await second.CommitAsync();
        Client.ExpectMsg<PostAck>();
        Client.ExpectMsg<PostAck>();
        Journal.Open();
        StopRoom(room);

        Assert.Equal((2L, 3L), (snapshot.Metadata.SequenceNr, ((RoomSnapshot)snapshot.Snapshot).Seq));
        Assert.Equal(new WatchAck(Room, 4), Ask<WatchAck>(Start(), new WatchRoom(Room, EdgeA)));
    }

    [Fact]
    public void Snapshot_ShouldBeTaken_WhenOnlyTheRowsOfFencesHaveGrown()
    {
        Options.SnapshotEvery = 4;
        StopRoom(StartCreated());
        for (var i = 0; i < 3; i++)
        {
            var again = Start();
            Ask<ChangeAck>(again, new JoinRoom(Room, Ana));
            StopRoom(again);
        }

        Assert.Equal(4, AwaitSnapshot().Metadata.SequenceNr); // the third fence
    }

    [Fact]
    public void Started_ShouldBeAnnouncedToAllEdges_WhenTheRoomHasEvents()
    {
        StopRoom(StartCreated());
        Start();
        Assert.Equal(new Started(Room, 2), ExpectPublished<Started>("edges"));
    }

    /// <summary>The mediator of a node that has just started does not know the edges yet.</summary>
    [Fact]
    public void Started_ShouldBeAnnouncedAgain_WhenEdgesMayNotHaveHeard()
    {
        StopRoom(StartCreated());
        var room = Start();
        ExpectPublished<Started>("edges");
        Ask<PostAck>(room, Post(1));
        foreach (var seconds in new[] { 1, 3 })
        {
            Advance(seconds);
            Assert.Equal(new Started(Room, 3), ExpectPublished<Started>("edges"));
            Settle(room); // and with it the next timer is set
        }

        Published();
        Advance(20);
        Settle(room);
        Assert.DoesNotContain(Published(), publish => publish.Message is Started);
    }

    [Fact]
    public void Started_ShouldNotBeAnnounced_WhenTheRoomIsEmpty()
    {
        Journal.Hold(Keeper);
        var room = Start();
        Assert.Equal(NackCode.NotFound, Ask<Nack>(room, Post(1)).Code);
        Assert.Equal(NackCode.NotFound, Ask<Nack>(room, new WatchRoom(Room, EdgeA)).Code);
        Assert.Equal(NackCode.NotFound, Ask<Nack>(room, new JoinRoom(Room, Ana)).Code);
        Settle(room);
        Assert.Empty(Published());
        Assert.False(Keeper.HasMessages); // nor does it take a row
    }

    [Fact]
    public void Recovery_ShouldEndTheRoom_WhenTheJournalHoldsSomethingElse()
    {
        var writer = Sys.ActorOf(Props.Create(() => new Stranger(Room.Value)));
        writer.Tell("no entry of a room", Client);
        Client.ExpectMsg("written");

        var room = Start();
        Watch(room);

        ExpectTerminated(room);
    }

    private SelectedSnapshot? StoredSnapshot()
    {
        Akka.Persistence.Persistence.Instance.Apply(Sys).SnapshotStoreFor("").Tell(
            new LoadSnapshot(Room.Value, SnapshotSelectionCriteria.Latest, long.MaxValue), TestActor);
        return FishForMessage<LoadSnapshotResult>(_ => true).Snapshot;
    }

    private SelectedSnapshot AwaitSnapshot()
    {
        SelectedSnapshot? snapshot = null;
        AwaitAssert(() => Assert.NotNull(snapshot = StoredSnapshot()));
        return snapshot!;
    }

    private sealed class Stranger : ReceivePersistentActor
    {
        public Stranger(string id)
        {
            PersistenceId = id;
            Command<string>(text => Persist(text, _ => Sender.Tell("written")));
        }

        public override string PersistenceId { get; }
    }
}
