using Akka.Actor;
using Akka.Cluster.Sharding;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Ids of rooms that do not exist: anyone can make them up.</summary>
public sealed class RoomAbsenceSpecs : RoomKit
{
    public static TheoryData<ICommand> Commands => new(
        Post(1),
        new JoinRoom(Room, Bo),
        new LeaveRoom(Room, Bo),
        new WatchRoom(Room, EdgeA),
        new EditMessage(Room, 3, "x", Bo),
        new SetReaction(Room, 3, "👍", On: true, Bo),
        new ChangeTopic(Room, "x", Bo));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Room_ShouldAskItsShardToStopIt_WhenItDoesNotExist(ICommand command)
    {
        // As in production: the shard has a supervisor, which has the room.
        var shard = CreateTestProbe("shard");
        var supervisor = shard.ChildActorOf(Props.Create(() => new Supervisor(RoomProps())), "supervisor");
        supervisor.Tell(command, Client);

        Assert.Equal(NackCode.NotFound, Client.ExpectMsg<Nack>().Code);
        Assert.Same(RoomActor.Stop.Instance, shard.ExpectMsg<Passivate>().StopMessage);
        Assert.Equal(supervisor, shard.LastSender);
        Assert.False(HasLookUps);
    }

    [Fact]
    public void Room_ShouldStay_WhenItExists()
    {
        var shard = CreateTestProbe("shard");
        var supervisor = shard.ChildActorOf(Props.Create(() => new Supervisor(RoomProps())), "supervisor");
        supervisor.Tell(Create, Client);
        Client.ExpectMsg<ChangeAck>();

        supervisor.Tell(new EditMessage(Room, 1, "x", Ana), Client);
        ExpectMessageLookUp();

        Assert.False(shard.HasMessages);
    }

    private sealed class Supervisor : ReceiveActor
    {
        public Supervisor(Props room)
        {
            var child = Context.ActorOf(room, "room");
            ReceiveAny(child.Forward);
        }
    }
}
