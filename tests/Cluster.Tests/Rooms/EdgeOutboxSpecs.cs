using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class EdgeOutboxSpecs : TestKit
{
    private static readonly EdgeId EdgeA = new("a");
    private static readonly EdgeId EdgeB = new("b");

    private readonly TestProbe _mediator;

    public EdgeOutboxSpecs()
        : base("akka { loglevel = off, stdout-loglevel = off, test.single-expect-default = 15s }") =>
        _mediator = CreateTestProbe("mediator");

    [Fact]
    public void Broadcasts_ShouldLeaveAsOne_WhenTheyWaitForOneEdge()
    {
        var outbox = StartBusy(out var begin);
        outbox.Tell(new EdgeOutbox.Broadcast([EdgeA, EdgeB], Head(1), 100));
        outbox.Tell(new EdgeOutbox.Broadcast([EdgeA], Head(2), 100));
        begin();

        var (first, second) = (_mediator.ExpectMsg<Publish>(), _mediator.ExpectMsg<Publish>());

        Assert.Equal(("edge-a", "edge-b"), (first.Topic, second.Topic));
        Assert.Equal([Head(1), Head(2)], Assert.IsType<EdgeBatch>(first.Message).Items);
        Assert.Equal(Head(1), second.Message); // alone it needs no envelope
    }

    [Fact]
    public void Batch_ShouldFitARemotingFrame_AndKeepTheOrder()
    {
        var outbox = StartBusy(out var begin);
        for (var seq = 1; seq <= 5; seq++)
        {
            outbox.Tell(new EdgeOutbox.Broadcast([EdgeA], Head(seq), 300_000));
        }

        begin();

        Assert.Equal([Head(1), Head(2)], Assert.IsType<EdgeBatch>(_mediator.ExpectMsg<Publish>().Message).Items);
        Assert.Equal([Head(3), Head(4)], Assert.IsType<EdgeBatch>(_mediator.ExpectMsg<Publish>().Message).Items);
        Assert.Equal(Head(5), _mediator.ExpectMsg<Publish>().Message);
        outbox.Tell(new EdgeOutbox.Broadcast([EdgeA], Head(6), 100));
        Assert.Equal(Head(6), _mediator.ExpectMsg<Publish>().Message);
    }

    /// <summary>Before gossip has brought the edge's subscription, its topic loses what is published to it; a reply must not be lost so.</summary>
    [Fact]
    public void Reply_ShouldGoDirectly_UntilTheEdgesTopicIsKnown()
    {
        var outbox = Sys.ActorOf(Props.Create(() => new EdgeOutbox(_mediator)));
        var client = CreateTestProbe();
        var ack = new ChangeAck(1, Changed: true);

        outbox.Tell(new EdgeOutbox.Reply(EdgeA, client, ack));
        client.ExpectMsg(ack);
        _mediator.ExpectMsg<GetTopics>();
        _mediator.LastSender.Tell(new CurrentTopics(["edges", "edge-a"]));
        outbox.Tell(new EdgeOutbox.Reply(EdgeA, client, ack));
        var batch = Assert.IsType<EdgeBatch>(_mediator.ExpectMsg<Publish>().Message);

        Assert.Equal(new EdgeAnswer(client.Ref.Path.ToStringWithoutAddress(), ack), Assert.Single(batch.Items));
        outbox.Tell(new EdgeOutbox.Reply(EdgeB, client, ack));
        client.ExpectMsg(ack);
    }

    private static Head Head(long seq) => new(RoomFacts.Room, seq, seq);

    /// <summary>An outbox that handles nothing until <paramref name="begin"/>: what is sent meanwhile waits in its mailbox.</summary>
    private IActorRef StartBusy(out Action begin)
    {
        var gate = new ManualResetEventSlim();
        begin = gate.Set;
        return Sys.ActorOf(Props.CreateBy(new Late(gate, _mediator)));
    }

    private sealed class Late(ManualResetEventSlim gate, IActorRef mediator) : IIndirectActorProducer
    {
        public Type ActorType => typeof(EdgeOutbox);

        public ActorBase Produce()
        {
            Assert.True(gate.Wait(TimeSpan.FromSeconds(15)));
            return new EdgeOutbox(mediator);
        }

        public void Release(ActorBase actor)
        {
        }
    }
}
