using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.Consumers;

/// <summary>What one transaction did.</summary>
/// <param name="Unfinished">Rooms whose journal has further rows.</param>
/// <param name="Behind">Consumers whose offsets differ from the first one's.</param>
/// <param name="AfterCommit">Actions to run after the commit.</param>
internal sealed record StepResult(
    IReadOnlyList<RoomId> Unfinished,
    IReadOnlyList<(IRoomConsumer Consumer, RoomId Room)> Behind,
    IReadOnlyList<Action> AfterCommit);

/// <summary>
/// One transaction over some rooms: the first consumer takes what follows its offsets, and each of the others takes the same where it is
/// not behind.
/// </summary>
/// <param name="consumers">The first one is never <paramref name="excluded"/>.</param>
/// <param name="excluded">Consumers whose offsets are added where they are missing and otherwise left alone.</param>
internal sealed class ConsumerStep(
    IDatabase database,
    IReadOnlyList<IRoomConsumer> consumers,
    IReadOnlyCollection<IRoomConsumer> excluded,
    DbConnection connection,
    DbTransaction transaction)
{
    /// <summary>Journal rows in one transaction, shared by its rooms.</summary>
    private const int MaxRows = 1_000;

    /// <summary>A room takes no further row once it has its share of this many events.</summary>
    private const int EnoughEvents = 1_000;

    private readonly bool _postgres = database.Provider == DatabaseProvider.Postgres;
    private readonly List<Action> _afterCommit = [];
    private bool _durable;

    /// <summary>The running consumer, so that a failure can be attributed.</summary>
    public IRoomConsumer? Running { get; private set; }

    private IRoomConsumer First => consumers[0];

    public async Task<StepResult> RunAsync(IReadOnlyList<RoomId> rooms)
    {
        var offsets = await ConsumerOffsets.LockAsync(
            connection, transaction, database.Provider, rooms, [.. consumers.Select(consumer => consumer.Name)]).ConfigureAwait(false);
        var limit = Math.Max(1, MaxRows / rooms.Count);
        var rows = await database.OnJournalAsync(
            connection,
            journal => JournalReader.ReadRowsAsync(
                journal, database.Provider, rooms.ToDictionary(room => room, room => offsets.Of(room, First.Name)), limit, CancellationToken.None),
            CancellationToken.None).ConfigureAwait(false);
        var missing = Missing(rows.Keys, offsets);
        if (missing.Count > 0)
        {
            // Another node may be about to take the same rows: lock first, then read the offsets again.
            await ConsumerOffsets.AddAsync(connection, transaction, missing).ConfigureAwait(false);
            return await RunAsync(rooms).ConfigureAwait(false);
        }

        var slices = new List<RoomSlice>();
        var unfinished = new List<RoomId>();
        foreach (var (room, entries) in rows)
        {
            var taken = TakeEnough(entries, Math.Max(1, EnoughEvents / rooms.Count));
            slices.Add(new RoomSlice(room, taken));
            if (entries.Count == limit || taken.Count < entries.Count)
            {
                unfinished.Add(room);
            }
        }

        return new StepResult(unfinished, await ConsumeAsync(rooms, slices, offsets).ConfigureAwait(false), _afterCommit);
    }

    private List<(RoomId Room, string Consumer, long Nr)> Missing(IEnumerable<RoomId> rooms, ConsumerOffsets offsets) =>
    [
        .. from room in rooms
           from consumer in consumers
           where !offsets.Has(room, consumer.Name)
           select (room, consumer.Name, consumer.Start == ConsumerStart.Now ? offsets.Of(room, First.Name) : 0),
    ];

    private async Task<IReadOnlyList<(IRoomConsumer Consumer, RoomId Room)>> ConsumeAsync(
        IReadOnlyList<RoomId> rooms,
        List<RoomSlice> slices,
        ConsumerOffsets offsets)
    {
        var behind = new List<(IRoomConsumer Consumer, RoomId Room)>();
        var moved = new List<(RoomId Room, string Consumer, long Nr)>();
        foreach (var consumer in consumers)
        {
            var isBehind = rooms.Where(room => IsBehind(consumer, room, offsets)).ToHashSet();
            if (excluded.Contains(consumer))
            {
                behind.AddRange(slices.Select(slice => (consumer, slice.Room)));
                continue;
            }

            behind.AddRange(isBehind.Select(room => (consumer, room)));
            var own = slices.Where(slice => !isBehind.Contains(slice.Room))
                .Select(slice => slice.After(offsets.Of(slice.Room, consumer.Name)))
                .Where(slice => slice.Entries.Count > 0)
                .ToList();
            if (own.Count > 0)
            {
                await RunAsync(consumer, own).ConfigureAwait(false);
                moved.AddRange(own.Select(slice => (slice.Room, consumer.Name, slice.Entries[^1].Nr)));
            }
        }

        if (moved.Count > 0)
        {
            await FinishAsync(moved).ConfigureAwait(false);
        }

        return behind;
    }

    /// <summary>One that begins at the beginning is behind in a room that was there before it, even if nothing happens there any more.</summary>
    private bool IsBehind(IRoomConsumer consumer, RoomId room, ConsumerOffsets offsets) =>
        (offsets.Has(room, consumer.Name) || consumer.Start == ConsumerStart.Beginning)
        && offsets.Of(room, consumer.Name) < offsets.Of(room, First.Name);

    private async Task RunAsync(IRoomConsumer consumer, List<RoomSlice> slices)
    {
        Running = consumer;
        var batch = new ConsumerBatch(connection, transaction, slices, _afterCommit);
        await consumer.ConsumeAsync(batch, CancellationToken.None).ConfigureAwait(false);
        _durable |= batch.IsDurable;
        Running = null;
    }

    private async Task FinishAsync(List<(RoomId Room, string Consumer, long Nr)> moved)
    {
        if (_postgres && !_durable)
        {
            // If a server crash reverts this, the offsets are reverted too, and the events are consumed again.
            await connection.ExecuteAsync("SET LOCAL synchronous_commit = off", transaction: transaction).ConfigureAwait(false);
        }

        await ConsumerOffsets.MoveAsync(connection, transaction, moved).ConfigureAwait(false);
    }

    private static List<JournalEntry> TakeEnough(IReadOnlyList<JournalEntry> rows, int enough)
    {
        var events = 0;
        return rows.TakeWhile(row =>
        {
            var take = events < enough;
            events += row.EventCount;
            return take;
        }).ToList();
    }
}
