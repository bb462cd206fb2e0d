using System.Text.Json.Nodes;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Xunit.Abstractions;

namespace AkkaChat.MultiNode.Tests;

[Collection(ClusterCollection.Name)]
public sealed class FailoverSpecs(ClusterFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>G9.</summary>
    private static readonly TimeSpan RoomsBack = TimeSpan.FromSeconds(20);

    private const int RoomCount = 6;

    public Task InitializeAsync() => fixture.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public Task EdgeKilled_ShouldLoseAndDoubleNothing_AndItsClientsResumeOnTheOther() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1, fixture.Edge2);
        var bob = await cast.PersonAsync("bob", fixture.Edge2, fixture.Edge1);
        var room = await Cast.RoomAsync("Edge killed", ana, bob);
        var traffic = new Traffic([(ana, room), (bob, room)]);
        await traffic.RunForAsync(8);

        await fixture.Cluster.Edges[0].KillAsync();
        var gap = await traffic.NextAckEverywhereAsync([room], RoomsBack);
        await ana.SocketAsync();
        await traffic.RunForAsync(8);

        await History.AssertAsync(room, await traffic.StopAsync(), bob.Rest, ana, bob);
        Assert.Equal(2, ana.Connections);
        output.WriteLine($"edge killed: acknowledged again after {gap.TotalSeconds:0.0} s");
    });

    [Fact]
    public Task RoomNodeKilled_ShouldBringItsRoomsBackByItself_WithNothingLostOrDoubled() =>
        fixture.Cluster.WatchAsync(() => KillRoomNodeAsync("youngest", () => fixture.Cluster.YoungestRoom));

    [Fact]
    public Task OldestRoomNodeKilled_ShouldBringItsRoomsBackByItself_WithNothingLostOrDoubled() =>
        fixture.Cluster.WatchAsync(() => KillRoomNodeAsync("oldest", () => fixture.Cluster.OldestRoom));

    [Fact]
    public Task RoomNodeFrozenAndAwake_ShouldNotWriteTwice() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var (ana, bob, rooms) = await TwoPeopleInManyRoomsAsync(cast, "Frozen");
        var traffic = new Traffic(rooms.SelectMany((room, i) => new[] { (i % 2 == 0 ? ana : bob, room) }), TimeSpan.FromMilliseconds(700));
        await traffic.RunForAsync(RoomCount);
        var frozen = fixture.Cluster.YoungestRoom;

        await frozen.SendAsync(Signal.Stop);
        var gap = await traffic.NextAckEverywhereAsync(rooms, RoomsBack);
        await frozen.SendAsync(Signal.Cont);
        await traffic.RunForAsync(RoomCount * 4);

        await AssertAllAsync(rooms, await traffic.StopAsync(), ana, bob);
        output.WriteLine($"room node frozen: every room acknowledged again after {gap.TotalSeconds:0.0} s");
    });

    /// <summary>
    /// A new shard's home has to be written by both room nodes, so that the coordinator waits while one is frozen. What it knows of homes
    /// meanwhile must not outlive the frozen node: an edge that asks in that moment would talk to a dead region until it noticed by itself.
    /// </summary>
    [Fact]
    public Task RoomNodeFrozen_ShouldBringItsRoomsBack_WhileNewRoomsWaitForAHome() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var (ana, bob, rooms) = await TwoPeopleInManyRoomsAsync(cast, "Waiting");
        var traffic = new Traffic(rooms.SelectMany((room, i) => new[] { (i % 2 == 0 ? ana : bob, room) }), TimeSpan.FromMilliseconds(700));
        await traffic.RunForAsync(RoomCount);
        var frozen = fixture.Cluster.YoungestRoom;

        await frozen.SendAsync(Signal.Stop);
        var newcomers = Enumerable.Range(1, 4).Select(i => Patiently.DoAsync(() => ana.Rest.CreateRoomAsync($"Newcomer {i}"))).ToList();
        var gap = await traffic.NextAckEverywhereAsync(rooms, RoomsBack);
        await Task.WhenAll(newcomers);
        await frozen.SendAsync(Signal.Cont);
        await traffic.RunForAsync(RoomCount * 4);

        await AssertAllAsync(rooms, await traffic.StopAsync(), ana, bob);
        output.WriteLine($"room node frozen while rooms are created: every room acknowledged again after {gap.TotalSeconds:0.0} s");
    });

    [Fact]
    public Task RoomNodeAskedToStop_ShouldHandItsRoomsOver_WithNoFailedSend() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var (ana, bob, rooms) = await TwoPeopleInManyRoomsAsync(cast, "Leaving");
        var traffic = new Traffic(rooms.SelectMany((room, i) => new[] { (i % 2 == 0 ? ana : bob, room) }), TimeSpan.FromMilliseconds(700));
        await traffic.RunForAsync(RoomCount);

        var leaving = fixture.Cluster.YoungestRoom;
        var stopping = leaving.StopAsync();
        var gap = await traffic.NextAckEverywhereAsync(rooms, TimeSpan.FromSeconds(20));
        await stopping;

        await traffic.RunForAsync(RoomCount);
        var acked = await traffic.StopAsync();
        await AssertAllAsync(rooms, acked, ana, bob);
        Assert.Equal(0, leaving.ExitCode);
        output.WriteLine($"room node stopped: all rooms twice within {gap.TotalSeconds:0.0} s, slowest send {acked.Max(a => a.Took).TotalSeconds:0.0} s");
    });

    [Fact]
    public Task EdgeAskedToStop_ShouldSendItsClientsToTheOther_AndEndByItself() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1, fixture.Edge2);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("Draining", ana, bob);
        var aside = await Cast.RoomAsync("Aside", ana);
        var traffic = new Traffic([(ana, room), (bob, room)]);
        await traffic.RunForAsync(6);

        var leaving = await ana.SocketAsync();
        var stopping = fixture.Cluster.Edges[0].StopAsync();
        await ana.EventAsync("server.draining", _ => true);
        // The hint comes while the edge still has its cluster.
        var reply = await leaving.RequestAsync("message.send", aside, new JsonObject { ["cid"] = ana.NewCid(), ["text"] = "Not yet gone" });
        Assert.False(reply.GetProperty("dup").GetBoolean());
        await stopping;
        await ana.SocketAsync();
        await traffic.RunForAsync(6);

        await History.AssertAsync(room, await traffic.StopAsync(), bob.Rest, ana, bob);
        Assert.True(ana.CloseCodes.TryDequeue(out var code));
        Assert.True(code is 1001 or 1012, $"closed with {code?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nothing"}");
        Assert.Equal(0, fixture.Cluster.Edges[0].ExitCode);
    });

    [Fact]
    public Task SameCid_ShouldAnswerTheFirstSeq_WhenItsRoomHasMovedMeanwhile() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var (ana, bob, rooms) = await TwoPeopleInManyRoomsAsync(cast, "Dedup");
        var first = new Dictionary<string, (string Cid, Sent Sent)>();
        foreach (var room in rooms)
        {
            var cid = ana.NewCid();
            first[room] = (cid, await ana.SendAsync(room, $"once in {room}", cid));
        }

        await fixture.Cluster.YoungestRoom.KillAsync();

        foreach (var room in rooms)
        {
            Assert.Equal(first[room].Sent with { Dup = true }, await ana.SendAsync(room, $"once in {room}", first[room].Cid));
            var conflict = await Assert.ThrowsAsync<ChatException>(() => ana.SendOnceAsync(room, "something else", first[room].Cid));
            Assert.Equal("idempotency_conflict", conflict.Code);
        }

        await AssertAllAsync(rooms, [], ana, bob);
    });

    [Fact]
    public Task EveryNodeKilledAfterAnAcknowledgement_ShouldHaveItAfterTheRestart() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1, fixture.Edge2);
        var room = await Cast.RoomAsync("Power cut", ana);
        for (var i = 0; i < 5; i++)
        {
            await ana.SendAsync(room, $"before {i}");
        }

        var cid = ana.NewCid();
        var last = await ana.SendAsync(room, "the last word", cid);
        await Task.WhenAll(fixture.Cluster.Rooms.Concat(fixture.Cluster.Edges).Select(node => node.KillAsync()));
        await fixture.Cluster.HealAsync();

        Assert.Equal(last with { Dup = true }, await ana.SendAsync(room, "the last word", cid));
        await ana.SendAsync(room, "after");
        await History.AssertAsync(room, [new Acked(room, ana.UserId, cid, "the last word", last, default)], ana.Rest, ana);
    });

    private async Task KillRoomNodeAsync(string which, Func<NodeProcess> node)
    {
        await using var cast = new Cast();
        var (ana, bob, rooms) = await TwoPeopleInManyRoomsAsync(cast, which);
        var traffic = new Traffic(rooms.SelectMany((room, i) => new[] { (i % 2 == 0 ? ana : bob, room) }), TimeSpan.FromMilliseconds(700));
        await traffic.RunForAsync(RoomCount);

        await node().KillAsync();
        var gap = await traffic.NextAckEverywhereAsync(rooms, RoomsBack);
        await traffic.RunForAsync(RoomCount);

        await AssertAllAsync(rooms, await traffic.StopAsync(), ana, bob);
        output.WriteLine($"{which} room node killed: every room acknowledged again after {gap.TotalSeconds:0.0} s");
    }

    /// <summary>Enough rooms that each room node has some.</summary>
    private async Task<(ChatClient Ana, ChatClient Bob, IReadOnlyList<string> Rooms)> TwoPeopleInManyRoomsAsync(Cast cast, string name)
    {
        var ana = await cast.PersonAsync("ana", fixture.Edge1, fixture.Edge2);
        var bob = await cast.PersonAsync("bob", fixture.Edge2, fixture.Edge1);
        var rooms = new List<string>();
        for (var i = 1; i <= RoomCount; i++)
        {
            rooms.Add(await Cast.RoomAsync($"{name} {i}", ana, bob));
        }

        return (ana, bob, rooms);
    }

    private static async Task AssertAllAsync(IEnumerable<string> rooms, IEnumerable<Acked> acked, ChatClient ana, ChatClient bob)
    {
        foreach (var room in rooms)
        {
            await History.AssertAsync(room, acked, ana.Rest, ana, bob);
        }
    }
}
