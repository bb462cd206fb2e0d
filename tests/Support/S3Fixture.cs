using System.Net.Sockets;
using Xunit;

namespace AkkaChat.Support;

/// <summary>A real S3 server, private to the test process, that verifies signatures. Shared by all of the process.</summary>
public sealed class S3Fixture : IAsyncLifetime
{
    private static readonly Lazy<Task<S3Server>> Shared = new(() => S3Server.StartAsync());

    private S3Server? _server;

    public S3Server Server => _server ?? throw new InvalidOperationException("The fixture is not initialised.");

    public async Task InitializeAsync() => _server = await Shared.Value;

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>One server with one bucket and one access key.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "akkachat";
    public const string AccessKey = "S3RVER";
    public const string SecretKey = "S3RVER";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly string _address;
    private readonly int _port;
    private ServerProcess _process;

    private S3Server(string address, int port, string folder, ServerProcess process) =>
        (_address, _port, Folder, _process) = (address, port, folder, process);

    public string Endpoint => $"http://{_address}:{_port}";

    /// <summary>Where it keeps its objects, under their keys.</summary>
    public string Folder { get; }

    /// <summary>The settings of a node that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["AkkaChat:Objects:Store"] = "s3",
        ["AkkaChat:S3:Endpoint"] = Endpoint,
        ["AkkaChat:S3:Bucket"] = Bucket,
        ["AkkaChat:S3:AccessKey"] = AccessKey,
        ["AkkaChat:S3:SecretKey"] = SecretKey,
    };

    public static async Task<S3Server> StartAsync(string address = "127.0.0.1")
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var folder = Directory.CreateTempSubdirectory("akkachat-s3-").FullName;
            var process = Start(address, port, folder);
            if (await AnswersAsync(address, port))
            {
                return new S3Server(address, port, folder, process);
            }

            var output = process.Output;
            await process.DisposeAsync();
            if (attempt == 3)
            {
                throw new TimeoutException($"The S3 server did not start within {StartTimeout}: {output}");
            }
        }
    }

    /// <summary>Its objects stay.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>At the same address, with the same objects.</summary>
    public async Task StartAgainAsync()
    {
        _process = Start(_address, _port, Folder);
        if (!await AnswersAsync(_address, _port))
        {
            throw new TimeoutException($"The S3 server did not start again within {StartTimeout}: {_process.Output}");
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static ServerProcess Start(string address, int port, string folder) =>
        ServerProcess.Start(folder, "TERM", [NodeTools.Node, NodeTools.Script("s3-server.mjs"), address, $"{port}", folder, Bucket]);

    private static async Task<bool> AnswersAsync(string address, int port)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < StartTimeout;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(address, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        return false;
    }
}
