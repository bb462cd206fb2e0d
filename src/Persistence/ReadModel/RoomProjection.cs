using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IRoomProjection"/>
public sealed class RoomProjection : IRoomProjection, IDisposable
{
    /// <summary>Journal rows in one transaction.</summary>
    private const int MaxRows = 500;

    /// <summary>A transaction takes no further row once it has this many events.</summary>
    private const int EnoughEvents = 1_000;

    // Connections that catch-ups may hold at once; the pool has others for reading.
    private const int PostgresParallelism = 4;

    private readonly IDatabase _database;
    private readonly UserStreamSignal _signal;
    private readonly CatchUpFlights _flights;
    private readonly LagFinder _lagging;

    public RoomProjection(IDatabase database, UserStreamSignal signal, TimeProvider time)
    {
        _database = database;
        _signal = signal;
        _flights = new CatchUpFlights(RunAsync, database.Provider == DatabaseProvider.Postgres ? PostgresParallelism : 1);
        _lagging = new LagFinder(database, time);
    }

    /// <remarks>
    /// Callers of one process share the work, so several may be told of the same users. Cancelling stops the waiting, not the work.
    /// </remarks>
    public Task<CatchUpResult> CatchUpAsync(RoomId room, CancellationToken cancellationToken = default) =>
        _flights.JoinAsync(room).WaitAsync(cancellationToken);

    public Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default) =>
        _lagging.FindAsync(limit, cancellationToken);

    public void Dispose() => _flights.Dispose();

    private async Task<CatchUpResult> RunAsync(RoomId room)
    {
        var moved = new Dictionary<UserId, long>();
        while (true)
        {
            var step = await _database
                .WriteAsync((connection, transaction) => StepAsync(connection, transaction, room), CancellationToken.None)
                .ConfigureAwait(false);
            foreach (var user in step.Moved)
            {
                moved[user.User] = user.UserSeq;
                _signal.Raise(user);
            }

            if (step.IsLast)
            {
                return new CatchUpResult(
                    step.Position.Seq, step.Position.N, [.. moved.Select(user => new UserMoved(user.Key, user.Value))]);
            }
        }
    }

    private async Task<Step> StepAsync(DbConnection connection, DbTransaction transaction, RoomId room)
    {
        var position = await LockAsync(connection, transaction, room).ConfigureAwait(false);
        var rows = await ReadRowsAsync(connection, room, position?.JournalNr ?? 0).ConfigureAwait(false);
        if (rows.Count == 0)
        {
            return new Step(position ?? new RoomPosition(0, 0, 0), [], IsLast: true);
        }

        if (position is null)
        {
            // The first rows of a room: somebody else may be about to take them, so the lock comes before a second look.
            await connection.ExecuteAsync(
                "INSERT INTO room_offset (room_id, journal_nr) VALUES (@room, 0) ON CONFLICT (room_id) DO NOTHING",
                new { room = room.Value },
                transaction).ConfigureAwait(false);
            return await StepAsync(connection, transaction, room).ConfigureAwait(false);
        }

        var taken = TakeEnough(rows);
        var changes = RoomChanges.Fold(room, position, taken);
        var moved = await new RoomTables(connection, transaction, room, CancellationToken.None).WriteAsync(changes).ConfigureAwait(false);
        return new Step(changes.Position, moved, IsLast: rows.Count < MaxRows && taken.Count == rows.Count);
    }

    private Task<IReadOnlyList<JournalEntry>> ReadRowsAsync(DbConnection connection, RoomId room, long afterNr) =>
        _database.OnJournalAsync(
            connection,
            journal => JournalReader.ReadRowsAsync(journal, room, afterNr, MaxRows, CancellationToken.None),
            CancellationToken.None);

    private static List<JournalEntry> TakeEnough(IReadOnlyList<JournalEntry> rows)
    {
        var events = 0;
        return rows.TakeWhile(row =>
        {
            var take = events < EnoughEvents;
            events += row.EventCount;
            return take;
        }).ToList();
    }

    // SQLite needs no row lock: a write has the file to itself from its beginning.
    private async Task<RoomPosition?> LockAsync(DbConnection connection, DbTransaction transaction, RoomId room)
    {
        var forUpdate = _database.Provider == DatabaseProvider.Postgres ? "FOR UPDATE" : "";
        var offset = await connection.QuerySingleOrDefaultAsync<long?>(
            $"SELECT journal_nr FROM room_offset WHERE room_id = @room {forUpdate}",
            new { room = room.Value },
            transaction).ConfigureAwait(false);
        if (offset is null)
        {
            return null;
        }

        // A statement of its own: the one that waited for the lock has the snapshot from before the wait.
        var (seq, n) = await connection.QuerySingleOrDefaultAsync<(long, long)>(
            "SELECT head_seq, head_n FROM room WHERE id = @room", new { room = room.Value }, transaction).ConfigureAwait(false);
        return new RoomPosition(offset.Value, seq, n);
    }

    private sealed record Step(RoomPosition Position, IReadOnlyList<UserMoved> Moved, bool IsLast);
}
