using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Support;
using Dapper;

namespace AkkaChat.Persistence.Tests.Consumers;

public sealed class ConsumerOffsetMigrationSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Migration_ShouldKeepTheReadModelsOffsets(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await database.Database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(
                """
                DROP TABLE consumer_offset;
                CREATE TABLE room_offset (room_id text NOT NULL PRIMARY KEY, journal_nr bigint NOT NULL);
                INSERT INTO room_offset (room_id, journal_nr) VALUES ('r_1', 7), ('r_2', 900);
                DELETE FROM schema_migration WHERE ScriptName = '0050_consumer_offset.sql';
                """,
                transaction: transaction),
            CancellationToken.None);

        await database.Migrator.MigrateAsync(CancellationToken.None);

        var offsets = await database.Database.ReadAsync(
            async connection => (await connection.QueryAsync<(string, string, long)>(
                "SELECT room_id, consumer, journal_nr FROM consumer_offset ORDER BY room_id")).AsList(),
            CancellationToken.None);
        Assert.Equal([("r_1", "read-model", 7), ("r_2", "read-model", 900)], offsets);
    }
}
