using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Event;
using Akka.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Journal;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Compares the rooms of this node that are watched and have written nothing since they started with their journals, every two seconds and many in
/// one query. One whose journal has gone on was overtaken by an incarnation that the cluster believes dead, and is told so until it stops.
/// One query runs at a time, so a slow database is asked less often.
/// </summary>
internal sealed class OvertakenRooms : ReceiveActor, IWithTimers
{
    /// <summary>One look-up in the journal's unique key each: a few milliseconds together.</summary>
    private const int RoomsAtOnce = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly JournalHeads _heads;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<RoomId, Place> _rooms = [];

    /// <summary>What is left of this round.</summary>
    private readonly Queue<RoomId> _round = [];

    public OvertakenRooms(JournalHeads heads)
    {
        _heads = heads;
        Receive<Look>(look => _rooms[look.Room] = new Place(Sender, look.Row));
        Receive<Forget>(OnForget);
        Receive<Tick>(_ => BeginRound());
        Receive<Heads>(OnHeads);
        Receive<ReadFailed>(OnReadFailed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => ScheduleRound();

    private void ScheduleRound() => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, Interval);

    /// <summary>A later incarnation on this node may have taken the place.</summary>
    private void OnForget(Forget forget)
    {
        if (_rooms.TryGetValue(forget.Room, out var place) && place.Actor.Equals(Sender))
        {
            _rooms.Remove(forget.Room);
        }
    }

    private void BeginRound()
    {
        foreach (var room in _rooms.Keys)
        {
            _round.Enqueue(room);
        }

        ReadNext();
    }

    private void ReadNext()
    {
        var rooms = new List<RoomId>();
        while (rooms.Count < RoomsAtOnce && _round.TryDequeue(out var room))
        {
            rooms.Add(room);
        }

        if (rooms.Count == 0)
        {
            ScheduleRound();
            return;
        }

        ReadAsync(rooms).PipeTo(Self, failure: cause => new ReadFailed(cause));
    }

    private async Task<Heads> ReadAsync(IReadOnlyCollection<RoomId> rooms)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout);
        return new Heads(await _heads.ReadAsync(rooms, timeout.Token).ConfigureAwait(false));
    }

    private void OnHeads(Heads heads)
    {
        foreach (var (room, row) in heads.Rows)
        {
            if (_rooms.TryGetValue(room, out var place) && row > place.Row)
            {
                place.Actor.Tell(new Overtaken(row));
            }
        }

        ReadNext();
    }

    private void OnReadFailed(ReadFailed failed)
    {
        _log.Warning(failed.Cause, "Looking for rooms that were overtaken failed; looking again in {Interval}", Interval);
        _round.Clear();
        ScheduleRound();
    }

    /// <summary>From a room: tell me when my journal has a row above this one.</summary>
    internal sealed record Look(RoomId Room, long Row) : INoSerializationVerificationNeeded;

    internal sealed record Forget(RoomId Room) : INoSerializationVerificationNeeded;

    /// <summary>To a room: somebody else has written this row.</summary>
    internal sealed record Overtaken(long Row) : INoSerializationVerificationNeeded;

    private readonly record struct Place(IActorRef Actor, long Row);

    private sealed record Heads(IReadOnlyDictionary<RoomId, long> Rows) : INoSerializationVerificationNeeded;

    private sealed record ReadFailed(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}

internal static class OvertakenRoomsHosting
{
    public static AkkaConfigurationBuilder WithOvertakenRooms(this AkkaConfigurationBuilder builder) => builder.WithActors((system, registry) =>
    {
        var heads = DependencyResolver.For(system).Resolver.GetService<JournalHeads>();
        registry.Register<OvertakenRooms>(system.ActorOf(Props.Create(() => new OvertakenRooms(heads)), "overtaken-rooms"));
    });
}
