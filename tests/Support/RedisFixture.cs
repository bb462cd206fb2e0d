using AkkaChat.LocalCluster.Servers;
using Xunit;

namespace AkkaChat.Support;

/// <summary>
/// A real Redis, private to the test process, without persistence. With the environment variable <c>AKKACHAT_TEST_REDIS</c>
/// (<c>host:port</c>) that server is used instead. Shared by all of the process: separate tests by key prefix.
/// </summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<RedisServer>> Shared = new(() => RedisServer.StartAsync());

    private RedisServer? _server;

    /// <summary><c>host:port</c>, which is a configuration string of StackExchange.Redis too.</summary>
    public string Endpoint => (_server ?? throw new InvalidOperationException("The fixture is not initialised.")).Endpoint;

    public async Task InitializeAsync() => _server = await Shared.Value;

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>One server; a test that kills its Redis starts one of its own, and may start it again on the same port.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    public const string Variable = "AKKACHAT_TEST_REDIS";

    private readonly RedisProcess? _process;

    private RedisServer(string endpoint, RedisProcess? process) => (Endpoint, _process) = (endpoint, process);

    public string Endpoint { get; }

    public static async Task<RedisServer> StartAsync(int? port = null)
    {
        if (port is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return new RedisServer(given, null);
        }

        var folder = TestFolder.Create("akkachat-redis-");
        var process = await FreePort.TryAsync(
            free => RedisProcess.StartAsync(new RedisPlan(Path.Combine(folder, "data"), folder, "127.0.0.1", port ?? free)));
        return new RedisServer(process.Endpoint, process);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { IsRunning: true })
        {
            await _process.StopAsync(TimeSpan.FromSeconds(10));
        }
    }
}
