using Akka.Actor;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>No send is stored ahead of one that its connection has sent before.</summary>
public sealed class RoomOrderSpecs : RoomKit
{
    [Fact]
    public void Post_ShouldBeRefused_WhenItsPredecessorHasNotCome()
    {
        var room = StartCreated();
        Assert.Equal(3, Ask<PostAck>(room, Post(1, order: 1)).Seq);

        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Post(3, order: 3, follows: 2)).Code);
        Assert.Equal(4, Ask<PostAck>(room, Post(2, order: 4)).Seq);
        Assert.Equal(5, Ask<PostAck>(room, Post(3, order: 5, follows: 4)).Seq);
    }

    [Fact]
    public void Post_ShouldBeRefused_WhenItIsLateAndTheSenderHasBegunAgain()
    {
        var room = StartCreated();
        Ask<PostAck>(room, Post(1, order: 3));
        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Post(2, order: 2)).Code);
    }

    [Fact]
    public void Post_ShouldBeRefused_WhenTheRoomHasStartedAgainSinceItsPredecessor()
    {
        var room = StartCreated();
        Ask<PostAck>(room, Post(1, order: 1));
        StopRoom(room);
        room = Start();

        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Post(2, order: 2, follows: 1)).Code);
        Assert.True(Ask<PostAck>(room, Post(1, order: 3)).Duplicate);
        Assert.Equal(4, Ask<PostAck>(room, Post(2, order: 4, follows: 3)).Seq);
    }

    [Fact]
    public void Post_ShouldBeRefused_WhenItsPredecessorWas()
    {
        var room = StartCreated();
        Assert.Equal(NackCode.Invalid, Ask<Nack>(room, Post(1, order: 1, text: " ")).Code);
        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Post(2, order: 2, follows: 1)).Code);
        Assert.Equal(3, Ask<PostAck>(room, Post(2, order: 3)).Seq);
    }

    [Fact]
    public async Task Post_ShouldBeRefused_WhenTheRoomWasTooBusyForItsPredecessor()
    {
        Options.MaxPending = 1;
        var room = StartCreated();
        Journal.Hold(Keeper);
        room.Tell(Post(1, order: 1), Client);
        var write = ExpectWrite();
        Assert.Equal(NackCode.Busy, Ask<Nack>(room, Post(2, order: 2, follows: 1)).Code);
        await write.CommitAsync();
        Client.ExpectMsg<PostAck>();

        Assert.Equal(NackCode.OutOfOrder, Ask<Nack>(room, Post(3, order: 3, follows: 2)).Code);
    }

    private static PostMessage Post(int number, long order, long follows = 0, string text = "hi") =>
        Post(number, text) with { Order = new SendOrder(77, order, follows) };
}
