using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using AkkaChat.Cluster.Echo;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Relay;

/// <summary>What the relays of one edge share.</summary>
/// <param name="Rooms">The gateway to the rooms' shard region.</param>
/// <param name="Presence">Notified of membership changes.</param>
/// <param name="Users">Notified of user stream changes.</param>
internal sealed record RelayServices(
    EdgeId Edge,
    IActorRef Rooms,
    IActorRef Presence,
    IActorRef Users,
    IRoomLog Log,
    RelayOptions Options,
    TimeProvider Time,
    EdgeReadiness Readiness);

/// <summary>
/// The edge's only subscriber of distributed pub-sub: subscribes to the edge's own topic and the one shared by all edges, and dispatches
/// each broadcast to the relay of its room. The edge becomes ready when a room node has replied through the topic.
/// A watch wakes a room that sleeps, and one hello can ask for thousands: so few watches at a time wait for their first answer. Commands are
/// not held here, and find few watches before them where rooms recover.
/// </summary>
internal sealed class RelayHub : ReceiveActor, IWithTimers
{
    /// <summary>The number of rooms whose first answer is waited for.</summary>
    internal const int MaxWaking = 64;

    /// <summary>A room that has not answered until then makes way for others: its node may be dead.</summary>
    internal static readonly TimeSpan WakeTurn = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan EchoInterval = TimeSpan.FromMilliseconds(500);

    private readonly RelayServices _services;
    private readonly IActorRefProvider _provider = ((ExtendedActorSystem)Context.System).Provider;
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<RoomId, Watched> _relays = [];
    private readonly LinkedList<Watched> _toWake = new();
    private readonly HashSet<RoomId> _waking = [];
    private readonly string _nonce = Guid.NewGuid().ToString("N");

    public RelayHub(RelayServices services)
    {
        _services = services;

        Receive<Attach>(OnAttach);
        Receive<Detach>(OnDetach);
        Receive<Awake>(awake => OnTurnOver(awake.Room));
        Receive<TurnOver>(turn => OnTurnOver(turn.Room));
        Receive<RoomProtocol.EdgeBatch>(OnBatch);
        Receive<RoomProtocol.IBroadcast>(OnBroadcast);
        Receive<UserProtocol.PresenceDelta>(delta => _services.Presence.Forward(delta));
        Receive<UserProtocol.EchoReply>(OnEcho);
        Receive<UserProtocol.IUserMessage>(message => _services.Users.Forward(message));
        Receive<Idle>(OnIdle);
        Receive<SubscribeAck>(ack => _log.Debug("Subscribed to {Topic}", ack.Subscribe.Topic));
        Receive<Echo>(_ => _mediator.Tell(new Send(EdgeEcho.Path, new UserProtocol.EchoRequest(_services.Edge, _nonce))));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _mediator.Tell(new Subscribe(_services.Edge.Topic, Self));
        _mediator.Tell(new Subscribe(EdgeTopics.All, Self));
        Timers.StartPeriodicTimer(nameof(Echo), Echo.Instance, TimeSpan.Zero, EchoInterval);
    }

    /// <summary>A relay that fails has lost its sockets, and would not get them back by a restart.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    protected override void PreRestart(Exception reason, object message)
    {
        SubscriptionsLost.Publish(Context, "The relay of rooms' events");
        base.PreRestart(reason, message);
    }

    private void OnEcho(UserProtocol.EchoReply reply)
    {
        if (reply.Nonce == _nonce)
        {
            Timers.Cancel(nameof(Echo));
            _services.Readiness.RoomsReachable();
        }
    }

    private void OnBatch(RoomProtocol.EdgeBatch batch)
    {
        foreach (var item in batch.Items)
        {
            switch (item)
            {
                case EdgeAnswer answer:
                    _provider.ResolveActorRef(_provider.DefaultAddress + answer.To).Tell(answer.Reply);
                    break;
                case RoomProtocol.IBroadcast broadcast:
                    OnBroadcast(broadcast);
                    break;
                default:
                    Unhandled(item);
                    break;
            }
        }
    }

