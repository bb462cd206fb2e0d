using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Persistence.Database;
using AkkaChat.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Cluster.Tests.Hosting;

/// <summary>Which cluster a node joins and when, under a scheduler that the test moves. The database is real, the other nodes are not there.</summary>
public sealed class ClusterBootstrapSpecs() : TestKit(Configuration), IAsyncLifetime
{
    private const string Configuration =
        """
        akka {
          loglevel = INFO
          stdout-loglevel = off
          loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          coordinated-shutdown.run-by-actor-system-terminate = off
          test.single-expect-default = 15s
        }
        """;

    private const string Other = "akka.tcp://chat@127.0.0.2:4053";

    private readonly string _folder = Directory.CreateTempSubdirectory("akkachat-bootstrap-").FullName;
    private ServiceProvider _services = null!;
    private ClusterNodes _nodes = null!;
    private TestProbe _log = null!;

    private string Self => AkkaCluster.Get(Sys).SelfAddress.ToString();

    public async Task InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AkkaChat:Database:Provider"] = "sqlite",
            ["AkkaChat:Database:DataFolder"] = _folder,
        }).Build();
        _services = new ServiceCollection().AddLogging().AddAkkaChatDatabase(configuration).BuildServiceProvider();
        await _services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        _nodes = new ClusterNodes(_services.GetRequiredService<IDatabase>());
        _log = CreateTestProbe();
        Sys.EventStream.Subscribe(_log, typeof(Info));
    }

    public async Task DisposeAsync()
    {
        Shutdown();
        await _services.DisposeAsync();
        await TestFolder.DeleteAsync(_folder);
    }

    [Fact]
    public async Task FirstSeed_ShouldJoinThoseWhoAreThere_AndBeginNoClusterOfItsOwn()
    {
        await _nodes.RecordSeenAsync(Other, CancellationToken.None);

        await StartAsync(seed: Self);

        Assert.Equal($"Joining the cluster at {Other}", await NextLogAsync());
    }

    [Fact]
    public async Task FirstSeed_ShouldBeginTheCluster_WhereOthersHaveGoneLongAgo()
    {
        await _nodes.RecordSeenAsync(Other, CancellationToken.None);
        await _nodes.RecordLeftAsync(Other, TimeSpan.FromSeconds(30), CancellationToken.None);

        await StartAsync(seed: Self);

        Assert.Equal($"Joining the cluster at {Self}", await NextLogAsync());
    }

    /// <summary>
    /// Others still call the last incarnation. Were this one to call them at the same time, a link could be left on which neither hears the
    /// other.
    /// </summary>
    [Fact]
    public async Task NodeThatComesBackWhereItWas_ShouldListenBeforeItJoins()
    {
        await _nodes.RecordSeenAsync(Other, CancellationToken.None);
        await _nodes.RecordSeenAsync(Self, CancellationToken.None);

        await StartAsync(seed: Other);

        Assert.Equal("A node at this address was a member recently; listening for 3 s before joining", await NextLogAsync());
        Advance(TimeSpan.FromSeconds(2.9));
        await _log.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal($"Joining the cluster at {Other}", await NextLogAsync());
    }

    [Fact]
    public async Task NodeThatComesBackWhereItWas_ShouldBeginTheClusterAtOnce_WhereNobodyElseIsThere()
    {
        await _nodes.RecordSeenAsync(Self, CancellationToken.None);

        await StartAsync(seed: Self);

        Assert.Equal($"Joining the cluster at {Self}", await NextLogAsync());
    }

    [Fact]
    public async Task Member_ShouldSayThatItIsThere_AndLeaveNoMessageUnhandled()
    {
        var unhandled = CreateTestProbe();
        Sys.EventStream.Subscribe(unhandled, typeof(UnhandledMessage));
        await StartAsync(seed: Self);

        await Eventually.AssertAsync(async () =>
        {
            Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(MemberStatus.Up, AkkaCluster.Get(Sys).SelfMember.Status);
            Assert.Contains(await _nodes.ListAsync(TimeSpan.FromMinutes(1), CancellationToken.None), node => node.Address == Self);
        });

        // The actor has the note that its row was written; what it does not handle it would say before it handles the next.
        Advance(TimeSpan.FromSeconds(5));
        await unhandled.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(500));
    }

    private async Task StartAsync(string seed)
    {
        IReadOnlyList<Address> seeds = [Address.Parse(seed)];
        var bootstrap = Sys.ActorOf(Props.Create(() => new ClusterBootstrap(_nodes, seeds)), "bootstrap");
        // Once it answers, its timer is set.
        await bootstrap.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(15));
        Advance(TimeSpan.FromMilliseconds(1));
    }

    private void Advance(TimeSpan by) => ((TestScheduler)Sys.Scheduler).Advance(by);

    /// <summary>What the bootstrap says next.</summary>
    private async Task<string> NextLogAsync() =>
        $"{(await _log.FishForMessageAsync<Info>(info => info.LogSource.Contains("/user/bootstrap", StringComparison.Ordinal))).Message}";
}
