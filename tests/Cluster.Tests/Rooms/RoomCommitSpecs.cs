using Akka.Actor;
using Akka.Event;
using AkkaChat.Cluster.Projection;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Persist, then reply, then publish; exactly one reply on every path.</summary>
public sealed class RoomCommitSpecs : RoomKit
{
    [Fact]
    public async Task Reply_ShouldLeaveOnlyAfterTheWrite()
    {
        var room = Start();
        Journal.Hold(Keeper);
        room.Tell(Create, Client);
        var write = ExpectWrite();
        Settle(room);
        Assert.False(Client.HasMessages);
        Assert.False(Mediator.HasMessages);

        await write.CommitAsync();

        Client.ExpectMsg(new ChangeAck(2, Changed: true));
    }

    [Fact]
    public async Task Write_ShouldHoldInOneRowWhatArrivedDuringTheOneBefore()
    {
        var room = StartCreated();
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var first = ExpectWrite();
        room.Tell(Post(2), Client);
        room.Tell(new JoinRoom(Room, Bo), Client);
        room.Tell(Post(3, author: Bo), Client);
        Settle(room);
        Assert.False(Keeper.HasMessages); // one write at a time

        await first.CommitAsync();
        var second = ExpectWrite();
        await second.CommitAsync();

        Assert.Equal([3], Row(first).Events.Select(e => e.Seq));
        Assert.Equal([4, 5, 6], Row(second).Events.Select(e => e.Seq));
        Assert.Equal(new PostAck(3, 1, RoomFacts.Start, Duplicate: false), Client.ExpectMsg<PostAck>());
        Assert.Equal(new PostAck(4, 2, RoomFacts.Start, Duplicate: false), Client.ExpectMsg<PostAck>());
        Assert.Equal(new ChangeAck(5, Changed: true), Client.ExpectMsg<ChangeAck>());
        Assert.Equal(new PostAck(6, 3, RoomFacts.Start, Duplicate: false), Client.ExpectMsg<PostAck>());
    }

    [Fact]
    public async Task Write_ShouldBeSplit_WhenARowWouldHoldTooMuch()
    {
        (Options.MaxBatchEvents, Options.MaxBatchBytes) = (3, 1_000);
        var room = StartCreated();
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var first = ExpectWrite();
        foreach (var number in Enumerable.Range(2, 4))
        {
            room.Tell(Post(number), Client);
        }

        room.Tell(Post(6, new string('x', 900)), Client);
        Settle(room);

        var rows = new List<long[]>();
        for (var write = first; ; write = ExpectWrite())
        {
            rows.Add([.. Row(write).Events.Select(e => e.Seq)]);
            await write.CommitAsync();
            if (rows.Sum(row => row.Length) == 6)
            {
                break;
            }
        }

        Assert.Equal([[3], [4, 5, 6], [7], [8]], rows);
        Assert.Equal(Enumerable.Range(3, 6).Select(seq => (long)seq), Enumerable.Range(0, 6).Select(_ => Client.ExpectMsg<PostAck>().Seq));
    }

    [Fact]
    public async Task Publish_ShouldComeWithTheCommit()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var write = ExpectWrite();
        Settle(room);
        Assert.DoesNotContain(Published(), publish => publish.Message is Committed);

        await write.CommitAsync();

