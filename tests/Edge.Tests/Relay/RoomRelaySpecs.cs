using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Relay;

public sealed class RoomRelaySpecs() : TestKit(Quiet)
{
    internal static readonly Config Quiet = ConfigurationFactory.ParseString("akka.loglevel = ERROR\nakka.stdout-loglevel = ERROR");

    private readonly FakeLog _log = new();

    [Fact]
    public async Task Subscriber_ShouldGetEachEventOnceAndInOrder_WhenTheyComeAsCommitted()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);

        relay.Tell(new Committed(Some.Room, [.. Some.Messages(6, 7)]));
        relay.Tell(new Committed(Some.Room, [Some.Message(8)]));
        relay.Tell(new Committed(Some.Room, [.. Some.Messages(6, 7)]));
        relay.Tell(new Committed(Some.Room, [.. Some.Messages(7, 9)]));

        await SeesAsync(subscriber, 6, 9);
        Assert.Equal(5, subscriber.AttachedAt);
        Assert.Equal(0, _log.Reads);
    }

    [Fact]
    public async Task Relay_ShouldReadWhatIsMissing_WhenACommittedEventWasLost()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        _log.Add(Some.Messages(1, 9));

        relay.Tell(new Committed(Some.Room, [Some.Message(8)]));

        await SeesAsync(subscriber, 6, 9);
    }

    [Fact]
    public async Task Relay_ShouldReadWhatIsMissing_WhenTheLastEventWasLostAndAHeadComes()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        _log.Add(Some.Messages(1, 7));

        relay.Tell(new Head(Some.Room, 7, 7));

        await SeesAsync(subscriber, 6, 7);
        Assert.Empty(subscriber.Ephemeral);
        relay.Tell(new Head(Some.Room, 7, 7));
        await Eventually.AssertAsync(() => Assert.Equal("room.head", subscriber.Ephemeral.Single().GetProperty("ev").GetString()));
    }

    [Fact]
    public async Task Relay_ShouldTryAgain_WhenTheJournalCannotBeRead()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        _log.Add(Some.Messages(1, 7));
        _log.FailNext(2);

        relay.Tell(new Head(Some.Room, 7, 7));

        await SeesAsync(subscriber, 6, 7);
        Assert.Equal(3, _log.Reads);
    }

    [Fact]
    public async Task Relay_ShouldReadInPages_WhenMoreIsMissingThanOneHolds()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 0);
        _log.Add(Some.Messages(1, 2500));

        relay.Tell(new Head(Some.Room, 2500, 2500));

        await SeesAsync(subscriber, 1, 2500);
        Assert.Equal(3, _log.Reads);
    }

    [Fact]
    public async Task Relay_ShouldHoldEarlyBroadcasts_WhenTheLeaseIsNotThereYet()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        relay.Tell(new Committed(Some.Room, [.. Some.Messages(5, 6)]));
        relay.Tell(new Committed(Some.Room, [Some.Message(7)]));

        Lease(relay, rooms, 5);

        await SeesAsync(subscriber, 6, 7);
        Assert.Equal(["attached 5", "event 6", "event 7"], subscriber.Told);
    }

    [Fact]
    public async Task Relay_ShouldTakeItsLeaseAgainAndCompareHeads_WhenTheRoomStartsAnew()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        _log.Add(Some.Messages(1, 6));

        relay.Tell(new Started(Some.Room, 6));

        await rooms.ExpectMsgAsync<WatchRoom>();
        await SeesAsync(subscriber, 6, 6);
    }

    [Fact]
    public async Task Subscriber_ShouldGetNothingMore_WhenItsUserHasLeft()
    {
        var (relay, rooms, _) = Start();
        var (ana, ben) = (Attach(relay, Some.Ana), Attach(relay, Some.Ben));
        Lease(relay, rooms, 5);

        relay.Tell(new Committed(Some.Room, [Some.Message(6), Some.Left(7, Some.Ben), Some.Message(8)]));
        relay.Tell(new Typing(Some.Room, Some.Ana.Id));

        await SeesAsync(ana, 6, 8);
        await Eventually.AssertAsync(() => Assert.Single(ana.Ephemeral));
        Assert.Equal(["attached 5", "event 6", "event 7", "removed 7"], ben.Told);
        Assert.Empty(ben.Ephemeral);
    }

    /// <summary>The event of an earlier leaving arrives after the user has joined again and their socket has attached anew.</summary>
    [Fact]
    public async Task Subscriber_ShouldStay_WhenItSaysThatItHasJoinedAgainSince()
    {
        var (relay, rooms, _) = Start();
        var ben = Attach(relay, Some.Ben);
        ben.IsGone = false;
        Lease(relay, rooms, 5);

        relay.Tell(new Committed(Some.Room, [Some.Left(6, Some.Ben)]));
        relay.Tell(new Committed(Some.Room, [Some.Joined(7, Some.Ben), Some.Message(8)]));

        await SeesAsync(ben, 6, 8);
    }

    [Fact]
    public async Task LateSubscriber_ShouldBeAttachedAtTheHead_WhenTheRelayIsLive()
    {
        var (relay, rooms, _) = Start();
        var first = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        relay.Tell(new Committed(Some.Room, [Some.Message(6)]));

        var late = Attach(relay, Some.Ben);
        relay.Tell(new Committed(Some.Room, [Some.Message(7)]));

        await SeesAsync(first, 6, 7);
        await SeesAsync(late, 7, 7);
        Assert.Equal(6, late.AttachedAt);
    }

    [Fact]
    public async Task Subscriber_ShouldBeRefused_WhenThereIsNoSuchRoom()
    {
        var (relay, rooms, parent) = Start();
        var subscriber = Attach(relay, Some.Ana);
        await rooms.ExpectMsgAsync<WatchRoom>();

        relay.Tell(new Nack(NackCode.NotFound, "no room"));

        await parent.ExpectMsgAsync<RelayHub.Idle>();
        Assert.Equal(["refused"], subscriber.Told);
    }

    /// <summary>A renewal that finds no room: silence would look like a quiet room for ever.</summary>
    [Fact]
    public async Task Subscriber_ShouldBeToldThatTheRoomIsLost_WhenItWasLive()
    {
        var (relay, rooms, parent) = Start();
        var subscriber = Attach(relay, Some.Ana);
        await rooms.ExpectMsgAsync<WatchRoom>();
        relay.Tell(new WatchAck(Some.Room, 3));

        relay.Tell(new Nack(NackCode.NotFound, "no room"));

        await parent.FishForMessageAsync<RelayHub.Idle>(_ => true);
        Assert.Equal(["attached 3", "lost"], subscriber.Told);
    }

    [Fact]
    public async Task Relay_ShouldAskAgain_WhenTheWatchIsNotAnswered()
    {
        var (_, rooms, _) = Start();

        await rooms.ExpectMsgAsync<WatchRoom>();
        await rooms.ExpectMsgAsync<WatchRoom>();
    }

    [Fact]
    public async Task Relay_ShouldGoIdle_WhenItsLastSubscriberHasDetached()
    {
        var (relay, rooms, parent) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);

        relay.Tell(new RelayHub.Detach(Some.Room, subscriber));

        await parent.ExpectMsgAsync<RelayHub.Awake>();
        Assert.Equal(1, (await parent.ExpectMsgAsync<RelayHub.Idle>()).AttachesSeen);
    }

    [Fact]
    public async Task Typing_ShouldBeToldTogether_WhenManyType()
    {
        var (relay, rooms, _) = Start();
        var subscriber = Attach(relay, Some.Ana);
        Lease(relay, rooms, 5);
        var users = Enumerable.Range('a', 20).Select(c => Some.User((char)c).Id).ToList();

        foreach (var user in users)
        {
            relay.Tell(new Typing(Some.Room, user));
            await Eventually.AssertAsync(() => Assert.NotEmpty(subscriber.Ephemeral));
        }

        // The first at once, and then all who type now, together.
        await Eventually.AssertAsync(() => Assert.Equal(
            users.Select(user => user.Value).Order(),
            subscriber.Ephemeral.Last().GetProperty("d").GetProperty("users").EnumerateArray().Select(id => id.GetString()!).Order()));
        Assert.InRange(subscriber.Ephemeral.Count, 2, 5);
    }

    /// <summary>
    /// However broadcasts are lost, doubled and mixed up: once a head is heard, every subscriber has the log, each event once.
    /// </summary>
    [Fact]
    public async Task Subscribers_ShouldEndWithTheContiguousLog_WhateverTheNetworkDoes()
    {
        // Per broadcast: how many events it holds, how many copies arrive, and its place in the order of arrival.
        var network = Gen.Select(Gen.Int[1, 4], Gen.Frequency((2, Gen.Const(0)), (5, Gen.Const(1)), (1, Gen.Const(2))), Gen.Int[0, 1000]).Array[1, 25];
        var leaseAt = Gen.Int[0, 10];
        await Gen.Select(network, leaseAt, Gen.Int[0, 25]).ForAllAsync(
            async run =>
            {
                var (broadcasts, lease, late) = run;
                var log = new FakeLog();
                var (relay, rooms, _) = Start(log);
                var early = Attach(relay, Some.Ana);
                var committed = new List<(Committed Message, int Copies, int Place)>();
                long seq = 0;
                foreach (var (events, copies, place) in broadcasts)
                {
                    committed.Add((new Committed(Some.Room, [.. Some.Messages(seq + 1, seq + events)]), copies, place));
                    seq += events;
                }

                log.Add(Some.Messages(1, seq));
                await rooms.ExpectMsgAsync<WatchRoom>();
                var arrivals = committed.SelectMany(c => Enumerable.Range(0, c.Copies).Select(i => (c.Message, c.Place + i)))
                    .OrderBy(c => c.Item2).Select(c => c.Message).ToList();
                FakeSubscriber? second = null;
                for (var i = 0; i < arrivals.Count || i <= Math.Max(lease, late); i++)
                {
                    if (i == lease)
                    {
                        relay.Tell(new WatchAck(Some.Room, 0));
                    }

                    if (i == late)
                    {
                        second = Attach(relay, Some.Ben);
                    }

                    if (i < arrivals.Count)
                    {
                        relay.Tell(arrivals[i]);
                    }
                }

                relay.Tell(new Head(Some.Room, seq, seq));

                await SeesAsync(early, 1, seq);
                await Eventually.AssertAsync(() => Assert.NotNull(second!.AttachedAt));
                await SeesAsync(second!, second!.AttachedAt!.Value + 1, seq);
                Sys.Stop(relay);
            },
            cases: 150);
    }

    private static async Task SeesAsync(FakeSubscriber subscriber, long from, long to)
    {
        await Eventually.AssertAsync(() => Assert.Equal((int)(to - from + 1), subscriber.Seqs.Count));
        Assert.Equal(Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i), subscriber.Seqs);
    }

    private static FakeSubscriber Attach(IActorRef relay, UserRef user)
    {
        var subscriber = new FakeSubscriber(user.Id);
        relay.Tell(new RelayHub.Attach(Some.Room, subscriber));
        return subscriber;
    }

    private static void Lease(IActorRef relay, TestProbe rooms, long seq)
    {
        rooms.ExpectMsg<WatchRoom>();
        relay.Tell(new WatchAck(Some.Room, seq));
    }

    private (IActorRef Relay, TestProbe Rooms, TestProbe Parent) Start(FakeLog? log = null)
    {
        var (rooms, parent) = (CreateTestProbe(), CreateTestProbe());
        var services = new RelayServices(
            Some.Edge,
            rooms,
            CreateTestProbe(),
            CreateTestProbe(),
            log ?? _log,
            new RelayOptions { Retry = TimeSpan.FromMilliseconds(200), Renew = TimeSpan.FromSeconds(30), Linger = TimeSpan.FromMilliseconds(50) },
            TimeProvider.System,
            new EdgeReadiness());
        return (parent.ChildActorOf(Props.Create(() => new RoomRelay(Some.Room, services))), rooms, parent);
    }
}
