using AkkaChat.Persistence.Database;
using AkkaChat.Support;

namespace AkkaChat.Persistence.Tests.Database;

public sealed class ClusterNodesSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Node_ShouldBeRememberedAndNotBeThere_WhenItHasLeft(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var nodes = new ClusterNodes(database.Database);
        await nodes.RecordSeenAsync("one", CancellationToken.None);
        await nodes.RecordSeenAsync("two", CancellationToken.None);
        Assert.Equal(["one", "two"], await ListAsync(TimeSpan.FromMinutes(1)));

        await nodes.RecordLeftAsync("one", TimeSpan.FromMinutes(2), CancellationToken.None);
        await nodes.RecordLeftAsync("never here", TimeSpan.FromMinutes(2), CancellationToken.None);

        Assert.Equal(["two"], await ListAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(["one", "two"], await ListAsync(TimeSpan.FromMinutes(5)));
        var ages = (await nodes.ListAsync(TimeSpan.FromMinutes(5), CancellationToken.None)).ToDictionary(node => node.Address, node => node.Ago);
        Assert.InRange(ages["one"], TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));
        Assert.InRange(ages["two"], TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await nodes.RecordSeenAsync("one", CancellationToken.None);
        Assert.Equal(["one", "two"], await ListAsync(TimeSpan.FromMinutes(1)));

        async Task<IEnumerable<string>> ListAsync(TimeSpan age) =>
            (await nodes.ListAsync(age, CancellationToken.None)).Select(node => node.Address);
    }
}
