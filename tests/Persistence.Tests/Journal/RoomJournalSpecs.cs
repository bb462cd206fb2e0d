using Akka.Persistence;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Persistence.Tests.ReadModel;
using AkkaChat.Support;
using Dapper;
using LinqToDB.Data;

namespace AkkaChat.Persistence.Tests.Journal;

public sealed class RoomJournalSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly UserRef Ana = RoomScript.User("ana");

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldFail_WhenAnotherIncarnationTookThePlace(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await using var first = new JournalNode(database.Database);
        await using var second = new JournalNode(database.Database);
        var script = new RoomScript();
        await first.WriteAsync(script.Id, script.Create(Ana).Take());
        await first.RecoverAsync(script.Id);
        await second.RecoverAsync(script.Id); // both stand at row 1 now

        var claimed = await second.WriteAsync(script.Id, new RoomFence("second", TimeProvider.System.GetUtcNow()));
        var stale = script.Post(Ana).Take();

        Assert.Equal(2, claimed);
        await Assert.ThrowsAnyAsync<Exception>(() => first.WriteAsync(script.Id, stale));
        Assert.Equal(3, await second.WriteAsync(script.Id, stale));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Recovery_ShouldReplayEverything_WhenARoomMovedForthAndBack(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await using var first = new JournalNode(database.Database);
        await using var second = new JournalNode(database.Database);
        var script = new RoomScript();
        script.Create(Ana);
        foreach (var node in new[] { first, second, first, second, first })
        {
            await node.WriteAsync(script.Id, new RoomFence("x", TimeProvider.System.GetUtcNow()));
            await node.WriteAsync(script.Id, script.Post(Ana).Take());
            await node.StopAsync(script.Id);
        }

        var recovered = await second.RecoverAsync(script.Id);

        Assert.Equal(10, recovered.LastNr);
        Assert.Equal(script.Events, recovered.Entries.OfType<RoomEventBatch>().SelectMany(batch => batch.Events), RoomEvents.Comparer);
    }

    /// <summary>
    /// A circuit breaker that is half open throws out of Akka's snapshot store, which starts again and has forgotten who asked: the room
    /// would wait for 20 s.
    /// </summary>
    [Fact]
    public async Task Snapshots_ShouldAllBeAnswered_WhenTheDatabaseIsBack()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        await using var node = new JournalNode(database.Database);
        await ExecuteAsync("ALTER TABLE snapshot RENAME TO gone");
        Assert.All(await node.LoadSnapshotsAsync(30), answer => Assert.IsType<LoadSnapshotFailed>(answer));
        await ExecuteAsync("ALTER TABLE gone RENAME TO snapshot");
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // a breaker that opened would be half open now

        Assert.All(await node.LoadSnapshotsAsync(30), answer => Assert.IsType<LoadSnapshotResult>(answer));

        Task ExecuteAsync(string sql) => database.Database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), CancellationToken.None);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Snapshot_ShouldRoundTrip_AndNumberingGoOnBehindIt(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await using var node = new JournalNode(database.Database);
        var script = new RoomScript();
        await node.WriteAsync(script.Id, script.Create(Ana).Take());
        await node.WriteAsync(script.Id, script.Post(Ana).Take());
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_123);
        var snapshot = new RoomSnapshot(
            3, 1, "room", "", RoomVisibility.Public, time,
            [new RoomMember(Ana, MemberRole.Owner, 2)], [new SeenMessage(Ana.Id, Guid.CreateVersion7(), 3, 1, time, 42)], time,
            LinkCardsOff: true, [new LinkedMessage(3, true)], 2);
        await node.SaveSnapshotAsync(script.Id, snapshot);
        await node.StopAsync(script.Id);

        var recovered = await node.RecoverAsync(script.Id);
        var next = await node.WriteAsync(script.Id, script.Post(Ana).Take());

        Assert.NotNull(recovered.Snapshot);
        Assert.Equal(snapshot.Members, recovered.Snapshot.Members);
        Assert.Equal(snapshot.Seen, recovered.Snapshot.Seen);
        Assert.Equal(snapshot.SeenFloor, recovered.Snapshot.SeenFloor);
        Assert.Equal(snapshot.Linked, recovered.Snapshot.Linked);
        Assert.Equal((true, 2), (recovered.Snapshot.LinkCardsOff, recovered.Snapshot.LinkFloor));
        Assert.Empty(recovered.Entries);
        Assert.Equal(3, next);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task AssertAsync_ShouldThrow_WhenTheUniqueKeyIsGone(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await JournalFence.AssertAsync(database.Database);

        await RemoveKeyAsync(database.Database);

        await Assert.ThrowsAsync<JournalFenceException>(() => JournalFence.AssertAsync(database.Database));
    }

    [Fact]
    public async Task AssertAsync_ShouldThrow_WhenTheKeyIsDeferrableOrPartial()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        await RemoveKeyAsync(database.Database);
        await using var connection = await database.Database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("ALTER TABLE journal ADD UNIQUE (persistence_id, sequence_number) DEFERRABLE INITIALLY DEFERRED");
        await connection.ExecuteAsync("CREATE UNIQUE INDEX ON journal (persistence_id, sequence_number) WHERE NOT deleted");
        await connection.ExecuteAsync("CREATE UNIQUE INDEX ON journal (persistence_id, sequence_number, ordering)");

        await Assert.ThrowsAsync<JournalFenceException>(() => JournalFence.AssertAsync(database.Database));
    }

    [Fact]
    public async Task PluginConnection_ShouldBeDurable_OnSqlite()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("sqlite", postgres);
        foreach (var file in new[] { database.Database.JournalConnectionString, database.Database.SnapshotConnectionString })
        {
            // As the plugin does it: open by beginning a transaction.
            await using var connection = new DataConnection(RoomJournal.DataOptions(database.Database, file));
            await using var transaction = await connection.BeginTransactionAsync();

            Assert.Equal("wal", await connection.ExecuteAsync<string>("PRAGMA journal_mode"));
            Assert.Equal(2, await connection.ExecuteAsync<int>("PRAGMA synchronous"));
            Assert.Equal(5000, await connection.ExecuteAsync<int>("PRAGMA busy_timeout")); // 0 where nobody sets it
        }
    }

    private static async Task RemoveKeyAsync(IDatabase database)
    {
        if (database.Provider == DatabaseProvider.Postgres)
        {
            await using var connection = await database.OpenAsync(CancellationToken.None);
            await connection.ExecuteAsync("ALTER TABLE journal DROP CONSTRAINT journal_fence");
        }
        else
        {
            await using var connection = new Microsoft.Data.Sqlite.SqliteConnection(database.JournalConnectionString);
            await connection.OpenAsync();
            await connection.ExecuteAsync(
                """
                CREATE TABLE copy AS SELECT * FROM journal; DROP TABLE journal; ALTER TABLE copy RENAME TO journal;
                CREATE UNIQUE INDEX half ON journal (persistence_id, sequence_number) WHERE deleted = 0;
                """);
        }
    }
}
