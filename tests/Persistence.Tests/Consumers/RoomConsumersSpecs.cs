using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Tests.ReadModel;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.Consumers;

public sealed class PostgresRoomConsumersSpecs(PostgresFixture postgres) : RoomConsumersSpecs("postgres", postgres);

public sealed class SqliteRoomConsumersSpecs(PostgresFixture postgres) : RoomConsumersSpecs("sqlite", postgres);

public abstract class RoomConsumersSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private readonly TestConsumer _first = new("first", ConsumerStart.Beginning);
    private readonly TestConsumer _later = new("later", ConsumerStart.Now);
    private ReadModelNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await ReadModelNode.CreateAsync(provider, postgres);
        await TestConsumer.CreateTableAsync(_node.Database);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Consumer_ShouldHaveEachEventOnceAndInOrder_WhenManyNodesCallAtOnce()
    {
        var users = Enumerable.Range(0, 4).Select(i => RoomScript.User($"user{i}")).ToList();
        var nodes = Enumerable.Range(0, 3).Select(_ => AddNode(_first)).ToList();
        var scripts = Enumerable.Range(0, 4).Select(_ => new RoomScript().Create(users[0])).ToList();
        using var done = new CancellationTokenSource();
        var callers = nodes.Select(node => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.Empty(await node.CatchUpAllAsync([.. scripts.Select(script => script.Id)]));
            }
        })).ToList();
        await Task.WhenAll(scripts.Select((script, i) => Task.Run(async () =>
        {
            var random = new Random(i);
            await _node.CommitAsync(script);
            for (var row = 0; row < 20; row++)
            {
                await _node.WriteAsync(script.Id, script.TakeRandom(random, users));
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(callers);

        await nodes[0].CatchUpAllAsync([.. scripts.Select(script => script.Id)]);

        foreach (var script in scripts)
        {
            Assert.Equal(Numbers(1, script.Seq), await _first.ConsumedAsync(_node.Database, script.Id));
        }
    }

    [Fact]
    public async Task Consumer_ShouldFallBehindAlone_AndResumeWhereItFailed()
    {
        var node = AddNode(_first, _later);
        var (poisoned, other) = (new RoomScript().Create(Ana), new RoomScript().Create(Ana));
        await CommitAsync(node, poisoned, other);
        _first.FailsAt = e => e is MessagePosted { Text: "poison" };

        await CommitAsync(node, poisoned.Post(Ana, "poison"), other.Post(Ana));
        await CommitAsync(node, poisoned.Post(Ana), other.Post(Ana));

        Assert.Equal(4, (await _node.Log.GetHeadAsync(poisoned.Id))!.Seq);
        Assert.Equal(2, (await _node.Directory.FindAsync(poisoned.Id, Ana.Id))!.Head.N);
        Assert.Equal(Numbers(1, 4), await _later.ConsumedAsync(_node.Database, poisoned.Id));
        await AwaitConsumedAsync(_first, other.Id, 4);
        Assert.Equal(Numbers(1, 2), await _first.ConsumedAsync(_node.Database, poisoned.Id));
        Assert.Equal([poisoned.Id], await AddNode(_first, _later).FindLaggingAsync(10));

        _first.FailsAt = null;
        await node.CatchUpAllAsync(await node.FindLaggingAsync(10));

        await AwaitConsumedAsync(_first, poisoned.Id, 4);
        Assert.Empty(await node.FindLaggingAsync(10));
        await CommitAsync(node, poisoned.Post(Ana));
        Assert.Equal(Numbers(1, 5), await _first.ConsumedAsync(_node.Database, poisoned.Id));
    }

    [Fact]
    public async Task Consumer_ShouldBeginWhereItSays_WhenItIsNewToARoom()
    {
        var script = new RoomScript().Create(Ana).Post(Ana);
        await _node.CommitAndCatchUpAsync(script);
        var node = AddNode(_first, _later);
        Assert.Equal([script.Id], await node.FindLaggingAsync(10)); // for the one that begins at the beginning

        await CommitAsync(node, script.Post(Ana));

        Assert.Equal(Numbers(4, 4), await _later.ConsumedAsync(_node.Database, script.Id));
        await AwaitConsumedAsync(_first, script.Id, 4);
        await CommitAsync(node, script.Post(Ana));
        Assert.Equal(Numbers(4, 5), await _later.ConsumedAsync(_node.Database, script.Id));
        Assert.Equal(Numbers(1, 5), await _first.ConsumedAsync(_node.Database, script.Id));
    }

    [Fact]
    public async Task Consumer_ShouldLoseNothing_WhenItFailsAtTheFirstEventsThatItSees()
    {
        var script = new RoomScript().Create(Ana);
        await _node.CommitAndCatchUpAsync(script);
        var node = AddNode(_later);
        _later.FailsAt = _ => true;

        await CommitAsync(node, script.Post(Ana));
        _later.FailsAt = null;
        await CommitAsync(node, script.Post(Ana));

        await AwaitConsumedAsync(_later, script.Id, 3, 4);
    }

    [Fact]
    public async Task Consumer_ShouldBeCaughtUpByANodeThatHasIt_WhenOneWithoutItWentAhead()
    {
        var node = AddNode(_later);
        var script = new RoomScript().Create(Ana);
        await CommitAsync(node, script);
        await _node.CommitAndCatchUpAsync(script.Post(Ana));

        Assert.Equal([script.Id], await node.FindLaggingAsync(10));
        await node.CatchUpAllAsync([script.Id]);

        await AwaitConsumedAsync(_later, script.Id, 1, 3);
    }

    private IRoomConsumers AddNode(params TestConsumer[] consumers) => _node.AddNode(services =>
    {
        foreach (var consumer in consumers)
        {
            services.AddSingleton<IRoomConsumer>(consumer);
        }
    }).GetRequiredService<IRoomConsumers>();

    private async Task CommitAsync(IRoomConsumers node, params RoomScript[] scripts)
    {
        foreach (var script in scripts)
        {
            await _node.CommitAsync(script);
        }

        Assert.Empty(await node.CatchUpAllAsync([.. scripts.Select(script => script.Id)]));
    }

    private Task AwaitConsumedAsync(TestConsumer consumer, RoomId room, long to) => AwaitConsumedAsync(consumer, room, 1, to);

    private Task AwaitConsumedAsync(TestConsumer consumer, RoomId room, long from, long to) => Eventually.AssertAsync(
        async () => Assert.Equal(Numbers(from, to), await consumer.ConsumedAsync(_node.Database, room)));

    private static IEnumerable<long> Numbers(long from, long to) => Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i);
}
