using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using Dapper;

namespace AkkaChat.Persistence.Tests.ReadModel;

public sealed class PostgresNewerVersionSpecs(PostgresFixture postgres) : NewerVersionSpecs("postgres", postgres);

public sealed class SqliteNewerVersionSpecs(PostgresFixture postgres) : NewerVersionSpecs("sqlite", postgres);

/// <summary>In a rolling upgrade an older node meets what a newer one has written.</summary>
public abstract class NewerVersionSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private static readonly UserRef Ben = RoomScript.User("ben");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    /// <summary>The older node's rows would be without it for ever.</summary>
    [Fact]
    public async Task CatchUp_ShouldLeaveARowToANewerNode_WhenItHasFieldsThatThisOneDoesNotKnow()
    {
        var script = new RoomScript().Create(Ana).Post(Ana);
        await _node.CommitAndCatchUpAsync(script);
        script.Post(Ben);
        await _node.CommitAsync(script);
        var row = await _node.Database.WithJournalAsync(
            journal => journal.QuerySingleAsync<(long Nr, byte[] Message)>(
                "SELECT sequence_number, message FROM journal WHERE persistence_id = @id ORDER BY sequence_number DESC LIMIT 1", new { id = script.Id.Value }),
            default);
        await SetAsync([.. row.Message, 0xC0, 0x3E, 0x01]);

        await Assert.ThrowsAsync<InvalidDataException>(() => _node.Consumers.CatchUpAsync(script.Id));

        Assert.Equal((script.Seq - 1, script.N - 1), await ProjectedAsync(script));
        Assert.Equal([script.Id], await _node.Consumers.FindLaggingAsync(10));
        await SetAsync(row.Message); // which is what a newer node makes of it
        await _node.Consumers.CatchUpAsync(script.Id);
        Assert.Equal((script.Seq, script.N), await ProjectedAsync(script));

        Task SetAsync(byte[] message) => _node.Database.WithJournalAsync(
            journal => journal.ExecuteAsync(
                "UPDATE journal SET message = @message WHERE persistence_id = @id AND sequence_number = @nr", new { message, id = script.Id.Value, nr = row.Nr }),
            default);
    }

    [Fact]
    public async Task Stream_ShouldGoOn_WhereAnEventIsOfAnUnknownKind()
    {
        var script = new RoomScript().Create(Ana).Join(Ben).Leave(Ben).Join(Ben);
        await _node.CommitAndCatchUpAsync(script);
        await _node.Database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                "UPDATE user_event SET kind = 999 WHERE user_id = @id AND useq = 2", new { id = Ben.Id.Value }, transaction),
            default);

        var page = await _node.Stream.ReadAsync(Ben.Id, 0, 500);

        Assert.Collection(
            page.Events,
            e => Assert.IsType<MembershipAdded>(e),
            e => Assert.Equal(2, Assert.IsType<UnknownUserEvent>(e).UserSeq),
            e => Assert.IsType<MembershipAdded>(e));
    }

    private async Task<(long Seq, long N)> ProjectedAsync(RoomScript script) => await _node.Database.ReadAsync(
        connection => connection.QuerySingleAsync<(long, long)>("SELECT head_seq, head_n FROM room WHERE id = @id", new { id = script.Id.Value }),
        default);
}
