using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Persistence.Consumers;

namespace AkkaChat.Cluster.Projection;

/// <summary>
/// Keeps the consumers of rooms' events, the read model first, close behind the journals of this node's rooms. Rooms that change within
/// <see cref="Gather"/> are caught up together, since a transaction costs as much for one room as for many; every few seconds the driver
/// also looks for rooms that other nodes left behind. Nobody waits for it: readers read the unprojected tail of the journal themselves.
/// </summary>
public sealed class ProjectionDriver : ReceiveActor, IWithTimers
{
    private const int SweepLimit = 200;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(30);

    private readonly IRoomConsumers _consumers;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Both are bounded by the number of rooms.
    private readonly HashSet<RoomId> _moved = [];
    private readonly HashSet<RoomId> _failed = [];
    private bool _running;
    private bool _sweeping;

    // For ChatMetrics.
    private long _waitingSince;
    private long _runningSince;

    public ProjectionDriver(IRoomConsumers consumers)
    {
        _consumers = consumers;

        Receive<RoomMoved>(moved => Add(moved.Room));
        Receive<Gathered>(_ => Start());
        Receive<CaughtUp>(OnCaughtUp);
        Receive<Retry>(retry =>
        {
            _failed.ExceptWith(retry.Rooms);
            foreach (var room in retry.Rooms)
            {
                Add(room);
            }
        });
        Receive<Sweep>(_ => StartSweep());
        Receive<Swept>(swept =>
        {
            _sweeping = false;
            foreach (var room in swept.Lagging)
            {
                Add(room);
            }
        });
        Receive<Status.Failure>(failure =>
        {
            _sweeping = false;
            _log.Warning(failure.Cause, "The sweep for lagging rooms failed; retrying");
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Sweep), Sweep.Instance, SweepInterval, SweepInterval);

    private void Add(RoomId room)
    {
        // A room that failed waits for its retry, which takes everything it has by then.
        if (!_failed.Contains(room) && _moved.Add(room))
        {
            _waitingSince = _waitingSince == 0 ? ChatMetrics.ProjectionLag.Start() : _waitingSince;
            WaitForMore();
        }
    }

    private void WaitForMore()
    {
        if (!_running && _moved.Count > 0 && !Timers.IsTimerActive(nameof(Gathered)))
        {
            Timers.StartSingleTimer(nameof(Gathered), Gathered.Instance, Gather);
        }
    }

    private void Start()
    {
        _running = true;
        (_runningSince, _waitingSince) = (_waitingSince, 0);
        RoomId[] rooms = [.. _moved];
        _moved.Clear();
        CatchUpAsync(rooms).PipeTo(Self, failure: cause => new CaughtUp(rooms.ToDictionary(room => room, _ => cause)));
    }

    private async Task<CaughtUp> CatchUpAsync(RoomId[] rooms)
    {
        using var timeout = new CancellationTokenSource(CatchUpTimeout);
        return new CaughtUp(await _consumers.CatchUpAllAsync(rooms, timeout.Token));
    }

    private void OnCaughtUp(CaughtUp done)
    {
        _running = false;
        ChatMetrics.ProjectionLag.RecordSince(_runningSince);
        ChatMetrics.ProjectionFailures.Add(done.Failed.Count);
        if (done.Failed.Count > 0)
        {
            var (room, cause) = done.Failed.First();
            _log.Warning(cause, "The projection of {Count} rooms failed, {Room} among them; retrying", done.Failed.Count, room);
            _failed.UnionWith(done.Failed.Keys);
            _moved.ExceptWith(done.Failed.Keys);
            var retry = new Retry([.. done.Failed.Keys]);
            Timers.StartSingleTimer(retry, retry, SweepInterval);
        }

        WaitForMore();
    }

    private void StartSweep()
    {
        if (_sweeping)
        {
            return;
        }

        _sweeping = true;
        SweepAsync().PipeTo(Self);
    }

    private async Task<Swept> SweepAsync()
    {
        using var timeout = new CancellationTokenSource(CatchUpTimeout);
        return new Swept(await _consumers.FindLaggingAsync(SweepLimit, timeout.Token));
    }

    /// <summary>The room's journal has new rows. Local to the node, never on the wire.</summary>
    public sealed record RoomMoved(RoomId Room) : INoSerializationVerificationNeeded;

    private sealed class Gathered
    {
        public static readonly Gathered Instance = new();
    }

    private sealed record CaughtUp(IReadOnlyDictionary<RoomId, Exception> Failed);

    private sealed record Retry(IReadOnlyList<RoomId> Rooms);

    private sealed record Swept(IReadOnlyList<RoomId> Lagging);

    private sealed class Sweep
    {
        public static readonly Sweep Instance = new();
    }
}

public static class ProjectionHosting
{
    /// <summary>Starts the driver. Before the rooms, which report to it.</summary>
    public static AkkaConfigurationBuilder WithProjectionDriver(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry, resolver) => registry.Register<ProjectionDriver>(system.ActorOf(
            Props.Create(() => new ProjectionDriver(resolver.GetService<IRoomConsumers>())),
            "projection-driver")));
}