    private void OnBroadcast(RoomProtocol.IBroadcast broadcast) => Existing(broadcast.Room)?.Forward(broadcast);

    private IActorRef? Existing(RoomId room) => _relays.GetValueOrDefault(room)?.Relay;

    private void OnAttach(Attach attach)
    {
        if (!_relays.TryGetValue(attach.Room, out var watched))
        {
            watched = new Watched(attach.Room);
            _relays.Add(attach.Room, watched);
            _toWake.AddLast(watched.Place);
        }

        if (watched.Relay is null)
        {
            watched.Waiting.Add(attach.Subscriber);
            WakeNext();
        }
        else
        {
            watched.Attach(attach.Subscriber);
        }
    }

    private void OnDetach(Detach detach)
    {
        if (!_relays.TryGetValue(detach.Room, out var watched))
        {
            return;
        }

        watched.Relay?.Tell(detach);
        if (watched.Relay is null && watched.Waiting.Remove(detach.Subscriber) && watched.Waiting.Count == 0)
        {
            _toWake.Remove(watched.Place);
            _relays.Remove(detach.Room);
        }
    }

    private void WakeNext()
    {
        while (_waking.Count < MaxWaking && _toWake.First?.Value is { } next)
        {
            _toWake.RemoveFirst();
            _waking.Add(next.Room);
            Timers.StartSingleTimer(next.Room, new TurnOver(next.Room), WakeTurn);
            next.Start(Context.ActorOf(Props.Create(() => new RoomRelay(next.Room, _services))));
        }
    }

    private void OnTurnOver(RoomId room)
    {
        if (_waking.Remove(room))
        {
            Timers.Cancel(room);
            WakeNext();
        }
    }

    /// <summary>A relay that has not seen every attach is about to be used again, so it stays.</summary>
    private void OnIdle(Idle idle)
    {
        if (_relays.TryGetValue(idle.Room, out var watched) && watched.Relay is { } relay && watched.Attaches == idle.AttachesSeen)
        {
            _relays.Remove(idle.Room);
            Context.Stop(relay);
            OnTurnOver(idle.Room);

            // Sent from here and not by the relay as it stops, so that it precedes the watch of the room's next relay.
            _services.Rooms.Tell(new RoomProtocol.UnwatchRoom(idle.Room, _services.Edge));
        }
    }

    /// <summary>Local to the edge: these carry sockets.</summary>
    internal sealed record Attach(RoomId Room, IRoomSubscriber Subscriber) : INoSerializationVerificationNeeded;

    internal sealed record Detach(RoomId Room, IRoomSubscriber Subscriber) : INoSerializationVerificationNeeded;

    internal sealed record Idle(RoomId Room, long AttachesSeen) : INoSerializationVerificationNeeded;

    /// <summary>The relay of this room has its first answer.</summary>
    internal sealed record Awake(RoomId Room) : INoSerializationVerificationNeeded;

    private sealed record TurnOver(RoomId Room);

    private sealed class Watched
    {
        public Watched(RoomId room) => (Room, Place) = (room, new LinkedListNode<Watched>(this));

        public RoomId Room { get; }

        /// <summary>Among the rooms that wait for their turn to be woken.</summary>
        public LinkedListNode<Watched> Place { get; }

        /// <summary>Null until the room's turn.</summary>
        public IActorRef? Relay { get; private set; }

        /// <summary>Who waits for the room's turn.</summary>
        public HashSet<IRoomSubscriber> Waiting { get; } = [];

        /// <summary>How many the relay has been told of.</summary>
        public long Attaches { get; private set; }

        public void Start(IActorRef relay)
        {
            Relay = relay;
            foreach (var subscriber in Waiting)
            {
                Attach(subscriber);
            }

            Waiting.Clear();
        }

        public void Attach(IRoomSubscriber subscriber)
        {
            Attaches++;
            Relay.Tell(new Attach(Room, subscriber));
        }
    }

    private sealed class Echo
    {
        public static readonly Echo Instance = new();
    }
}
