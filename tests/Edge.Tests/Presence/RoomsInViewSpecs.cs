using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Tests.Presence;

/// <summary>What one user does costs their own rooms, however many are in view.</summary>
public sealed class RoomsInViewSpecs
{
    private const int Many = 200;

    private readonly OnlineUsers _online = new();
    private readonly FakeSubscriber _watcher = new(Some.Ana.Id);
    private readonly RoomsInView _rooms;

    public RoomsInViewSpecs()
    {
        _online.SetKnown(true);
        _rooms = new RoomsInView(_online);
        for (var i = 0; i < Many; i++)
        {
            Watch(Room(i), _watcher, Member(i), Member(i + 1));
        }
    }

    [Fact]
    public void UserChanged_ShouldConcernTheUsersRoomsAlone_WhenManyAreInView()
    {
        Assert.Equal(2, _rooms.UserChanged(Member(7), isOnline: true));
        Assert.Equal(0, _rooms.UserChanged(Some.Ben.Id, isOnline: true));

        Assert.Equal(2, _rooms.Flush());
        Assert.Equal(0, _rooms.Flush());
        Assert.Equal([Room(6).Value, Room(7).Value], _watcher.Ephemeral.Select(frame => frame.GetProperty("room").GetString()).Order());
    }

    [Fact]
    public void Remove_ShouldLeaveTheSubscribersRoomsAlone_WhenASocketEnds()
    {
        var other = new FakeSubscriber(Some.Ben.Id);
        Watch(Room(3), other);
        Watch(Room(Many), other, Member(3));

        Assert.Equal(2, _rooms.Remove(other));
        Assert.Equal(0, _rooms.Remove(other));

        // The room that is still in view goes on, the other is forgotten with its members.
        Assert.Equal(2, _rooms.UserChanged(Member(3), isOnline: true));
        _rooms.Flush();
        Assert.Equal(2, _watcher.Ephemeral.Count);
        Assert.Empty(other.Ephemeral);
    }

    [Fact]
    public void UserChanged_ShouldFollowMemberships_WhenTheyChange()
    {
        _rooms.MembershipChanged(Room(9), Some.Ben.Id, isMember: true);
        _rooms.MembershipChanged(Room(9), Some.Ben.Id, isMember: true);
        Assert.Equal(1, _rooms.UserChanged(Some.Ben.Id, isOnline: true));

        _rooms.MembershipChanged(Room(9), Some.Ben.Id, isMember: false);
        Assert.Equal(0, _rooms.UserChanged(Some.Ben.Id, isOnline: false));

        // Nothing has changed on the whole, so there is no news.
        _rooms.Flush();
        Assert.Empty(_watcher.Ephemeral);
    }

    [Fact]
    public void SetMembers_ShouldBeIgnored_WhenTheRoomHasLeftTheViewAndComeBackMeanwhile()
    {
        var before = _rooms.Watch(Some.Room, _watcher, _ => { })!;
        _rooms.Unwatch(Some.Room, _watcher);
        var views = new List<PresenceView>();
        var after = _rooms.Watch(Some.Room, _watcher, views.Add)!;

        _rooms.SetMembers(before, [Some.Ben.Id]);
        Assert.Empty(views);
        _rooms.SetMembers(after, [Some.Ana.Id]);

        Assert.Single(views);
        Assert.Equal(0, _rooms.UserChanged(Some.Ben.Id, isOnline: true));
        Assert.Equal(1, _rooms.UserChanged(Some.Ana.Id, isOnline: true));
    }

    private static RoomId Room(int i) => new($"r_{i:x32}");

    private static UserId Member(int i) => new($"u_{i:x32}");

    private void Watch(RoomId id, FakeSubscriber subscriber, params UserId[] members)
    {
        if (_rooms.Watch(id, subscriber, _ => { }) is { } room)
        {
            _rooms.SetMembers(room, members);
        }
    }
}
