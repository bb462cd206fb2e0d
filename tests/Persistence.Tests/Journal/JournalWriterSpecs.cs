using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Support;
using Dapper;
using JournalWriter = AkkaChat.Persistence.Journal.JournalWriter;

namespace AkkaChat.Persistence.Tests.Journal;

public sealed class JournalWriterSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldFailAlone_WhenItIsFencedAmongOthers(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var writer = new JournalWriter(database.Database);
        await writer.WriteAsync([Row("r_50", 1)]);

        var writes = Enumerable.Range(0, 100).Select(i => writer.WriteAsync([Row($"r_{i}", 1)])).ToList();
        var failed = new List<int>();
        for (var i = 0; i < writes.Count; i++)
        {
            try
            {
                await writes[i].WaitAsync(Eventually.DefaultTimeout);
            }
            catch (Exception e) when (DataErrors.IsCausedByData(e))
            {
                failed.Add(i);
            }
        }

        Assert.Equal([50], failed);
        Assert.Equal(100, await CountAsync(database.Database));
        writer.Complete();
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldWriteNothing_WhenOneOfItsRowsIsFenced(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var writer = new JournalWriter(database.Database);
        await writer.WriteAsync([Row("r_a", 2)]);

        await Assert.ThrowsAnyAsync<Exception>(() => writer.WriteAsync([Row("r_a", 1), Row("r_a", 2), Row("r_a", 3)]));

        Assert.Equal(1, await CountAsync(database.Database));
        await writer.WriteAsync([Row("r_a", 1), Row("r_a", 3)]);
        Assert.Equal(3, await CountAsync(database.Database));
        writer.Complete();
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Write_ShouldSucceedAgain_WhenTheTableIsBack(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var writer = new JournalWriter(database.Database);
        await writer.WriteAsync([Row("r_a", 1)]);
        await ExecuteAsync(database.Database, "ALTER TABLE journal RENAME TO gone");
        await Assert.ThrowsAnyAsync<Exception>(() => writer.WriteAsync([Row("r_a", 2)]));
        await ExecuteAsync(database.Database, "ALTER TABLE gone RENAME TO journal");

        await writer.WriteAsync([Row("r_a", 2)]).WaitAsync(Eventually.DefaultTimeout);

        Assert.Equal(2, await CountAsync(database.Database));
        writer.Complete();
    }

    [Fact]
    public async Task Write_ShouldFailAtOnce_WhenTheJournalHasEnded()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        var writer = new JournalWriter(database.Database);
        var last = writer.WriteAsync([Row("r_a", 1)]);
        writer.Complete();

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync([Row("r_a", 2)]));

        await last.WaitAsync(Eventually.DefaultTimeout); // what waited is still written
        Assert.Equal(1, await CountAsync(database.Database));
    }

    private static JournalRow Row(string room, long nr) => new(room, nr, [1, 2, 3], "re-v1", 7301);

    private static Task<long> CountAsync(IDatabase database) => database.WithJournalAsync(
        connection => connection.ExecuteScalarAsync<long>("SELECT count(*) FROM journal"), CancellationToken.None);

    private static Task<int> ExecuteAsync(IDatabase database, string sql) =>
        database.WithJournalAsync(connection => connection.ExecuteAsync(sql), CancellationToken.None);
}
