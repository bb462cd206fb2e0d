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
        await nodes.SaySeenAsync("one", CancellationToken.None);
        await nodes.SaySeenAsync("two", CancellationToken.None);
        Assert.Equal(["one", "two"], await nodes.ListSeenAsync(TimeSpan.FromMinutes(1), CancellationToken.None));

        await nodes.SayLeftAsync("one", TimeSpan.FromMinutes(2), CancellationToken.None);
        await nodes.SayLeftAsync("never here", TimeSpan.FromMinutes(2), CancellationToken.None);

        Assert.Equal(["two"], await nodes.ListSeenAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal(["one", "two"], await nodes.ListSeenAsync(TimeSpan.FromMinutes(5), CancellationToken.None));
        await nodes.SaySeenAsync("one", CancellationToken.None);
        Assert.Equal(["one", "two"], await nodes.ListSeenAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
    }
}
