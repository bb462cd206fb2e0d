using Akka.Actor;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>What a room that has recovered may do before a row of its own proves that nobody else writes.</summary>
public sealed class RoomFenceSpecs : RoomKit
{
    public static TheoryData<IRoomCommand> WithoutEvents => new(
        Post(1), // a duplicate
        Post(1, "another"),
        Post(2, author: Bo),
        new JoinRoom(Room, Ana),
        new LeaveRoom(Room, Bo),
        new ChangeTopic(Room, "x", Bo));

    [Fact]
    public void Room_ShouldWriteNothing_WhenItIsOnlyWatched()
    {
        StopRoom(StartCreated());
        Journal.Hold(Keeper);
        for (var starts = 0; starts < 60; starts++)
        {
            var room = Start();
            Assert.Equal(new WatchAck(Room, 2), Ask<WatchAck>(room, new WatchRoom(Room, EdgeA)));
            room.Tell(new NotifyTyping(Room, Ana.Id));
            room.Tell(new UnwatchRoom(Room, EdgeA));
            StopRoom(room);
        }

        Assert.False(Keeper.HasMessages);
    }

    [Theory]
    [MemberData(nameof(WithoutEvents))]
    public async Task Reply_ShouldWaitForAFence_WhenTheRoomHasWrittenNothing(IRoomCommand command)
    {
        var first = StartCreated();
        Ask<PostAck>(first, Post(1));
        StopRoom(first);
        Journal.Hold(Keeper);
        var room = Start();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Published();

        room.Tell(command, Client);
        var fence = ExpectWrite();
        Assert.IsType<RoomFence>(Assert.Single(fence.Entries));
        Settle(room);
        Assert.False(Client.HasMessages);
        await fence.CommitAsync();

        Client.ExpectMsg<IReply>();
        Ask<IReply>(room, command);
        Settle(room);
        Assert.False(Keeper.HasMessages); // one fence for all
        Assert.DoesNotContain(Published(), publish => publish.Message is Committed);
    }

    [Fact]
    public async Task Event_ShouldBeTheFirstRow_WithoutAFence()
    {
        StopRoom(StartCreated());
        Journal.Hold(Keeper);
        var room = Start();
        room.Tell(Post(1), Client);
        room.Tell(new JoinRoom(Room, Ana), Client);

        var write = ExpectWrite();
        Assert.Equal(3, Assert.Single(Row(write).Events).Seq);
        Settle(room);
        Assert.False(Client.HasMessages);
        await write.CommitAsync();

        Assert.Equal(3, Client.ExpectMsg<PostAck>().Seq);
        Client.ExpectMsg<ChangeAck>();
    }

    [Fact]
    public async Task Event_ShouldFollow_WhenItComesDuringTheFence()
    {
        StopRoom(StartCreated());
        Journal.Hold(Keeper);
        var room = Start();
        room.Tell(new JoinRoom(Room, Ana), Client);
        var fence = ExpectWrite();
        room.Tell(Post(1), Client);
        room.Tell(new WatchRoom(Room, EdgeA), Client);
        Assert.Equal(new WatchAck(Room, 2), Client.ExpectMsg<WatchAck>());
        Assert.False(Keeper.HasMessages);
        await fence.CommitAsync();

        Assert.Equal(new ChangeAck(2, Changed: false), Client.ExpectMsg<ChangeAck>());
        var write = ExpectWrite();
        Assert.Equal(3, Assert.Single(Row(write).Events).Seq);
        await write.CommitAsync();
        Assert.Equal(3, Client.ExpectMsg<PostAck>().Seq);
    }

    [Fact]
    public void Room_ShouldLookForOthers_UntilItHasWritten()
    {
        StopRoom(StartCreated());
        var room = Start();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Assert.Equal(new OvertakenRooms.Look(Room, 1), Overtaken.ExpectMsg<OvertakenRooms.Look>());
        Assert.Equal(room, Overtaken.LastSender);

        Ask<PostAck>(room, Post(1));
        Overtaken.ExpectMsg<OvertakenRooms.Forget>();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        StopRoom(room);

        Assert.False(Overtaken.HasMessages);
    }

    [Fact]
    public void Room_ShouldNotBeLookedAt_WhenItHasStopped()
    {
        StopRoom(StartCreated());
        var room = Start();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Overtaken.ExpectMsg<OvertakenRooms.Look>();
        StopRoom(room);
        Overtaken.ExpectMsg<OvertakenRooms.Forget>();
    }

    [Fact]
    public void Room_ShouldRecoverAgain_WhenAnotherHasWritten()
    {
        StopRoom(StartCreated());
        var room = Start();
        Watch(room);
        room.Tell(new OvertakenRooms.Overtaken(2));
        ExpectTerminated(room);
    }

    [Fact]
    public void Room_ShouldStay_WhenTheRowIsItsOwn()
    {
        StopRoom(StartCreated());
        var room = Start();
        Ask<PostAck>(room, Post(1));
        room.Tell(new OvertakenRooms.Overtaken(2));
        Assert.Equal(4, Ask<PostAck>(room, Post(2)).Seq);
    }

    [Fact]
    public async Task Room_ShouldLeaveItToItsWrite_WhenOneIsUnderWay()
    {
        StopRoom(StartCreated());
        Journal.Hold(Keeper);
        var room = Start();
        Watch(room);
        room.Tell(Post(1), Client);
        var write = ExpectWrite();
        room.Tell(new OvertakenRooms.Overtaken(2));
        Settle(room);
        await write.CommitAsync();
        Assert.Equal(3, Client.ExpectMsg<PostAck>().Seq);
        Assert.False(HasMessages);
    }

    [Fact]
    public void Command_ShouldBeAnsweredBusy_WhenTooManyWaitForTheFirstRow()
    {
        StopRoom(StartCreated());
        Options.MaxPending = 50;
        Journal.Hold(Keeper);
        var room = Start();
        for (var number = 1; number <= 120; number++)
        {
            room.Tell(Post(number), Client);
        }

        Settle(room);
        var busy = Enumerable.Range(0, 70).Select(_ => Client.ExpectMsg<Nack>()).ToList();
        Assert.All(busy, nack => Assert.Equal(NackCode.Busy, nack.Code));
        Assert.False(Client.HasMessages);
    }
}
