using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Serialization;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Journal;

/// <param name="Nr">Its sequence_number: counts rows, unlike the <c>seq</c> of the events inside.</param>
internal sealed record JournalEntry(long Nr, IRoomJournalEntry Entry)
{
    public int EventCount => Events.Count;

    public IReadOnlyList<RoomEvent> Events => Entry is RoomEventBatch batch ? batch.Events : [];
}

/// <summary>Reads rooms' journals directly, without the plugin, by persistence id and number alone: no tags, no global order.</summary>
internal static class JournalReader
{
    internal const string RowsSql = """
        SELECT sequence_number AS Nr, message AS Message, manifest AS Manifest, COALESCE(identifier, 0) AS Identifier
        FROM journal
        WHERE persistence_id = @room AND sequence_number > @after
        ORDER BY sequence_number
        LIMIT @limit
        """;

    // length() of a bytea or blob is known without reading it.
    private const string RowsWithinBytesSql = """
        SELECT Nr, Message, Manifest, Identifier
        FROM (
            SELECT j.*, sum(length(Message)) OVER (ORDER BY Nr) - length(Message) AS bytes_before
            FROM (
                SELECT sequence_number AS Nr, message AS Message, manifest AS Manifest, COALESCE(identifier, 0) AS Identifier
                FROM journal
                WHERE persistence_id = @room AND sequence_number > @after
                ORDER BY sequence_number
                LIMIT @limit
            ) j
        ) p
        WHERE bytes_before < @maxBytes
        ORDER BY Nr
        """;

    private const string RowsOfManySql = """
        SELECT v.id AS RoomId, j.sequence_number AS Nr, j.message AS Message, j.manifest AS Manifest, COALESCE(j.identifier, 0) AS Identifier
        FROM unnest(@rooms, @afters) AS v (id, after)
        CROSS JOIN LATERAL (
            SELECT sequence_number, message, manifest, identifier
            FROM journal
            WHERE persistence_id = v.id AND sequence_number > v.after
            ORDER BY sequence_number
            LIMIT @limit
        ) j
        """;

    // One look-up at the end of the unique index per id.
    private const string PostgresHeadsSql = """
        SELECT v.id AS RoomId, COALESCE((SELECT max(sequence_number) FROM journal WHERE persistence_id = v.id), 0) AS Nr
        FROM unnest(@rooms) AS v (id)
        """;

    private const string SqliteHeadsSql = """
        SELECT v.value AS RoomId, COALESCE((SELECT max(sequence_number) FROM journal WHERE persistence_id = v.value), 0) AS Nr
        FROM json_each(@rooms) AS v
        """;

    /// <summary>
    /// Runs on a connection to the journal: with PostgreSQL that is <paramref name="main"/> itself, so that a caller who already holds a
    /// connection of the pool does not wait for a second one; with SQLite the journal is another file.
    /// </summary>
    public static async Task<T> OnJournalAsync<T>(
        this IDatabase database,
        DbConnection main,
        Func<DbConnection, Task<T>> read,
        CancellationToken cancellationToken)
    {
        if (database is not SqliteDatabase sqlite)
        {
            return await read(main).ConfigureAwait(false);
        }

        await using var connection = await sqlite.OpenAsync(sqlite.JournalConnectionString, cancellationToken).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    }

    /// <summary>Uses a connection to the database that has the journal.</summary>
    public static Task<T> WithJournalAsync<T>(
        this IDatabase database,
        Func<DbConnection, Task<T>> use,
        CancellationToken cancellationToken) => database.WithFileAsync(database.JournalConnectionString, use, cancellationToken);

    /// <summary>Uses a connection to the database that has the snapshots.</summary>
    public static Task<T> WithSnapshotsAsync<T>(
        this IDatabase database,
        Func<DbConnection, Task<T>> use,
        CancellationToken cancellationToken) => database.WithFileAsync(database.SnapshotConnectionString, use, cancellationToken);

    /// <summary>Up to <paramref name="limit"/> rows above <paramref name="afterNr"/>, ascending and contiguous.</summary>
    /// <exception cref="InvalidDataException">A row was written by another serializer.</exception>
    public static async Task<IReadOnlyList<JournalEntry>> ReadRowsAsync(
        DbConnection journal,
        RoomId room,
        long afterNr,
        int limit,
        CancellationToken cancellationToken) =>
        Contiguous(room, afterNr, await QueryAsync(journal, room, afterNr, limit, cancellationToken).ConfigureAwait(false));

    /// <summary>The same, up to the row that reaches <paramref name="maxBytes"/>.</summary>
    /// <exception cref="InvalidDataException">A row was written by another serializer.</exception>
    public static async Task<IReadOnlyList<JournalEntry>> ReadRowsWithinAsync(
        DbConnection journal,
        RoomId room,
        long afterNr,
        int limit,
        int maxBytes,
        CancellationToken cancellationToken)
    {
        var command = new CommandDefinition(
            RowsWithinBytesSql, new { room = room.Value, after = afterNr, limit, maxBytes }, cancellationToken: cancellationToken);
        var rows = await journal.QueryAsync<Row>(command).ConfigureAwait(false);
        return Contiguous(room, afterNr, rows);
    }

