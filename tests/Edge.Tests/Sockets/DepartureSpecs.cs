using AkkaChat.Edge.Sockets;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>Found by a fault run (C6, seed 101): a leave between the reading of the memberships and that of the events.</summary>
public sealed class DepartureSpecs
{
    private static readonly UserRef Ana = new(new UserId("u_ana"), "ana", "Ana");
    private static readonly UserRef Bob = new(new UserId("u_bob"), "bob", "Bob");

    [Fact]
    public void Cut_ShouldEndWithTheOwnLeaving()
    {
        var events = Departure.Cut([Joined(1, Bob), Left(2, Bob), Left(3, Ana), Joined(4, Bob)], Ana.Id, joined: 0, out var hasLeft);
        Assert.True(hasLeft);
        Assert.Equal([1L, 2, 3], events.Select(e => e.Seq));
    }

    [Fact]
    public void Cut_ShouldKeepAll_WhenAnEarlierMembershipEnds()
    {
        var events = Departure.Cut([Left(1, Ana), Left(2, Bob), Joined(3, Ana), Left(4, Bob)], Ana.Id, joined: 3, out var hasLeft);
        Assert.False(hasLeft);
        Assert.Equal(4, events.Count);
    }

    [Fact]
    public void Cut_ShouldEndWithTheOwnLeaving_WhenTheUserJoinsAgainLater()
    {
        // The user's stream tells of both, and the new membership begins with its own snapshot.
        var events = Departure.Cut([Left(4, Ana), Joined(5, Ana), Left(6, Bob)], Ana.Id, joined: 3, out var hasLeft);
        Assert.True(hasLeft);
        Assert.Equal([4L], events.Select(e => e.Seq));
    }

    [Fact]
    public void Cut_ShouldKeepAll_WhenOthersLeave()
    {
        Departure.Cut([Left(1, Bob)], Ana.Id, joined: 0, out var hasLeft);
        Assert.False(hasLeft);
    }

    private static MemberJoined Joined(long seq, UserRef user) => new(seq, DateTimeOffset.UnixEpoch, user, MemberRole.Member);

    private static MemberLeft Left(long seq, UserRef user) => new(seq, DateTimeOffset.UnixEpoch, user, LeaveReason.Left);
}
