using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Akka.Remote;
using Akka.Remote.Transport;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.MultiNode.Tests.Systems;

/// <summary>
/// One node as an actor system of this process, composed as the product composes it, with remoting over real sockets. Its links can be cut
/// without a word (<see cref="CutAsync"/>), and it can end without leaving (<see cref="CrashAsync"/>).
/// </summary>
internal sealed class SystemNode : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly IHost _host;
    private bool _crashed;

    private SystemNode(IHost host)
    {
        _host = host;
        System = host.Services.GetRequiredService<ActorSystem>();
        Address = AkkaCluster.Get(System).SelfAddress;
        Kit = new TestKit(System);
        Rooms = host.Services.GetRequiredService<IActorRegistry>().Get<RoomRegion>();
        Gateway = new RoomGateway(Rooms, new GatewayOptions(), TimeProvider.System);
    }

    public ActorSystem System { get; }

    public TestKit Kit { get; }

    /// <summary>The node's shard region of rooms, or its proxy.</summary>
    public IActorRef Rooms { get; }

    /// <summary>An edge's way to the rooms, which asks again where nothing answers.</summary>
    public RoomGateway Gateway { get; }

    public IRoomLog Log => _host.Services.GetRequiredService<IRoomLog>();

    public Address Address { get; }

    /// <param name="seed">Null for the node that begins the cluster.</param>
    public static async Task<SystemNode> StartAsync(string role, string connectionString, SystemNode? seed = null)
    {
        var port = FreePort.Next();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = connectionString,
            ["AkkaChat:Cluster:Port"] = $"{port}",
            ["AkkaChat:Cluster:Roles:0"] = role,
            ["AkkaChat:Cluster:SeedNodes:0"] = seed?.Address.ToString() ?? $"akka.trttl.tcp://chat@127.0.0.1:{port}",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddChatNode(
            builder.Configuration,
            [ChatRoles.Room, ChatRoles.Edge],
            (akka, _) => akka.AddHocon(
                """
                akka { loglevel = off, stdout-loglevel = off, remote.dot-netty.tcp.applied-adapters = ["trttl"] }
                """,
                HoconAddMode.Prepend));
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Timeout);
        var node = new SystemNode(host);
        await node.UntilUpAsync();
        return node;
    }

    /// <summary>Starts the edge's relay, without waiting until pub-sub has spread the word of it.</summary>
    public IActorRef StartRelay()
    {
        var edge = Edges.IdOf(AkkaCluster.Get(System).SelfUniqueAddress);
        var services = new RelayServices(
            edge, Rooms, Kit.CreateTestProbe(), Kit.CreateTestProbe(), Log, new RelayOptions(), TimeProvider.System, new EdgeReadiness());
        return System.ActorOf(Props.Create(() => new RelayHub(services)), "relay");
    }

    /// <summary>What this node says to the other is lost, until <see cref="MendAsync"/>; neither is told.</summary>
    public Task CutAsync(SystemNode other) => ThrottleAsync(other, Blackhole.Instance);

    public Task MendAsync(SystemNode other) => ThrottleAsync(other, Unthrottled.Instance);

    /// <summary>Waits until the cluster as this node sees it has removed the other.</summary>
    public Task RemovedAsync(SystemNode other, TimeSpan limit) => Support.Eventually.AssertAsync(
        () => Assert.DoesNotContain(AkkaCluster.Get(System).State.Members, member => member.Address == other.Address), limit);

    /// <summary>How many shards this node hosts.</summary>
    public async Task<int> ShardsAsync() =>
        (await Rooms.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, TimeSpan.FromSeconds(5))).Shards.Count;

    /// <summary>Ends at once and says nothing to the others.</summary>
    public async Task CrashAsync()
    {
        _crashed = true;
        ((ExtendedActorSystem)System).Abort();
        await System.WhenTerminated.WaitAsync(Timeout);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_crashed)
        {
            await _host.StopAsync().WaitAsync(Timeout);
        }

        _host.Dispose();
    }

    private Task UntilUpAsync() => Support.Eventually.AssertAsync(
        () => Assert.Equal(Akka.Cluster.MemberStatus.Up, AkkaCluster.Get(System).SelfMember.Status), Timeout);

    private async Task ThrottleAsync(SystemNode other, ThrottleMode mode)
    {
        var transport = ((IRemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Transport;
        Assert.True(await transport
            .ManagementCommand(new SetThrottle(other.Address, ThrottleTransportAdapter.Direction.Send, mode)).WaitAsync(Timeout));
    }
}

/// <summary>A socket's side of a room: what it was given, in order.</summary>
internal sealed class Listener(UserId user) : IRoomSubscriber
{
    private readonly ConcurrentQueue<long> _seqs = new();
    private long _attachedAt = -1;

    public UserId User => user;

    public long AttachedAt => Interlocked.Read(ref _attachedAt);

    public void OnAttached(RoomId room, long seq) => Interlocked.Exchange(ref _attachedAt, seq);

    public void OnRefused(RoomId room)
    {
    }

    public void OnLost(RoomId room)
    {
    }

    public void OnEvent(RoomId room, long seq, ReadOnlyMemory<byte> frame) => _seqs.Enqueue(seq);

    public void OnEphemeral(RoomId room, ReadOnlyMemory<byte> frame)
    {
    }

    public bool OnRemoved(RoomId room, long seq) => true;

    public Task AttachedAsync() =>
        Support.Eventually.AssertAsync(() => Assert.NotEqual(-1, AttachedAt), TimeSpan.FromSeconds(30));

    /// <summary>All from where it attached to the head, each once and in order.</summary>
    public Task HasAllAsync(long head, TimeSpan limit) => Support.Eventually.AssertAsync(
        () => Assert.Equal(Enumerable.Range(0, (int)(head - AttachedAt)).Select(i => AttachedAt + 1 + i), _seqs), limit);
}

/// <summary>A room, its owner, and what the owner was told of each message.</summary>
internal sealed class TalkedIn
{
    private readonly ConcurrentDictionary<Guid, long> _acked = new();
    private int _count;

    public RoomId Id { get; } = new($"r_{Guid.NewGuid():N}");

    public UserRef Owner { get; } = new(new UserId($"u_{Guid.NewGuid():N}"), "owner", "Owner");

    /// <summary>The highest seq that was acknowledged.</summary>
    public long Head { get; private set; }

    public static async Task<TalkedIn> CreateAsync(SystemNode through)
    {
        var room = new TalkedIn();
        var ack = Assert.IsType<ChangeAck>(await through.Gateway.AskAsync(
            new CreateRoom(room.Id, "Room", "", RoomVisibility.Public, room.Owner)));
        room.Head = ack.Seq;
        return room;
    }

    /// <summary>Sends one message, again and again under its id until it is acknowledged, as a client does.</summary>
    public async Task PostAsync(SystemNode through)
    {
        var post = new PostMessage(Id, Owner, Guid.CreateVersion7(), $"message {Interlocked.Increment(ref _count)}", 0);
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var reply = await through.Gateway.AskAsync(post);
            if (reply is PostAck ack)
            {
                Assert.True(_acked.TryAdd(post.ClientId, ack.Seq));
                Head = Math.Max(Head, ack.Seq);
                return;
            }

            Assert.True(reply is Nack { Code: NackCode.Unavailable or NackCode.Busy }, $"{reply}");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"not acknowledged in 60 s: {reply}");
        }
    }

    public async Task TalkAsync(SystemNode through, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await PostAsync(through);
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Every seq is there once, and every acknowledged message where its acknowledgement says.</summary>
    public async Task AssertLogAsync(SystemNode node)
    {
        var events = new List<RoomEvent>();
        while (true)
        {
            var page = await node.Log.ReadEventsAsync(Id, events.Count == 0 ? 0 : events[^1].Seq, 500);
            if (page is null || page.Events.Count == 0)
            {
                break;
            }

            events.AddRange(page.Events);
        }

        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Seq));
        var posted = events.OfType<MessagePosted>().ToDictionary(message => message.ClientId, message => message.Seq);
        Assert.All(_acked, ack => Assert.Equal(ack.Value, posted[ack.Key]));
        Assert.Equal(_count, posted.Count);
    }
}
