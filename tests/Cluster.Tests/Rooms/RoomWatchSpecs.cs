using Akka.Actor;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Leases of edges, and what the room tells them.</summary>
public sealed class RoomWatchSpecs : RoomKit
{
    [Fact]
    public void Committed_ShouldReachTheEdgesThatWatch_AndNoOther()
    {
        var room = StartCreated();
        Ask<PostAck>(room, Post(1));
        Settle(room);
        Assert.Empty(Published());

        Assert.Equal(new WatchAck(Room, 3), Ask<WatchAck>(room, new WatchRoom(Room, EdgeA)));
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeB));
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeB)); // twice is once
        Ask<PostAck>(room, Post(2));
        Assert.Equal(["edge-a", "edge-b"], TopicsOfNext(room));

        room.Tell(new UnwatchRoom(Room, EdgeB));
        Ask<PostAck>(room, Post(3));
        Assert.Equal(["edge-a"], TopicsOfNext(room));

        room.Tell(new UnwatchRoom(Room, EdgeA));
        Ask<PostAck>(room, Post(4));
        Assert.Empty(TopicsOfNext(room));
    }

    [Fact]
    public void Lease_ShouldRunOut_WhenTheEdgeDoesNotRenewIt()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeB));
        Settle(room);

        Elapse(room, 20);
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Elapse(room, 16);

        Published();
        Ask<PostAck>(room, Post(1));
        Assert.Equal(["edge-a"], TopicsOfNext(room));
    }

    [Fact]
    public void Lease_ShouldRunOut_WhenOtherEdgesRenewTheirsAllTheTime()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeB));
        for (var second = 0; second < 40; second += 4)
        {
            Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
            Elapse(room, 4);
        }

        Published();
        Ask<PostAck>(room, Post(1));
        Assert.Equal(["edge-a"], TopicsOfNext(room));
    }

    [Fact]
    public void Head_ShouldBeSaidThreeTimes_WhenTheRoomHasGoneQuiet()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Ask<PostAck>(room, Post(1));
        Settle(room);
        Published();

        foreach (var seconds in new[] { 1, 3, 10 })
        {
            Advance(seconds - 0.001);
            Settle(room);
            Assert.Empty(Published());
            Advance(0.001);
            Settle(room);
            Assert.Equal(new Head(Room, 3, 1), Assert.Single(Published()).Message);
        }

        Elapse(room, 25);
        Assert.Empty(Published());
    }

    [Fact]
    public void Head_ShouldWaitForQuiet_WhenThereIsTraffic()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        for (var number = 1; number <= 5; number++)
        {
            Ask<PostAck>(room, Post(number));
            Settle(room);
            Advance(0.9);
            Settle(room);
        }

        Assert.DoesNotContain(Published(), publish => publish.Message is Head);
        Advance(0.1);
        Assert.Equal(new Head(Room, 7, 5), ExpectPublished<Head>("edge-a"));
    }

    [Fact]
    public async Task Head_ShouldSayWhatIsCommitted_WhenAWriteIsInFlight()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        Settle(room);
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var write = ExpectWrite();
        Advance(1);

        Assert.Equal(new Head(Room, 2, 0), ExpectPublished<Head>("edge-a"));
        Assert.Equal(new WatchAck(Room, 2), Ask<WatchAck>(room, new WatchRoom(Room, EdgeB)));

        await write.CommitAsync();
        Client.ExpectMsg<PostAck>();
    }

    [Fact]
    public void Typing_ShouldBePassedOn_WhenItIsAMemberOne()
    {
        var room = StartCreated();
        Ask<WatchAck>(room, new WatchRoom(Room, EdgeA));
        room.Tell(new NotifyTyping(Room, Bo.Id), Client);
        room.Tell(new NotifyTyping(Room, Ana.Id), Client);

        Assert.Equal(new Typing(Room, Ana.Id), ExpectPublished<Typing>("edge-a"));
        Settle(room);
        Assert.False(Mediator.HasMessages);
        Assert.False(Client.HasMessages);
    }

    private List<string> TopicsOfNext(IActorRef room)
    {
        Settle(room);
        var published = Published();
        Assert.All(published, publish => Assert.IsType<Committed>(publish.Message));
        return [.. published.Select(publish => publish.Topic).Order()];
    }

    /// <summary>Second by second, so that periodic timers fire as they would.</summary>
    private void Elapse(IActorRef room, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Advance(1);
            Settle(room);
        }
    }
}
