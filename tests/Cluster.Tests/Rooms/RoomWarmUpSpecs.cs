using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;
using AkkaChat.Support;
using Dapper;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Cluster.Tests.Rooms.RoomNode;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class RoomWarmUpSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Run_ShouldWriteAndRecover_AndLeaveNothing(string provider)
    {
        await using var database = await RoomDatabase.CreateAsync(provider, postgres);
        await using var node = new RoomNode(database.Database);

        await RoomWarmUp.RunAsync(node.System, node.Services, new JournalScratch(database.Database));

        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM journal"));
        // A room, a message, and of the second incarnation a message and a leave: the numbers are used up.
        var room = RoomId.New(TimeProvider.System);
        await AskAsync<ChangeAck>(node.Start(room), new CreateRoom(room, "Real", "", RoomVisibility.Public, Ana));
        Assert.Equal(5, await CountAsync(database, "SELECT max(ordering) FROM journal"));
    }

    [Fact]
    public async Task Remove_ShouldRefuse_WhenTheIdIsARooms()
    {
        await using var database = await RoomDatabase.CreateAsync("sqlite", postgres);
        await Assert.ThrowsAsync<ArgumentException>(
            () => new JournalScratch(database.Database).RemoveAsync(RoomId.New(TimeProvider.System), CancellationToken.None));
    }

    private static async Task<long> CountAsync(RoomDatabase database, string sql)
    {
        await using var connection = database.NewJournalConnection();
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
