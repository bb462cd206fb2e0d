using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Cluster.Projection;

/// <summary>
/// Keeps the read model close behind the journals of this node's rooms: a few rooms at a time, each no oftener than every
/// <see cref="Pause"/>, and every few seconds whatever another node has left behind. Nothing waits for it: readers read the journal's
/// unprojected tail themselves.
/// </summary>
public sealed class ProjectionDriver : ReceiveActor, IWithTimers
{
    private const int MaxConcurrent = 2;
    private const int SweepLimit = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(30);

    private readonly IRoomProjection _projection;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<RoomId> _queue = new();
    private readonly HashSet<RoomId> _queued = [];
    private readonly HashSet<RoomId> _running = [];
    private readonly HashSet<RoomId> _resting = [];
    private readonly HashSet<RoomId> _again = [];
    private bool _sweeping;

    public ProjectionDriver(IRoomProjection projection)
    {
        _projection = projection;

        Receive<RoomMoved>(moved => Enqueue(moved.Room));
        Receive<CaughtUp>(done => Rest(done.Room, Pause));
        Receive<Failed>(failed =>
        {
            _log.Warning(failed.Cause, "The projection of {Room} failed and will be tried again", failed.Room);
            _again.Add(failed.Room);
            Rest(failed.Room, SweepInterval);
        });
        Receive<Rested>(rested =>
        {
            _resting.Remove(rested.Room);
            if (_again.Remove(rested.Room))
            {
                Enqueue(rested.Room);
            }
        });
        Receive<Sweep>(_ => StartSweep());
        Receive<Swept>(swept =>
        {
            _sweeping = false;
            foreach (var room in swept.Lagging)
            {
                Enqueue(room);
            }
        });
        Receive<Status.Failure>(failure =>
        {
            _sweeping = false;
            _log.Warning(failure.Cause, "The sweep for rooms behind their journal failed and will be tried again");
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Sweep), Sweep.Instance, SweepInterval, SweepInterval);

    private void Enqueue(RoomId room)
    {
        if (_running.Contains(room) || _resting.Contains(room))
        {
            _again.Add(room);
        }
        else if (_queued.Add(room))
        {
            _queue.Enqueue(room);
            StartNext();
        }
    }

    private void StartNext()
    {
        while (_running.Count < MaxConcurrent && _queue.TryDequeue(out var room))
        {
            _queued.Remove(room);
            _running.Add(room);
            CatchUpAsync(room).PipeTo(Self, failure: cause => new Failed(room, cause));
        }
    }

    private async Task<CaughtUp> CatchUpAsync(RoomId room)
    {
        using var timeout = new CancellationTokenSource(CatchUpTimeout);
        await _projection.CatchUpAsync(room, timeout.Token);
        return new CaughtUp(room);
    }

    /// <summary>The room gives its place to others, and comes back after <paramref name="pause"/> where there is more to do.</summary>
    private void Rest(RoomId room, TimeSpan pause)
    {
        _running.Remove(room);
        _resting.Add(room);
        Timers.StartSingleTimer(room, new Rested(room), pause);
        StartNext();
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
        return new Swept(await _projection.FindLaggingAsync(SweepLimit, timeout.Token));
    }

    /// <summary>The room's journal has something new. Local to the node, never on the wire.</summary>
    public sealed record RoomMoved(RoomId Room) : INoSerializationVerificationNeeded;

    private sealed record CaughtUp(RoomId Room);

    private sealed record Failed(RoomId Room, Exception Cause);

    private sealed record Rested(RoomId Room);

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
            Props.Create(() => new ProjectionDriver(resolver.GetService<IRoomProjection>())),
            "projection-driver")));
}
