using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AkkaChat.Cmd.Tests;

/// <summary>
/// Two room nodes, two edges, a room with two people and some messages, shared by all specs. The split brain resolver waits a minute, so
/// that a node which was killed stays for the specs to declare dead.
/// </summary>
public sealed class PbmCluster : IAsyncLifetime
{
    private ChatCluster? _cluster;

    public ChatCluster Cluster => _cluster!;

    public Collector Collector { get; } = new();

    public ChatClient Ana { get; private set; } = null!;

    public ChatClient Bento { get; private set; } = null!;

    public string Room { get; private set; } = "";

    public NodeProcess Edge1 => Cluster.Edges[0];

    public NodeProcess Edge2 => Cluster.Edges[1];

    public NodeProcess Room1 => Cluster.Rooms[0];

    public static string AddressOf(NodeProcess node) => $"akka.tcp://chat@127.0.0.1:{node.ClusterPort}";

    public async Task InitializeAsync()
    {
        _cluster = await ChatCluster.StartAsync(new ClusterShape(Redis: false)
        {
            Settings = new Dictionary<string, string>
            {
                ["AkkaChat__Cluster__StableAfter"] = "00:01:00",
                ["AkkaChat__Telemetry__OtlpEndpoint"] = Collector.Url,
                ["AkkaChat__Telemetry__OtlpProtocol"] = "http/protobuf",
                ["AkkaChat__Telemetry__TraceRatio"] = "1",
                // The exporter's own setting: how long spans are gathered.
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            },
        });
        Ana = await ChatClient.RegisterAsync(Edge1.Url, "ana");
        Bento = await ChatClient.RegisterAsync(Edge1.Url, "bento");
        await Ana.ConnectAsync(Edge1.Url);
        await Bento.ConnectAsync(Edge1.Url);
        Room = (await Ana.Rest.CreateRoomAsync("Engine room")).GetProperty("id").GetString()!;
        await Bento.Rest.JoinAsync(Room);
        for (var i = 0; i < 5; i++)
        {
            await Ana.SendAsync(Room, $"message {i}");
        }
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await Ana.DisposeAsync();
            await Bento.DisposeAsync();
            await _cluster.DisposeAsync();
        }

        Collector.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class PbmCollection : ICollectionFixture<PbmCluster>
{
    public const string Name = "a cluster for pbm";
}
