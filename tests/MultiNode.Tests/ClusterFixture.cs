using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AkkaChat.MultiNode.Tests;

/// <summary>Two room nodes, two edges, PostgreSQL and Redis, shared by the specs, each of which heals it first.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private ChatCluster? _cluster;

    public ChatCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public Uri Edge1 => Cluster.Edges[0].Url;

    public Uri Edge2 => Cluster.Edges[1].Url;

    public async Task InitializeAsync() => _cluster = await ChatCluster.StartAsync(new ClusterShape());

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "two room nodes and two edges";
}

/// <summary>People and rooms of one spec.</summary>
internal sealed class Cast : IAsyncDisposable
{
    private readonly List<ChatClient> _clients = [];

    public async Task<ChatClient> PersonAsync(string name, params Uri[] nodes)
    {
        var person = await ChatClient.RegisterAsync(nodes[0], name);
        _clients.Add(person);
        await person.ConnectAsync(nodes);
        return person;
    }

    public async Task<ChatClient> DeviceOfAsync(ChatClient person, params Uri[] nodes)
    {
        var device = await person.OtherDeviceAsync(nodes[0]);
        _clients.Add(device);
        await device.ConnectAsync(nodes);
        return device;
    }

    /// <summary>A room of the first, which all the others join; each is told of it before this returns.</summary>
    public static async Task<string> RoomAsync(string name, ChatClient owner, params ChatClient[] others)
    {
        var room = (await owner.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await owner.LogAsync(room);
        foreach (var other in others)
        {
            await other.Rest.JoinAsync(room);
            await other.LogAsync(room);
        }

        return room;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }
}