    /// <summary>
    /// For consumers: as <see cref="ReadRowsAsync(DbConnection, RoomId, long, int, CancellationToken)"/> for several rooms, each above its own
    /// number; rooms without new rows are not in the result.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// A row was written by another serializer, or has fields of a later version: what a consumer writes would be without them for ever, so it leaves
    /// the room to a node of that version.
    /// </exception>
    public static async Task<IReadOnlyDictionary<RoomId, IReadOnlyList<JournalEntry>>> ReadRowsAsync(
        DbConnection journal,
        DatabaseProvider provider,
        IReadOnlyDictionary<RoomId, long> afterNrs,
        int limit,
        CancellationToken cancellationToken)
    {
        var result = new Dictionary<RoomId, IReadOnlyList<JournalEntry>>();
        if (provider == DatabaseProvider.Postgres)
        {
            var parameters = new
            {
                rooms = afterNrs.Keys.Select(room => room.Value).ToArray(),
                afters = afterNrs.Values.ToArray(),
                limit,
            };
            var rows = await journal.QueryAsync<Row>(
                new CommandDefinition(RowsOfManySql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (var of in rows.GroupBy(row => new RoomId(row.RoomId)))
            {
                result[of.Key] = Contiguous(of.Key, afterNrs[of.Key], of.OrderBy(row => row.Nr), isForConsumers: true);
            }
        }
        else
        {
            foreach (var (room, afterNr) in afterNrs)
            {
                result[room] = Contiguous(room, afterNr, await QueryAsync(journal, room, afterNr, limit, cancellationToken).ConfigureAwait(false), isForConsumers: true);
            }
        }

        return result.Where(room => room.Value.Count > 0).ToDictionary();
    }

    /// <summary>The newest row number of each room; 0 for a room without a journal.</summary>
    public static async Task<IReadOnlyList<JournalHead>> ReadHeadsAsync(
        DbConnection journal,
        DatabaseProvider provider,
        IReadOnlyCollection<string> rooms,
        CancellationToken cancellationToken)
    {
        var postgres = provider == DatabaseProvider.Postgres;
        object parameters = postgres ? new { rooms = rooms.ToArray() } : new { rooms = System.Text.Json.JsonSerializer.Serialize(rooms) };
        var command = new CommandDefinition(
            postgres ? PostgresHeadsSql : SqliteHeadsSql, parameters, cancellationToken: cancellationToken);
        return (await journal.QueryAsync<JournalHead>(command).ConfigureAwait(false)).AsList();
    }

    private static async Task<T> WithFileAsync<T>(
        this IDatabase database,
        string connectionString,
        Func<DbConnection, Task<T>> use,
        CancellationToken cancellationToken)
    {
        if (database is not SqliteDatabase sqlite)
        {
            return await database.ReadAsync(use, cancellationToken).ConfigureAwait(false);
        }

        await using var connection = await sqlite.OpenAsync(connectionString, cancellationToken).ConfigureAwait(false);
        return await use(connection).ConfigureAwait(false);
    }

    private static Task<IEnumerable<Row>> QueryAsync(
        DbConnection journal, RoomId room, long afterNr, int limit, CancellationToken cancellationToken) => journal.QueryAsync<Row>(
            new CommandDefinition(RowsSql, new { room = room.Value, after = afterNr, limit }, cancellationToken: cancellationToken));

    private static List<JournalEntry> Contiguous(RoomId room, long afterNr, IEnumerable<Row> rows, bool isForConsumers = false)
    {
        var entries = new List<JournalEntry>();
        foreach (var row in rows)
        {
            // A room's writes commit one after the other, so there should be no gap; stopping here loses nothing if there is one.
            if (row.Nr != afterNr + entries.Count + 1)
            {
                break;
            }

            entries.Add(new JournalEntry(row.Nr, isForConsumers ? ReadWhole(room, row) : Read(room, row)));
        }

        return entries;
    }

    /// <exception cref="InvalidDataException">The row was written by another serializer.</exception>
    internal static IRoomJournalEntry Read(RoomId room, Row row)
    {
        AssertOurs(room, row);
        return RoomSerializer.ReadJournalEntry(row.Message, row.Manifest);
    }

    private static IRoomJournalEntry ReadWhole(RoomId room, Row row)
    {
        AssertOurs(room, row);
        return RoomSerializer.ReadWholeJournalEntry(row.Message, row.Manifest)
            ?? throw new InvalidDataException($"Row {row.Nr} of {room} has fields of a later version: a node of that version consumes it.");
    }

    private static void AssertOurs(RoomId room, Row row)
    {
        if (row.Identifier != SerializerIds.Room)
        {
            throw new InvalidDataException($"Row {row.Nr} of {room} was written by serializer {row.Identifier}.");
        }
    }

    internal sealed class Row
    {
        public string RoomId { get; set; } = "";

        public long Nr { get; set; }

        public byte[] Message { get; set; } = [];

        public string Manifest { get; set; } = "";

        public long Identifier { get; set; }
    }
}

internal sealed class JournalHead
{
    public string RoomId { get; set; } = "";

    public long Nr { get; set; }
}
