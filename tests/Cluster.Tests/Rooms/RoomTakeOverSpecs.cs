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
        Assert.True((await AskAsync<PostAck>(second, Post(1))).Duplicate); // the fence is committed
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

    /// <summary>What was written after the recovery is not in the state that would answer.</summary>
    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Reply_ShouldNotBeGiven_WhenAnotherIncarnationHasWrittenSince(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var left = new RoomNode(database.Database);
        await using var right = new RoomNode(database.Database);
        var first = left.Start(_room);
        await AskAsync<ChangeAck>(first, Create());
        await AskAsync<ChangeAck>(first, new JoinRoom(_room, Bo));
        var second = right.Start(_room);
        await AskAsync<WatchAck>(second, new WatchRoom(_room, new EdgeId("a")));
        await AskAsync<ChangeAck>(first, new LeaveRoom(_room, Bo));

        // As far as the second knows he is in the room.
        Assert.Equal(NackCode.Unavailable, (await AskAsync<Nack>(second, new JoinRoom(_room, Bo))).Code);

        await right.ExpectTerminatedAsync(second);
        Assert.Equal(new ChangeAck(5, Changed: true), await AskAsync<ChangeAck>(right.Start(_room), new JoinRoom(_room, Bo)));
    }

    /// <summary>A room that has written nothing finds out by itself, so those who watch it see what the other one has written.</summary>
    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Room_ShouldRecoverAgain_WhenItIsOnlyWatchedAndAnotherWrites(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var left = new RoomNode(database.Database);
        await using var right = new RoomNode(database.Database);
        var first = left.Start(_room);
        await AskAsync<ChangeAck>(first, Create());
        var second = right.Start(_room);
        Assert.Equal(2, (await AskAsync<WatchAck>(second, new WatchRoom(_room, new EdgeId("a")))).Seq);

        await AskAsync<PostAck>(first, Post(1));

        await right.ExpectTerminatedAsync(second);
        Assert.Equal(3, (await AskAsync<WatchAck>(right.Start(_room), new WatchRoom(_room, new EdgeId("a")))).Seq);
        Assert.Equal(4, (await AskAsync<PostAck>(first, Post(2))).Seq); // nobody has taken over
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Journal_ShouldNotGrow_WhenARoomIsWokenByThoseWhoWatchIt(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var node = new RoomNode(database.Database);
        var first = node.Start(_room);
        await AskAsync<ChangeAck>(first, Create());
        await node.StopAsync(first);
        var before = await SizeAsync(database);

        for (var wakings = 0; wakings < 200; wakings++)
        {
            var room = node.Start(_room);
            Assert.Equal(2, (await AskAsync<WatchAck>(room, new WatchRoom(_room, new EdgeId("a")))).Seq);
            await node.StopAsync(room);
        }

        Assert.Equal(before, await SizeAsync(database));
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

    private static async Task<(long Rows, long Bytes)> SizeAsync(RoomDatabase database)
    {
        await using var journal = database.NewJournalConnection();
        return await journal.QuerySingleAsync<(long, long)>("SELECT count(*), CAST(sum(length(message)) AS bigint) FROM journal");
    }

    private CreateRoom Create() => new(_room, "général 🦊", "", RoomVisibility.Public, Ana);

    private PostMessage Post(int number) => new(_room, Ana, Cid(_now, number), $"nummer {number} é👋", 0);
}
