using Akka.Cluster.Sharding;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Edge.Relay;
using AkkaChat.Support;

namespace AkkaChat.MultiNode.Tests.Systems;

/// <summary>
/// What the protocol between rooms and edges owes its users where actor systems come, go and lose each other's messages. Real sharding,
/// pub-sub, remoting and PostgreSQL; several systems in this process, so that a link can be cut at the very moment that matters.
/// </summary>
public sealed class ShardedRoomSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private const int RoomCount = 24;

    private static readonly TimeSpan FailOver = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    /// <summary>Rooms are found by their edges and read back in well under a second; a hand-off may take longer than this.</summary>
    private static readonly TimeSpan OnceRemoved = TimeSpan.FromSeconds(5);

    private readonly List<SystemNode> _nodes = [];
    private string _database = "";

    public async Task InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Rebalance_ShouldMoveRoomsToANewNode_WithEverySeqOnce()
    {
        await StartAsync(ChatRoles.Room);
        var edge = await StartAsync(ChatRoles.Edge);
        var rooms = await CreateRoomsAsync(edge);
        using var end = new CancellationTokenSource();
        var talk = rooms.Select(room => room.TalkAsync(edge, end.Token)).ToList();

        var added = await StartAsync(ChatRoles.Room);
        await Eventually.AssertAsync(async () => Assert.True(await added.ShardsAsync() >= 3), FailOver);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await end.CancelAsync();
        await Task.WhenAll(talk);

        foreach (var room in rooms)
        {
            await room.AssertLogAsync(edge);
        }
    }

    [Fact]
    public async Task Watches_ShouldBeTakenAgain_WhenTheirRoomsHaveFailedOver()
    {
        await StartAsync(ChatRoles.Room);
        var second = await StartAsync(ChatRoles.Room);
        var edge = await StartAsync(ChatRoles.Edge);
        var rooms = await CreateRoomsAsync(edge);
        Assert.True(await second.ShardsAsync() > 0);
        var relay = edge.StartRelay();
        var listeners = rooms.Select(room => Attach(relay, room)).ToList();
        await Task.WhenAll(listeners.Select(listener => listener.AttachedAsync()));

        await second.CrashAsync();
        await Task.WhenAll(rooms.Select(room => room.PostAsync(edge)));
        await Task.WhenAll(rooms.Select(room => room.PostAsync(edge)));

        await Task.WhenAll(rooms.Zip(listeners, (room, listener) => listener.HasAllAsync(room.Head, FailOver)));
        await Task.WhenAll(rooms.Select(room => room.AssertLogAsync(edge)));
    }

    /// <summary>
    /// The coordinator never hears that a node which leaves has put its rooms down, since the node is lost meanwhile. It does not wait for
    /// that any longer once the cluster has removed the node.
    /// </summary>
    [Fact]
    public async Task HandOff_ShouldBeGivenUp_WhenTheNodeIsLostInTheMiddleOfIt()
    {
        var coordinator = await StartAsync(ChatRoles.Room);
        var leaving = await StartAsync(ChatRoles.Room);
        var edge = await StartAsync(ChatRoles.Edge);
        var rooms = await CreateRoomsAsync(edge);
        Assert.True(await leaving.ShardsAsync() > 0);

        // The coordinator's first step of the hand-off does not reach the node, which dies before it asks again.
        await coordinator.CutAsync(leaving);
        leaving.Rooms.Tell(GracefulShutdown.Instance, Akka.Actor.ActorRefs.NoSender);
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        await leaving.CrashAsync();
        await coordinator.RemovedAsync(leaving, FailOver);

        await Task.WhenAll(rooms.Select(room => room.PostAsync(edge))).WaitAsync(OnceRemoved);
        await Task.WhenAll(rooms.Select(room => room.AssertLogAsync(edge)));
    }

    /// <summary>Where another message follows, the gap shows; where none does, only the room's head does.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LostBroadcast_ShouldBeRead_WhetherOrNotAnotherFollows(bool anotherFollows)
    {
        var node = await StartAsync(ChatRoles.Room);
        var edge = await StartAsync(ChatRoles.Edge);
        var room = await TalkedIn.CreateAsync(edge);
        var listener = Attach(edge.StartRelay(), room);
        await listener.AttachedAsync();
        await room.PostAsync(edge);
        await listener.HasAllAsync(room.Head, Soon);
        var before = room.Head;

        await node.CutAsync(edge);
        await room.PostAsync(node);
        await room.PostAsync(node);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        await listener.HasAllAsync(before, TimeSpan.Zero);
        await node.MendAsync(edge);
        if (anotherFollows)
        {
            await room.PostAsync(node);
        }

        await listener.HasAllAsync(room.Head, Soon);
    }

    /// <summary>A subscription is known to the rooms' nodes some gossip rounds after it was made; what is said meanwhile reaches nobody.</summary>
    [Fact]
    public async Task EdgeThatHasJustCome_ShouldMissNothingFromItsAttachOn()
    {
        var node = await StartAsync(ChatRoles.Room);
        var rooms = await CreateRoomsAsync(node);
        using var end = new CancellationTokenSource();
        var talk = rooms.Select(room => room.TalkAsync(node, end.Token)).ToList();

        var edge = await StartAsync(ChatRoles.Edge);
        var relay = edge.StartRelay();
        var listeners = rooms.Select(room => Attach(relay, room)).ToList();
        await Task.WhenAll(listeners.Select(listener => listener.AttachedAsync()));
        await Task.Delay(TimeSpan.FromSeconds(1));
        await end.CancelAsync();
        await Task.WhenAll(talk);

        await Task.WhenAll(rooms.Zip(listeners, (room, listener) => listener.HasAllAsync(room.Head, Soon)));
    }

    private static Listener Attach(Akka.Actor.IActorRef relay, TalkedIn room)
    {
        var listener = new Listener(room.Owner.Id);
        relay.Tell(new RelayHub.Attach(room.Id, listener), Akka.Actor.ActorRefs.NoSender);
        return listener;
    }

    private static async Task<IReadOnlyList<TalkedIn>> CreateRoomsAsync(SystemNode through) =>
        await Task.WhenAll(Enumerable.Range(0, RoomCount).Select(_ => TalkedIn.CreateAsync(through)));

    private async Task<SystemNode> StartAsync(string role)
    {
        var node = await SystemNode.StartAsync(role, _database, _nodes.FirstOrDefault());
        _nodes.Add(node);
        return node;
    }
}
