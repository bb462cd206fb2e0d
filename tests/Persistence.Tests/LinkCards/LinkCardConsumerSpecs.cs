using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Tests.ReadModel;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Tests.LinkCards;

public sealed class PostgresLinkCardConsumerSpecs(PostgresFixture postgres) : LinkCardConsumerSpecs("postgres", postgres);

public sealed class SqliteLinkCardConsumerSpecs(PostgresFixture postgres) : LinkCardConsumerSpecs("sqlite", postgres);

public abstract class LinkCardConsumerSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Consumer_ShouldAskForTheLinksOfNewMessages_OnceEach()
    {
        var (services, consumers) = AddNode(enabled: true);
        var signals = 0;
        services.GetRequiredService<WorkQueue>().Added += _ => Interlocked.Increment(ref signals);
        var script = new RoomScript().Create(Ana).Post(Ana, "no link").Post(Ana, "https://a.example and https://b.example");
        await _node.CommitAsync(script);

        await consumers.CatchUpAsync(script.Id);
        await consumers.CatchUpAsync(script.Id);

        var work = Assert.Single(await ClaimAsync(services));
        Assert.Equal($"{script.Id}.4", work.Key);
        var asked = LinkCardWork.Read(work.Payload);
        Assert.Equal((script.Id.Value, 4L, 2L), (asked.Room, asked.Seq, asked.N));
        Assert.Equal(["https://a.example", "https://b.example"], asked.Urls);
        Assert.Equal(1, signals);
    }

    [Fact]
    public async Task Consumer_ShouldAskForNothing_WhereCardsAreOff()
    {
        var (services, consumers) = AddNode(enabled: true);
        var (on, off) = (new RoomScript().Create(Ana), new RoomScript().Create(Ana).ChangeLinkCards(Ana, on: false));
        await _node.CommitAsync(on.Post(Ana, "https://a.example"));
        await _node.CommitAsync(off.Post(Ana, "https://a.example"));
        Assert.Empty(await consumers.CatchUpAllAsync([on.Id, off.Id]));
        Assert.Equal($"{on.Id}.3", Assert.Single(await ClaimAsync(services)).Key);

        var (disabled, others) = AddNode(enabled: false);
        await _node.CommitAsync(on.Post(Ana, "https://a.example"));
        await others.CatchUpAsync(on.Id);
        Assert.Empty(await ClaimAsync(disabled));
    }

    [Fact]
    public async Task Consumer_ShouldAskForTheLinksThatAnEditBrings_ForItsMessage()
    {
        var (services, consumers) = AddNode(enabled: true);
        var script = new RoomScript().Create(Ana).Post(Ana, "no link");
        await _node.CommitAsync(script);
        await _node.CommitAsync(script.Edit(script.Messages[0], "https://a.example"));
        await consumers.CatchUpAsync(script.Id);

        var work = Assert.Single(await ClaimAsync(services));

        Assert.Equal($"{script.Id}.4", work.Key);
        var asked = LinkCardWork.Read(work.Payload);
        Assert.Equal((3L, 1L, "https://a.example"), (asked.Seq, asked.N, Assert.Single(asked.Urls)));
    }

    [Fact]
    public async Task Pages_ShouldBeKeptForAWhile()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var pages = new LinkPages(_node.Database, time);
        var card = new LinkCard("https://a.example", "A\0", "", "a");
        Assert.Null(await pages.FindAsync("https://a.example", CancellationToken.None));

        await pages.SaveAsync("https://a.example", new LinkPage(card), CancellationToken.None);
        await pages.SaveAsync("https://b.example", new LinkPage(null), CancellationToken.None);
        Assert.Equal(new LinkPage(card), await pages.FindAsync("https://a.example", CancellationToken.None));
        Assert.Equal(new LinkPage(null), await pages.FindAsync("https://b.example", CancellationToken.None));

        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(new LinkPage(card), await pages.FindAsync("https://a.example", CancellationToken.None));
        Assert.Null(await pages.FindAsync("https://b.example", CancellationToken.None));
        time.Advance(TimeSpan.FromHours(23));
        Assert.Null(await pages.FindAsync("https://a.example", CancellationToken.None));
        await pages.SaveAsync("https://a.example", new LinkPage(null), CancellationToken.None);
        Assert.Equal(new LinkPage(null), await pages.FindAsync("https://a.example", CancellationToken.None));
    }

    private (ServiceProvider Services, IRoomConsumers Consumers) AddNode(bool enabled)
    {
        var services = _node.AddNode(services => services
            .AddWorkQueue()
            .AddSingleton(Options.Create(new LinkCardOptions { Enabled = enabled }))
            .AddRoomConsumer<LinkCardConsumer>());
        return (services, services.GetRequiredService<IRoomConsumers>());
    }

    private static Task<IReadOnlyList<WorkItem>> ClaimAsync(ServiceProvider services) => services.GetRequiredService<WorkTable>()
        .ClaimAsync(LinkCardWork.Kind, "me", 10, 3, TimeSpan.FromHours(1), [], CancellationToken.None);
}
