using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>Found by a fault run (C7, seed 101): the edge's retry of a stored message met a room that its author had left meanwhile.</summary>
public sealed class RetryAfterLeavingSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void PostMessage_ShouldAnswerTheFirstSeq_WhenItsAuthorHasLeftSince()
    {
        var room = new RoomId("r_1");
        var ana = new UserRef(new UserId("u_ana"), "ana", "Ana");
        var post = new PostMessage(room, ana, Guid.CreateVersion7(Now), "hi", 0);
        var state = RoomState.Empty;
        state = state.Apply(state.Process(new CreateRoom(room, "Room", "", RoomVisibility.Public, ana), Now).Events);
        state = state.Apply(state.Process(post, Now).Events);
        state = state.Apply(state.Process(new LeaveRoom(room, ana), Now).Events);

        Assert.Equal(new PostAck(3, 1, Now, Duplicate: true), state.Process(post, Now).Reply);
        Assert.Equal(NackCode.Forbidden, Assert.IsType<Nack>(state.Process(post with { ClientId = Guid.CreateVersion7(Now) }, Now).Reply).Code);
    }
}
