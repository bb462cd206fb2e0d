using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Relay;

/// <summary>One socket may be in thousands of rooms: they are woken a few at a time.</summary>
public sealed class RelayWakeSpecs()
    : TestKit(ConfigurationFactory.ParseString(
        "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"").WithFallback(RelayHubSpecs.Clustered))
{
    private const int Many = 200;

    private readonly FakeSubscriber _subscriber = new(Some.Ana.Id);

    [Fact]
    public async Task Rooms_ShouldBeWokenAFewAtATime_AndTheNextOnceOneHasAnswered()
    {
        var rooms = CreateTestProbe();
        var hub = await StartAsync(rooms);
        Assert.Equal(RelayHub.MaxWaking, Relays(hub));

        var woken = new HashSet<RoomId>();
        for (var i = 0; i < Many; i++)
        {
            var watch = await rooms.ExpectMsgAsync<WatchRoom>();
            Assert.True(woken.Add(watch.Room));
            Assert.InRange(Relays(hub), i, i + RelayHub.MaxWaking);
            rooms.LastSender.Tell(new WatchAck(watch.Room, 5));
        }

        await Eventually.AssertAsync(() => Assert.Equal(Many, _subscriber.Told.Count(told => told == "attached 5")));
    }

    [Fact]
    public async Task Rooms_ShouldMakeWay_WhenTheyDoNotAnswer()
    {
        var hub = await StartAsync(CreateTestProbe());

        ((TestScheduler)Sys.Scheduler).Advance(RelayHub.WakeTurn);
        await DoneAsync(hub);

        Assert.Equal(2 * RelayHub.MaxWaking, Relays(hub));
    }

    [Fact]
    public async Task Rooms_ShouldStayAsleep_WhenTheirSocketHasGoneBeforeTheirTurn()
    {
        var hub = await StartAsync(CreateTestProbe());
        for (var i = 0; i < Many; i++)
        {
            hub.Tell(new RelayHub.Detach(Room(i), _subscriber));
        }

        ((TestScheduler)Sys.Scheduler).Advance(RelayHub.WakeTurn);
        await DoneAsync(hub);

        Assert.Equal(RelayHub.MaxWaking, Relays(hub));
        hub.Tell(new RelayHub.Attach(Room(Many - 1), _subscriber));
        await DoneAsync(hub);
        Assert.Equal(RelayHub.MaxWaking + 1, Relays(hub));
    }

    private static RoomId Room(int i) => new($"r_{i:x32}");

    private static int Relays(IActorRef hub) => ((ActorRefWithCell)hub).Children.Count();

    private static Task<ActorIdentity> DoneAsync(IActorRef hub) => hub.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);

    private async Task<IActorRef> StartAsync(TestProbe rooms)
    {
        var services = new RelayServices(
            Some.Edge,
            rooms,
            CreateTestProbe(),
            CreateTestProbe(),
            new FakeLog(),
            new RelayOptions { Retry = TimeSpan.FromMinutes(5), Renew = TimeSpan.FromMinutes(5), Linger = TimeSpan.FromMinutes(5) },
            TimeProvider.System,
            new EdgeReadiness());
        var hub = Sys.ActorOf(Props.Create(() => new RelayHub(services)));
        for (var i = 0; i < Many; i++)
        {
            hub.Tell(new RelayHub.Attach(Room(i), _subscriber));
        }

        await DoneAsync(hub);
        return hub;
    }
}
