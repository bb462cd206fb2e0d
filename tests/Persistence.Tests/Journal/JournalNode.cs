using System.Collections.Concurrent;
using Akka;
using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.Journal;

/// <summary>An actor system with the rooms' journal, as a node has it, and plain writers in the place of rooms.</summary>
public sealed class JournalNode : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;
    private readonly ConcurrentDictionary<RoomId, IActorRef> _writers = [];

    public JournalNode(IDatabase database)
    {
        _services = new ServiceCollection()
            .AddLogging()
            .AddAkka("chat", (builder, _) => builder
                .WithRoomJournal(database)
                .WithCustomSerializer("room", RoomSerializer.Formats.Select(format => format.Type), system => new RoomSerializer(system)))
            .BuildServiceProvider();
        System = _services.GetRequiredService<ActorSystem>();
    }

    public ActorSystem System { get; }

    /// <summary>Persists the entry and answers its number in the journal; throws where the journal refused it.</summary>
    public async Task<long> WriteAsync(RoomId room, IRoomJournalEntry entry) =>
        await Writer(room).Ask<long>(entry, Timeout);

    public Task<Recovered> RecoverAsync(RoomId room) => Writer(room).Ask<Recovered>(GetRecovered.Instance, Timeout);

    public Task SaveSnapshotAsync(RoomId room, RoomSnapshot snapshot) => Writer(room).Ask<Done>(snapshot, Timeout);

    /// <summary>What the snapshot store answers to many who ask at once, whether it has a snapshot, has none, or has failed.</summary>
    /// <exception cref="AskTimeoutException">One was not answered.</exception>
    public Task<ISnapshotResponse[]> LoadSnapshotsAsync(int count)
    {
        var store = Akka.Persistence.Persistence.Instance.Apply(System).SnapshotStoreFor(RoomJournal.SnapshotPluginId);
        return Task.WhenAll(Enumerable.Range(0, count).Select(i => store.Ask<ISnapshotResponse>(
            new LoadSnapshot($"r_{i}", SnapshotSelectionCriteria.Latest, long.MaxValue), Timeout)));
    }

    public async Task StopAsync(RoomId room)
    {
        if (_writers.TryRemove(room, out var writer))
        {
            await writer.GracefulStop(Timeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        await _services.DisposeAsync();
    }

    // At most one caller at a time uses a room, so none is made twice.
    private IActorRef Writer(RoomId room) =>
        _writers.GetOrAdd(room, id => System.ActorOf(Props.Create(() => new JournalWriter(id.Value))));

    public sealed record Recovered(IReadOnlyList<IRoomJournalEntry> Entries, RoomSnapshot? Snapshot, long LastNr);

    private sealed record GetRecovered
    {
        public static readonly GetRecovered Instance = new();
    }

    private sealed class JournalWriter : ReceivePersistentActor
    {
        private readonly List<IRoomJournalEntry> _recovered = [];
        private RoomSnapshot? _snapshot;
        private IActorRef _saver = ActorRefs.Nobody;

        public JournalWriter(string persistenceId)
        {
            PersistenceId = persistenceId;
            Recover<IRoomJournalEntry>(entry => _recovered.Add(entry));
            Recover<SnapshotOffer>(offer => _snapshot = (RoomSnapshot)offer.Snapshot);
            Command<IRoomJournalEntry>(entry => Persist(entry, _ => Sender.Tell(LastSequenceNr)));
            Command<GetRecovered>(_ => Sender.Tell(new Recovered([.. _recovered], _snapshot, LastSequenceNr)));
            Command<RoomSnapshot>(snapshot =>
            {
                _saver = Sender;
                SaveSnapshot(snapshot);
            });
            Command<SaveSnapshotSuccess>(_ => _saver.Tell(Done.Instance));
            Command<SaveSnapshotFailure>(failure => _saver.Tell(new Status.Failure(failure.Cause)));
        }

        public override string PersistenceId { get; }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
        {
            Sender.Tell(new Status.Failure(cause));
            base.OnPersistFailure(cause, @event, sequenceNr);
        }

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
        {
            Sender.Tell(new Status.Failure(cause));
            base.OnPersistRejected(cause, @event, sequenceNr);
        }
    }
}
