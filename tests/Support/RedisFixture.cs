using System.Net.Sockets;
using System.Text;
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

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    private readonly ServerProcess? _process;

    private RedisServer(string endpoint, ServerProcess? process)
    {
        Endpoint = endpoint;
        _process = process;
    }

    public string Endpoint { get; }

    public static async Task<RedisServer> StartAsync(int? port = null)
    {
        if (port is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return new RedisServer(given, null);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartPrivateAsync(port ?? FreePort.Next());
            }
            catch (TimeoutException) when (attempt < 3)
            {
                // another process took the port
            }
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<RedisServer> StartPrivateAsync(int port)
    {
        var folder = Directory.CreateTempSubdirectory("akkachat-redis-").FullName;
        var process = ServerProcess.Start(
            folder,
            "TERM",
            [
                "redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
            ]);
        if (!await AnswersAsync(port))
        {
            var output = process.Output;
            await process.DisposeAsync();
            throw new TimeoutException($"redis-server did not start within {StartTimeout}: {output}");
        }

        return new RedisServer($"127.0.0.1:{port}", process);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < StartTimeout;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                var stream = client.GetStream();
                await stream.WriteAsync("PING\r\n"u8.ToArray());
                var answer = new byte[7];
                await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(2));
                return Encoding.ASCII.GetString(answer) == "+PONG\r\n";
            }
            catch (Exception e) when (e is SocketException or IOException or TimeoutException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }
}
