using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Users;
using AkkaChat.Support;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Relay;

public sealed class RelayHubSpecs() : TestKit(Clustered)
{
    internal static readonly Config Clustered = ConfigurationFactory.ParseString(
        """
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        akka.cluster.pub-sub.send-to-dead-letters-when-no-subscribers = off
        """).WithFallback(RoomRelaySpecs.Quiet);

    /// <summary>
    /// A relay that is idle goes while another socket asks for its room. The room hears of the watch's end before the new watch, or it
    /// would send nothing until the lease is next renewed.
    /// </summary>
    [Fact]
    public async Task Watch_ShouldBeTheLastWord_WhenAnIdleRoomIsAskedForAgain()
    {
        var rooms = CreateTestProbe();
        var hub = Start(rooms);
        for (var round = 0; round < 100; round++)
        {
            var subscriber = new FakeSubscriber(Some.Ana.Id);
            hub.Tell(new RelayHub.Attach(Some.Room, subscriber));
            if (round > 0)
            {
                await rooms.ExpectMsgAsync<UnwatchRoom>();
            }

            await rooms.ExpectMsgAsync<WatchRoom>();
            rooms.LastSender.Tell(new WatchAck(Some.Room, 5));

            await Eventually.AssertAsync(() => Assert.Equal(["attached 5"], subscriber.Told));
            hub.Tell(new RelayHub.Idle(Some.Room, AttachesSeen: 1));
        }
    }

    [Fact]
    public async Task Relay_ShouldStay_WhenItCalledItselfIdleBeforeItSawAnAttach()
    {
        var rooms = CreateTestProbe();
        var hub = Start(rooms);
        var subscriber = new FakeSubscriber(Some.Ana.Id);
        hub.Tell(new RelayHub.Attach(Some.Room, subscriber));
        hub.Tell(new RelayHub.Idle(Some.Room, 0));
        await rooms.ExpectMsgAsync<WatchRoom>();
        rooms.LastSender.Tell(new WatchAck(Some.Room, 5));

        hub.Tell(new Committed(Some.Room, [Some.Message(6)]));

        await Eventually.AssertAsync(() => Assert.Equal(["attached 5", "event 6"], subscriber.Told));
    }

    [Fact]
    public async Task Broadcasts_ShouldReachTheRelay_WhenPublishedToTheEdgesTopicOrToAll()
    {
        var rooms = CreateTestProbe();
        var (presence, users) = (CreateTestProbe(), CreateTestProbe());
        var readiness = new EdgeReadiness();
        var hub = Start(rooms, presence, users, readiness);
        var subscriber = new FakeSubscriber(Some.Ana.Id);
        hub.Tell(new RelayHub.Attach(Some.Room, subscriber));
        await rooms.ExpectMsgAsync<WatchRoom>();
        rooms.LastSender.Tell(new WatchAck(Some.Room, 5));
        var mediator = DistributedPubSub.Get(Sys).Mediator;

        mediator.Tell(new Publish(Some.Edge.Topic, new Committed(Some.Room, [Some.Message(6)])));
        await Eventually.AssertAsync(() => Assert.Equal(["attached 5", "event 6"], subscriber.Told));
        mediator.Tell(new Publish(EdgeTopics.All, new UserProtocol.PresenceDelta(new("e2"), [Some.Ana.Id], [])));
        await presence.ExpectMsgAsync<UserProtocol.PresenceDelta>();
        mediator.Tell(new Publish(EdgeTopics.All, new UserProtocol.StreamMoved(Some.Ana.Id, 7)));
        await users.ExpectMsgAsync<UserProtocol.StreamMoved>();
        Assert.NotNull(readiness.Reason);
        hub.Tell(new UserProtocol.EchoReply(Some.Edge, "another's nonce"));
        hub.Tell(new Committed(Some.Room, [Some.Message(7)]));
        await Eventually.AssertAsync(() => Assert.Equal(3, subscriber.Told.Count));
        Assert.False(readiness.IsReady);
    }

    [Fact]
    public async Task Batch_ShouldBeTakenApart_EventsToTheirRelayAndRepliesToWhoAsked()
    {
        var rooms = CreateTestProbe();
        var hub = Start(rooms);
        var subscriber = new FakeSubscriber(Some.Ana.Id);
        hub.Tell(new RelayHub.Attach(Some.Room, subscriber));
        await rooms.ExpectMsgAsync<WatchRoom>();
        rooms.LastSender.Tell(new WatchAck(Some.Room, 5));
        var asked = CreateTestProbe();
        var reply = asked.Ref.Ask<PostAck>(new NotifyTyping(Some.Room, Some.Ana.Id), TimeSpan.FromSeconds(15));
        await asked.ExpectMsgAsync<NotifyTyping>();
        var ack = new PostAck(6, 6, DateTimeOffset.UnixEpoch, Duplicate: false);

        hub.Tell(new EdgeBatch(
        [
            new Committed(Some.Room, [Some.Message(6)]),
            new EdgeAnswer(asked.LastSender.Path.ToStringWithoutAddress(), ack),
            new Committed(Some.Room, [Some.Message(7)]),
        ]));

        Assert.Equal(ack, await reply);
        await Eventually.AssertAsync(() => Assert.Equal(["attached 5", "event 6", "event 7"], subscriber.Told));
    }

    private IActorRef Start(TestProbe rooms, TestProbe? presence = null, TestProbe? users = null, EdgeReadiness? readiness = null)
    {
        var services = new RelayServices(
            Some.Edge,
            rooms,
            presence ?? CreateTestProbe(),
            users ?? CreateTestProbe(),
            new FakeLog(),
            new RelayOptions { Retry = TimeSpan.FromSeconds(30), Renew = TimeSpan.FromSeconds(30), Linger = TimeSpan.FromSeconds(30) },
            TimeProvider.System,
            readiness ?? new EdgeReadiness());
        return Sys.ActorOf(Props.Create(() => new RelayHub(services)));
    }
}