        var reply = Client.ExpectMsg<PostAck>();
        Assert.Equal(reply.Seq, Assert.Single(ExpectPublished<Committed>("edge-a").Events).Seq);
    }

    [Fact]
    public void Projection_ShouldBeToldAfterEachCommit()
    {
        var room = StartCreated();
        Projection.ExpectMsg(new ProjectionDriver.RoomMoved(Room));
        Ask<PostAck>(room, Post(1));
        Projection.ExpectMsg(new ProjectionDriver.RoomMoved(Room));
        Ask<PostAck>(room, Post(1)); // nothing new
        Settle(room);
        Assert.False(Projection.HasMessages);
    }

    [Fact]
    public async Task Reply_ShouldWaitForWhatItSpeaksOf_WhenItIsADuplicateOfAWriteInFlight()
    {
        var room = StartCreated();
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        room.Tell(Post(1), Client);
        room.Tell(Post(1, "another"), Client);
        var write = ExpectWrite();
        Settle(room);
        Assert.False(Client.HasMessages);

        await write.CommitAsync();

        Assert.Equal(new PostAck(3, 1, RoomFacts.Start, Duplicate: false), Client.ExpectMsg<PostAck>());
        Assert.Equal(new PostAck(3, 1, RoomFacts.Start, Duplicate: true), Client.ExpectMsg<PostAck>());
        Assert.Equal(NackCode.IdempotencyConflict, Client.ExpectMsg<Nack>().Code);
        Settle(room);
        Assert.False(Keeper.HasMessages);
    }

    [Fact]
    public async Task Command_ShouldBeAnsweredBusyAtOnce_WhenTooManyWait()
    {
        Options.MaxPending = 3;
        var room = StartCreated();
        Journal.Hold(Keeper);
        foreach (var number in Enumerable.Range(1, 5))
        {
            room.Tell(Post(number), Client);
        }

        var first = ExpectWrite();
        var busy = new[] { Client.ExpectMsg<Nack>(), Client.ExpectMsg<Nack>() };
        Assert.All(busy, nack => Assert.Equal(NackCode.Busy, nack.Code));
        Assert.All(busy, nack => Assert.True(nack.RetryAfter > TimeSpan.Zero));

        await first.CommitAsync();
        await ExpectWrite().CommitAsync();
        Assert.Equal([3, 4, 5], Enumerable.Range(0, 3).Select(_ => Client.ExpectMsg<PostAck>().Seq));

        Journal.Open();
        Assert.Equal(new PostAck(6, 4, RoomFacts.Start, Duplicate: false), Ask<PostAck>(room, Post(4))); // nothing of it was kept
    }

    [Fact]
    public void Command_ShouldGetExactlyOneReply_WhateverItIs() => Gen.Int[0, 8].Array[1, 150].ForAll(
        kinds =>
        {
            Options.MaxPending = 20;
            var room = Sys.ActorOf(RoomActor.Props(
                AkkaChat.Messages.Ids.RoomId.New(TimeProvider.System),
                new RoomServices(Options, Time, null!, ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody)));
            var client = CreateTestProbe();
            for (var i = 0; i < kinds.Length; i++)
            {
                room.Tell(Command(kinds[i], i), client);
            }

            var replies = kinds.Select(_ => client.ExpectMsg<IReply>()).ToList();
            StopRoom(room);
            Assert.False(client.HasMessages);
            var seqs = replies.OfType<PostAck>().Where(ack => !ack.Duplicate).Select(ack => ack.Seq).ToList();
            Assert.Equal(seqs.Order(), seqs);
        },
        cases: 40);

    [Fact]
    public void Message_ShouldBeUnhandled_WhenItIsUnknown()
    {
        var room = StartCreated();
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        room.Tell("what", Client);
        Assert.Equal("what", ExpectMsg<UnhandledMessage>().Message);
        Assert.False(Client.HasMessages);
    }

    private static object Command(int kind, int number) => kind switch
    {
        0 => Create,
        1 => new JoinRoom(Room, Bo),
        2 => new LeaveRoom(Room, Bo),
        3 => new WatchRoom(Room, EdgeA),
        4 => new PostMessage(Room, Bo, Cid(RoomFacts.Start, number), "hi", 0),
        5 => new PostMessage(Room, Ana, Cid(RoomFacts.Start, number / 2), "hi", 0),
        6 => new PostMessage(Room, Ana, Guid.NewGuid(), "hi", 0),
        _ => new PostMessage(Room, Ana, Cid(RoomFacts.Start, number), "hi", 0),
    };
}
