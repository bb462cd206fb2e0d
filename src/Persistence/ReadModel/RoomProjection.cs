using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IRoomProjection"/>
public sealed class RoomProjection : IRoomProjection, IDisposable
{
    /// <summary>Rooms in one transaction.</summary>
    private const int MaxRooms = 200;

    /// <summary>Journal rows in one transaction, shared by its rooms.</summary>
    private const int MaxRows = 1_000;

    /// <summary>A room takes no further row once it has its share of this many events.</summary>
    private const int EnoughEvents = 1_000;

    // Connections that catch-ups may hold at once; the pool has others for reading.
    private const int PostgresParallelism = 3;

    private readonly IDatabase _database;
    private readonly UserStreamSignal _signal;
    private readonly CatchUpGroups _groups;
    private readonly LagFinder _lagging;

    public RoomProjection(IDatabase database, UserStreamSignal signal, TimeProvider time)
    {
        _database = database;
        _signal = signal;
        _groups = new CatchUpGroups(RunAsync, database.Provider == DatabaseProvider.Postgres ? PostgresParallelism : 1, MaxRooms);
        _lagging = new LagFinder(database, time);
    }

    /// <remarks>
    /// Callers of one process share the work, so several may be told of the same users. Cancelling stops the waiting, not the work.
    /// </remarks>
    public Task<CatchUpResult> CatchUpAsync(RoomId room, CancellationToken cancellationToken = default) =>
        _groups.Join([room])[room].WaitAsync(cancellationToken);

    public async Task<IReadOnlyDictionary<RoomId, Exception>> CatchUpAllAsync(
        IReadOnlyCollection<RoomId> rooms,
        CancellationToken cancellationToken = default)
    {
        var waiting = _groups.Join(rooms);
        Task all = Task.WhenAll(waiting.Values);
        await all.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return waiting.Where(room => room.Value.IsFaulted).ToDictionary(room => room.Key, room => room.Value.Exception!.GetBaseException());
    }

    public Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default) =>
        _lagging.FindAsync(limit, cancellationToken);

    public void Dispose() => _lagging.Dispose();

    private async Task<IReadOnlyDictionary<RoomId, CatchUpResult>> RunAsync(IReadOnlyList<RoomId> rooms)
    {
        var results = new Dictionary<RoomId, CatchUpResult>();
        var moved = new Dictionary<RoomId, Dictionary<UserId, long>>();
        while (rooms.Count > 0)
        {
            var todo = rooms;
            var step = await _database.WriteAsync(
                (connection, transaction) => new ProjectionStep(_database, connection, transaction).RunAsync(todo, MaxRows, EnoughEvents),
                CancellationToken.None).ConfigureAwait(false);
            foreach (var user in step.Moved)
            {
                _signal.Raise(user);
            }

            foreach (var room in todo)
            {
                var users = moved.TryGetValue(room, out var known) ? known : moved[room] = [];
                foreach (var user in step.Moved.Where(user => step.Touched(room, user.User)))
                {
                    users[user.User] = user.UserSeq;
                }

                var position = step.Positions[room];
                results[room] = new CatchUpResult(
                    position.Seq, position.N, [.. users.Select(user => new UserMoved(user.Key, user.Value))]);
            }

            rooms = step.Unfinished;
        }

        return results;
    }
}

/// <summary>One transaction of the projection over some rooms.</summary>
internal sealed class ProjectionStep(IDatabase database, DbConnection connection, DbTransaction transaction)
{
    private readonly bool _postgres = database.Provider == DatabaseProvider.Postgres;

    /// <param name="Unfinished">Rooms whose journal went on beyond what was taken.</param>
    internal sealed record Result(
        IReadOnlyDictionary<RoomId, RoomPosition> Positions,
        IReadOnlyList<RoomChanges> Changes,
        IReadOnlyList<UserMoved> Moved,
        IReadOnlyList<RoomId> Unfinished)
    {
        public bool Touched(RoomId room, UserId user) =>
            Changes.Any(changes => changes.Room == room && changes.UserEvents.Any(e => e.User == user));
    }

