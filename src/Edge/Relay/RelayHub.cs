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
/// </summary>
internal sealed class RelayHub : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan EchoInterval = TimeSpan.FromMilliseconds(500);

    private readonly RelayServices _services;
    private readonly IActorRefProvider _provider = ((ExtendedActorSystem)Context.System).Provider;
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<RoomId, Watched> _relays = [];
    private readonly string _nonce = Guid.NewGuid().ToString("N");

    public RelayHub(RelayServices services)
    {
        _services = services;

        Receive<Attach>(OnAttach);
        Receive<Detach>(detach => Existing(detach.Room)?.Forward(detach));
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
            watched = new Watched(Context.ActorOf(Props.Create(() => new RoomRelay(attach.Room, _services))));
            _relays.Add(attach.Room, watched);
        }

        watched.Attaches++;
        watched.Relay.Forward(attach);
    }

    /// <summary>A relay that has not seen every attach is about to be used again, so it stays.</summary>
    private void OnIdle(Idle idle)
    {
        if (_relays.TryGetValue(idle.Room, out var watched) && watched.Attaches == idle.AttachesSeen)
        {
            _relays.Remove(idle.Room);
            Context.Stop(watched.Relay);

            // Sent from here and not by the relay as it stops, so that it precedes the watch of the room's next relay.
            _services.Rooms.Tell(new RoomProtocol.UnwatchRoom(idle.Room, _services.Edge));
        }
    }

    /// <summary>Local to the edge: these carry sockets.</summary>
    internal sealed record Attach(RoomId Room, IRoomSubscriber Subscriber) : INoSerializationVerificationNeeded;

    internal sealed record Detach(RoomId Room, IRoomSubscriber Subscriber) : INoSerializationVerificationNeeded;

    internal sealed record Idle(RoomId Room, long AttachesSeen) : INoSerializationVerificationNeeded;

    private sealed class Watched(IActorRef relay)
    {
        public IActorRef Relay { get; } = relay;

        public long Attaches { get; set; }
    }

    private sealed class Echo
    {
        public static readonly Echo Instance = new();
    }
}
