using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;

namespace AkkaChat.Persistence.Consumers;

/// <summary>Where a consumer starts in a room for which it has no offset.</summary>
public enum ConsumerStart
{
    /// <summary>At the room's first event.</summary>
    Beginning,

    /// <summary>At the room's next event: earlier ones do not concern it.</summary>
    Now,
}

/// <summary>
/// Consumes the durable events of all rooms: each at least once, those of a room in their order, many rooms together. The offset moves in
/// the transaction of <see cref="ConsumeAsync"/>, so what that transaction writes is written exactly once. Register one with
/// <c>AddRoomConsumer</c>. A consumer that fails falls behind alone: the others go on, and it is tried again every few seconds.
/// </summary>
public interface IRoomConsumer
{
    /// <summary>Names its offsets in the database. Never changed, and never used for another consumer.</summary>
    string Name { get; }

    ConsumerStart Start { get; }

    /// <summary>
    /// Writes the effects of the events through the batch's transaction, and nothing elsewhere: it may run again for the same events, on
    /// this or another node, until the transaction has committed. It must not wait for anything but the database; slow effects are durable
    /// work.
    /// </summary>
    /// <exception cref="Exception">Any exception rolls the transaction back, and the consumer's offset stays.</exception>
    Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken);
}

/// <summary>
/// The one consumer that readers wait for. The others join its transactions while their offsets are the same, which costs little; a
/// consumer that is behind catches up in transactions of its own.
/// </summary>
public interface ILeadingConsumer : IRoomConsumer;

/// <summary>New events of some rooms, and the transaction for their effects.</summary>
public sealed class ConsumerBatch
{
    private readonly List<Action> _afterCommit;

    internal ConsumerBatch(DbConnection connection, DbTransaction transaction, IReadOnlyList<RoomSlice> rooms, List<Action> afterCommit)
    {
        Connection = connection;
        Transaction = transaction;
        Rooms = rooms;
        _afterCommit = afterCommit;
    }

    public DbConnection Connection { get; }

    public DbTransaction Transaction { get; }

    /// <summary>At least one. No room twice.</summary>
    public IReadOnlyList<RoomSlice> Rooms { get; }

    internal bool IsDurable { get; private set; }

    /// <summary>
    /// Makes the commit durable. Without this, a crash of the database server may roll back the newest batches with their offsets, and they
    /// are consumed again.
    /// </summary>
    public void RequireDurableCommit() => IsDurable = true;

    /// <summary>
    /// Runs <paramref name="action"/> once the transaction has committed. It must neither block nor throw, and may be lost with the
    /// process.
    /// </summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);
}

/// <summary>
/// A room's events after the consumer's offset, in their order. There may be none, as between two incarnations of the room.
/// </summary>
public sealed class RoomSlice
{
    internal RoomSlice(RoomId room, IReadOnlyList<JournalEntry> entries)
    {
        Room = room;
        Entries = entries;
    }

    public RoomId Room { get; }

    public IEnumerable<RoomEvent> Events => Entries.SelectMany(entry => entry.Events);

    internal IReadOnlyList<JournalEntry> Entries { get; }

    /// <summary>What of it follows the journal row <paramref name="nr"/>.</summary>
    internal RoomSlice After(long nr) =>
        Entries.Count == 0 || Entries[0].Nr > nr ? this : new RoomSlice(Room, [.. Entries.SkipWhile(entry => entry.Nr <= nr)]);
}