    public async Task<Result> RunAsync(IReadOnlyList<RoomId> rooms, int maxRows, int enoughEvents)
    {
        var locked = await LockAsync(rooms).ConfigureAwait(false);
        var positions = rooms.ToDictionary(room => room, room => locked.GetValueOrDefault(room.Value) ?? new RoomPosition(0, 0, 0));
        var limit = Math.Max(1, maxRows / rooms.Count);
        var offsets = positions.ToDictionary(room => room.Key, room => room.Value.JournalNr);
        var rows = await database.OnJournalAsync(
            connection,
            journal => JournalReader.ReadRowsAsync(journal, database.Provider, offsets, limit, CancellationToken.None),
            CancellationToken.None).ConfigureAwait(false);
        var unknown = rows.Keys.Where(room => !locked.ContainsKey(room.Value)).ToList();
        if (unknown.Count > 0)
        {
            // The first rows of a room: somebody else may be about to take them, so the lock comes before a second look.
            await AddOffsetsAsync(unknown).ConfigureAwait(false);
            return await RunAsync(rooms, maxRows, enoughEvents).ConfigureAwait(false);
        }

        var changes = new List<RoomChanges>();
        var unfinished = new List<RoomId>();
        foreach (var (room, entries) in rows)
        {
            var taken = TakeEnough(entries, Math.Max(1, enoughEvents / rooms.Count));
            changes.Add(RoomChanges.Fold(room, positions[room], taken));
            positions[room] = changes[^1].Position;
            if (entries.Count == limit || taken.Count < entries.Count)
            {
                unfinished.Add(room);
            }
        }

        return new Result(positions, changes, await WriteAsync(changes).ConfigureAwait(false), unfinished);
    }

    private async Task<IReadOnlyList<UserMoved>> WriteAsync(List<RoomChanges> changes)
    {
        if (changes.Count == 0)
        {
            return [];
        }

        if (_postgres && changes.TrueForAll(room => room.UserEvents.Count == 0))
        {
            // What a crash of the server takes back of this is projected again, the offset included. Not so with users' streams: their
            // numbers have been told to clients.
            await connection.ExecuteAsync("SET LOCAL synchronous_commit = off", transaction: transaction).ConfigureAwait(false);
        }

        return await new RoomTables(connection, transaction, CancellationToken.None).WriteAsync(changes).ConfigureAwait(false);
    }

    // SQLite needs no row locks: a write has the file to itself from its beginning.
    private async Task<Dictionary<string, RoomPosition>> LockAsync(IReadOnlyList<RoomId> rooms)
    {
        var ids = RowFilter.Parameter(database.Provider, rooms.Select(room => room.Value));
        var filter = RowFilter.Sql(database.Provider, "room_id");
        // In the order of the ids, so that two nodes with overlapping groups do not wait for each other in a ring.
        var sql = $"SELECT room_id AS RoomId, journal_nr AS Nr FROM room_offset WHERE {filter} ORDER BY room_id {(_postgres ? "FOR UPDATE" : "")}";
        var offsets = await connection.QueryAsync<JournalHead>(sql, ids, transaction).ConfigureAwait(false);
        // A statement of its own: the one that waited for the locks has the snapshot from before the wait.
        var heads = (await connection.QueryAsync<(string Id, long Seq, long N)>(
            $"SELECT id, head_seq, head_n FROM room WHERE {RowFilter.Sql(database.Provider, "id")}", ids, transaction).ConfigureAwait(false))
            .ToDictionary(head => head.Id);
        return offsets.ToDictionary(
            offset => offset.RoomId,
            offset => heads.TryGetValue(offset.RoomId, out var head)
                ? new RoomPosition(offset.Nr, head.Seq, head.N)
                : new RoomPosition(offset.Nr, 0, 0));
    }

    private Task AddOffsetsAsync(List<RoomId> rooms)
    {
        var ids = rooms.Select(room => room.Value).Order(StringComparer.Ordinal).ToList();
        return MultiRow.InsertAsync(
            connection,
            transaction,
            "room_offset",
            [RowColumn.Text("room_id", ids), RowColumn.Number("journal_nr", ids.Select(_ => 0L))],
            "ON CONFLICT (room_id) DO NOTHING",
            CancellationToken.None);
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
