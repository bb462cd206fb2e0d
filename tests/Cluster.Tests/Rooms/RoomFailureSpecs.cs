using Akka.Actor;
using AkkaChat.Cluster.Tests.Support;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Writes that fail, and ends that are asked for.</summary>
public sealed class RoomFailureSpecs : RoomKit
{
    public enum Ending
    {
        Failed,
        Rejected,
        Unknown,
    }

    [Theory]
    [InlineData(Ending.Failed)]
    [InlineData(Ending.Rejected)]
    [InlineData(Ending.Unknown)]
    public async Task Write_ShouldAnswerAllUnavailableAndEndTheRoom_WhenItIsNotConfirmed(Ending ending)
    {
        var room = StartCreated();
        Watch(room);
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        var write = ExpectWrite();
        room.Tell(Post(2), Client);
        room.Tell(new JoinRoom(Room, Bo), Client);
        room.Tell(Post(1), Client); // waits with the rest
        Settle(room);

        await EndAsync(write, ending);

        var nacks = Enumerable.Range(0, 4).Select(_ => Client.ExpectMsg<Nack>()).ToList();
        Assert.All(nacks, nack => Assert.Equal(NackCode.Unavailable, nack.Code));
        ExpectTerminated(room);
        Assert.False(Client.HasMessages);
        Assert.DoesNotContain(Published(), publish => publish.Message is Committed);
    }

    [Theory]
    [InlineData(Ending.Failed, false)]
    [InlineData(Ending.Rejected, false)]
    [InlineData(Ending.Unknown, true)]
    public async Task Retry_ShouldSettleWhatBecameOfTheWrite(Ending ending, bool wasWritten)
    {
        var room = StartCreated();
        Watch(room);
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        await EndAsync(ExpectWrite(), ending);
        Client.ExpectMsg<Nack>();
        ExpectTerminated(room);
        Journal.Open();

        var again = Start();

        Assert.Equal(new PostAck(3, 1, RoomFacts.Start, wasWritten), Ask<PostAck>(again, Post(1)));
        Assert.Equal(new PostAck(4, 2, RoomFacts.Start, Duplicate: false), Ask<PostAck>(again, Post(2)));
    }

    [Theory]
    [InlineData(Ending.Failed)]
    [InlineData(Ending.Rejected)]
    public async Task Fence_ShouldAnswerAllUnavailableAndEndTheRoom_WhenItIsNotConfirmed(Ending ending)
    {
        StopRoom(StartCreated());
        Journal.Hold(Keeper);
        var room = Start();
        Watch(room);
        room.Tell(new JoinRoom(Room, Ana), Client); // has joined long since
        room.Tell(Post(1), Client);
        var write = ExpectWrite();
        Assert.IsType<RoomFence>(Assert.Single(write.Entries));
        Settle(room);

        await EndAsync(write, ending);

        Assert.Equal(NackCode.Unavailable, Client.ExpectMsg<Nack>().Code);
        Assert.Equal(NackCode.Unavailable, Client.ExpectMsg<Nack>().Code);
        ExpectTerminated(room);
        Assert.False(Client.HasMessages);
    }

    [Fact]
    public async Task Stop_ShouldWaitForTheWritesUnderWay()
    {
        var room = StartCreated();
        Watch(room);
        Journal.Hold(Keeper);
        room.Tell(Post(1), Client);
        room.Tell(Post(2), Client);
        room.Tell(RoomActor.Stop.Instance);
        Settle(room);
        Assert.False(HasMessages);

        await ExpectWrite().CommitAsync();
        Client.ExpectMsg<PostAck>();
        await ExpectWrite().CommitAsync();

        Client.ExpectMsg<PostAck>();
        ExpectTerminated(room);
    }

    [Fact]
    public void Stop_ShouldEndTheRoom_WhenNothingIsUnderWay() => StopRoom(StartCreated());

    [Fact]
    public void Stop_ShouldEndTheRoom_WhenItWasNeverMade() => StopRoom(Start());

    private static async Task EndAsync(HeldWrite write, Ending ending)
    {
        var cause = new IOException("The disk is full.");
        switch (ending)
        {
            case Ending.Failed:
                write.Fail(cause);
                break;
            case Ending.Rejected:
                write.Reject(cause);
                break;
            default:
                await write.CommitAndFailAsync(cause);
                break;
        }
    }
}
