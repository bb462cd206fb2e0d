using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using Dapper;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Cluster.Tests.Rooms.RoomNode;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Rooms on the journals that are deployed.</summary>
public sealed class RoomTakeOverSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private readonly RoomId _room = RoomId.New(TimeProvider.System);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldFail_WhenAnotherIncarnationHasTakenOver(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var left = new RoomNode(database.Database);
        await using var right = new RoomNode(database.Database);
        var first = left.Start(_room);
        await AskAsync<ChangeAck>(first, Create());
        await AskAsync<PostAck>(first, Post(1));

        var second = right.Start(_room);
        await AskAsync<WatchAck>(second, new WatchRoom(_room, new EdgeId("a"))); // the fence is committed
        var nack = await AskAsync<Nack>(first, Post(2));

        Assert.Equal(NackCode.Unavailable, nack.Code);
        await left.ExpectTerminatedAsync(first);
        var retried = await AskAsync<PostAck>(second, Post(2));
        Assert.Equal((4, 2, false), (retried.Seq, retried.N, retried.Duplicate));
        Assert.True((await AskAsync<PostAck>(second, Post(1))).Duplicate);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldBeOfOneIncarnation_WhenTwoRaceForANewRoom(string provider)
    {
        // An empty journal has no fence: the first row decides.
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var left = new RoomNode(database.Database);
        await using var right = new RoomNode(database.Database);
        var rooms = new[] { left.Start(_room), right.Start(_room) };
        foreach (var room in rooms)
        {
            await AskAsync<Nack>(room, Post(1)); // both have recovered nothing
        }

        await AskAsync<ChangeAck>(rooms[0], Create());
        Assert.Equal(NackCode.Unavailable, (await AskAsync<Nack>(rooms[1], Create())).Code);

        await right.ExpectTerminatedAsync(rooms[1]);
        Assert.Equal(3, (await AskAsync<PostAck>(rooms[0], Post(1))).Seq);
    }

    /// <summary>
    /// A node that is cut off between its insert and its commit holds a lock on the very row that the next incarnation must write.
    /// </summary>
    [Fact]
    public async Task Room_ShouldTakeOver_WhenAVanishedNodeHasItsNextRowOpen()
    {
        await using var database = await RoomDatabase.CreateAsync("postgres", postgres);
        await using var node = new RoomNode(database.Database);
        var first = node.Start(_room);
        await AskAsync<ChangeAck>(first, Create());
        await node.StopAsync(first);
        await using var vanished = await database.Database.OpenAsync(CancellationToken.None);
        await using var transaction = await vanished.BeginTransactionAsync();
        await vanished.ExecuteAsync(
            "INSERT INTO journal (persistence_id, sequence_number, message, manifest, identifier, created, deleted) "
            + "SELECT persistence_id, sequence_number + 1, message, manifest, identifier, created, deleted FROM journal",
            transaction: transaction);

        var next = node.Start(_room);

        Assert.Equal(3, (await AskAsync<PostAck>(next, Post(1))).Seq);
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => transaction.CommitAsync());
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Room_ShouldGoOnElsewhere_WhereItWasLeft(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        var options = new RoomOptions { SnapshotEvery = 10 };
        await using var left = new RoomNode(database.Database, options);
        await using var right = new RoomNode(database.Database, options);
        var acks = new List<PostAck>();
        var nodes = new[] { left, right, left };
        foreach (var node in nodes)
        {
            var room = node.Start(_room);
            await AskAsync<ChangeAck>(room, Create());
            var sent = await Task.WhenAll(Enumerable.Range(acks.Count + 1, 25).Select(number => AskAsync<PostAck>(room, Post(number))));
            acks.AddRange(sent);
            await node.StopAsync(room);
        }

        var last = right.Start(_room);
        var again = await Task.WhenAll(Enumerable.Range(1, acks.Count).Select(number => AskAsync<PostAck>(last, Post(number))));

        Assert.Equal(acks.Select(ack => ack with { Duplicate = true }), again);
        Assert.Equal(Enumerable.Range(3, 75).Select(seq => (long)seq), acks.Select(ack => ack.Seq));
        Assert.Equal(acks[^1].Seq, (await AskAsync<WatchAck>(last, new WatchRoom(_room, new EdgeId("a")))).Seq);
    }

    private CreateRoom Create() => new(_room, "général 🦊", "", RoomVisibility.Public, Ana);

    private PostMessage Post(int number) => new(_room, Ana, Cid(_now, number), $"nummer {number} é👋", 0);
}
