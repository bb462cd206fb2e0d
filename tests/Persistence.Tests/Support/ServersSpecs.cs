using AkkaChat.Support;
using Npgsql;
using StackExchange.Redis;

namespace AkkaChat.Persistence.Tests.Support;

/// <summary>The servers that other specs stand on.</summary>
public sealed class ServersSpecs(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Redis_ShouldKeepAValue_WhenStarted()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Endpoint);

        await connection.GetDatabase().StringSetAsync("servers-specs", "1");

        Assert.Equal("1", await connection.GetDatabase().StringGetAsync("servers-specs"));
    }

    [Fact]
    public async Task Redis_ShouldComeBackOnItsPort_WhenStartedAgain()
    {
        var first = await RedisServer.StartAsync(FreePort.Next());
        await first.DisposeAsync();

        await using var second = await RedisServer.StartAsync(int.Parse(first.Endpoint.Split(':')[1], null));

        Assert.Equal(first.Endpoint, second.Endpoint);
    }

    [Fact]
    public async Task Postgres_ShouldBeGone_WhenDisposed()
    {
        if (Environment.GetEnvironmentVariable(PostgresServer.Variable) is { Length: > 0 })
        {
            return; // a server that is not ours is not stopped
        }

        var server = await PostgresServer.StartAsync();
        await server.DisposeAsync();

        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync());
    }
}
