using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Projection;
using AkkaChat.Cluster.Tests.Support;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Microsoft.Extensions.Time.Testing;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>
/// A room actor on an in-memory journal whose writes a test can hold, under a clock and a scheduler that a test moves. Probes stand for the
/// mediator, the projection, the read model and the client.
/// </summary>
public abstract class RoomKit : TestKit
{
    private const string Configuration =
        """
        akka {
          loglevel = off
          stdout-loglevel = off
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
          # Time enough for a machine that is busy; nothing waits it out where the product is right.
          test.single-expect-default = 15s
          test.filter-leeway = 15s
        }
        """;

    private protected static readonly EdgeId EdgeA = new("a");

    private protected static readonly EdgeId EdgeB = new("b");

    private static readonly RoomOptions Mailbox = new() { MaxPending = 50 };

    private readonly TestProbe _lookUps;
    private readonly IActorRef _outbox;

    protected RoomKit()
        : this(new JournalGate())
    {
    }

    private RoomKit(JournalGate journal)
        : base(ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig($"{Configuration}\n{GatedJournal.Configuration}\n{RoomSharding.MailboxConfiguration(Mailbox)}"),
            journal))
    {
        Journal = journal;
        Mediator = CreateTestProbe("mediator");
        Projection = CreateTestProbe("projection");
        Client = CreateTestProbe("client");
        Keeper = CreateTestProbe("keeper");
        Overtaken = CreateTestProbe("overtaken");
        _lookUps = CreateTestProbe("look-ups");
        _outbox = StartOutbox(Mediator);
    }

    private protected RoomOptions Options { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(RoomFacts.Start);

    protected JournalGate Journal { get; }

    /// <summary>Gets the writes while they are held.</summary>
    protected TestProbe Keeper { get; }

    protected TestProbe Mediator { get; }

    protected TestProbe Projection { get; }

    protected TestProbe Client { get; }

    /// <summary>In the place of <see cref="OvertakenRooms"/>.</summary>
    protected TestProbe Overtaken { get; }

    private protected FakeRoomLog.LookUp ExpectLookUp() => _lookUps.ExpectMsg<FakeRoomLog.LookUp>();

    private protected FakeRoomLog.MessageLookUp ExpectMessageLookUp() => _lookUps.ExpectMsg<FakeRoomLog.MessageLookUp>();

    private protected bool HasLookUps => _lookUps.HasMessages;

    protected IActorRef Start() => Sys.ActorOf(RoomProps());

    protected Props RoomProps() => RoomActor.Props(
        Room, new RoomServices(Options, Time, new FakeRoomLog(_lookUps), Projection, Mediator, _outbox, Overtaken));

    private protected IActorRef StartOutbox(IActorRef mediator) => Sys.ActorOf(Props.Create(() => new EdgeOutbox(mediator)));

    /// <summary>A room with Ana in it, at seq 2.</summary>
    protected IActorRef StartCreated()
    {
        var room = Start();
        Assert.Equal(new ChangeAck(2, Changed: true), Ask<ChangeAck>(room, Create));
        return room;
    }

    private protected static CreateRoom Create { get; } = new(Room, "room", "topic", RoomVisibility.Public, Ana);

    private protected static PostMessage Post(int number, string text = "hi", UserRef? author = null) =>
        new(Room, author ?? Ana, Cid(RoomFacts.Start, number), text, 0);

    protected T Ask<T>(IActorRef room, object command)
    {
        room.Tell(command, Client);
        return Client.ExpectMsg<T>();
    }

    /// <summary>All that was sent to the room before has been handled, and what it had for edges has left, when this returns.</summary>
    protected void Settle(IActorRef room)
    {
        // The outbox flushes behind what it has found in its mailbox.
        foreach (var actor in new[] { room, _outbox, _outbox })
        {
            var probe = CreateTestProbe();
            actor.Tell(new Identify(null), probe);
            probe.ExpectMsg<ActorIdentity>();
        }
    }

    /// <summary>Moves the clock and fires what is due.</summary>
    protected void Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(seconds));
    }

    protected HeldWrite ExpectWrite() => Keeper.ExpectMsg<HeldWrite>();

    private protected static RoomEventBatch Row(HeldWrite write) => Assert.IsType<RoomEventBatch>(Assert.Single(write.Entries));

    /// <summary>Stops it as a hand-off does, and waits until it is gone.</summary>
    protected void StopRoom(IActorRef room)
    {
        Watch(room);
        room.Tell(RoomActor.Stop.Instance);
        ExpectTerminated(room);
    }

    /// <summary>What the mediator was told for the topic, all others passed over up to it.</summary>
    private protected T ExpectPublished<T>(string topic)
        where T : IBroadcast
    {
        var publish = Mediator.FishForMessage<Publish>(publish => publish.Topic == topic && publish.Message is T);
        return (T)publish.Message;
    }

    private protected List<Publish> Published()
    {
        var all = new List<Publish>();
        while (Mediator.HasMessages)
        {
            all.Add(Mediator.ExpectMsg<Publish>());
        }

        return all;
    }
}
