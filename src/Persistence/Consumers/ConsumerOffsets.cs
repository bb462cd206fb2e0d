using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.Consumers;

/// <summary>The offset of each consumer in each room: the number of the last journal row that it has consumed.</summary>
internal sealed class ConsumerOffsets
{
    private const string Columns = "room_id AS RoomId, consumer AS Consumer, journal_nr AS Nr";

    private readonly Dictionary<(string Room, string Consumer), long> _offsets;

    private ConsumerOffsets(IEnumerable<Row> rows) => _offsets = rows.ToDictionary(row => (row.RoomId, row.Consumer), row => row.Nr);

    public bool Has(RoomId room, string consumer) => _offsets.ContainsKey((room.Value, consumer));

    /// <summary>0 if there is none.</summary>
    public long Of(RoomId room, string consumer) => _offsets.GetValueOrDefault((room.Value, consumer));

    /// <summary>The rooms whose rows are above an offset of one of the consumers.</summary>
    public IReadOnlyList<RoomId> Lagging(IEnumerable<JournalHead> heads, IReadOnlyCollection<IRoomConsumer> consumers) =>
    [
        .. heads.Where(head => head.RoomId.StartsWith(RoomId.Prefix, StringComparison.Ordinal))
            .GroupBy(head => head.RoomId)
            .Select(room => (Room: new RoomId(room.Key), Nr: room.Max(head => head.Nr)))
            .Where(head => consumers.Any(consumer => head.Nr > Of(head.Room, consumer.Name) && Awaits(head.Room, consumer)))
            .Select(head => head.Room),
    ];

    public static async Task<ConsumerOffsets> ReadAsync(
        DbConnection connection,
        DatabaseProvider provider,
        IEnumerable<string> rooms,
        CancellationToken cancellationToken) => new(await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM consumer_offset WHERE {RowFilter.Sql(provider, "room_id")}",
            RowFilter.Parameter(provider, rooms),
            cancellationToken: cancellationToken)).ConfigureAwait(false));

    /// <summary>
    /// Reads the offsets of these consumers and locks them until the transaction ends, in the order of the keys, so that two nodes with
    /// overlapping groups cannot deadlock. SQLite needs no locks: a write locks the whole file.
    /// </summary>
    public static async Task<ConsumerOffsets> LockAsync(
        DbConnection connection,
        DbTransaction transaction,
        DatabaseProvider provider,
        IEnumerable<RoomId> rooms,
        IReadOnlyCollection<string> consumers)
    {
        var rows = await connection.QueryAsync<Row>(
            $"""
            SELECT {Columns} FROM consumer_offset
            WHERE {RowFilter.Sql(provider, "room_id")} AND {RowFilter.Sql(provider, "consumer", "consumers")}
            ORDER BY room_id, consumer {(provider == DatabaseProvider.Postgres ? "FOR UPDATE" : "")}
            """,
            new { ids = RowFilter.Value(provider, rooms.Select(room => room.Value)), consumers = RowFilter.Value(provider, consumers) },
            transaction).ConfigureAwait(false);
        return new ConsumerOffsets(rows);
    }

    /// <summary>Adds offsets, except those that another node has added meanwhile.</summary>
    public static Task AddAsync(
        DbConnection connection,
        DbTransaction transaction,
        IEnumerable<(RoomId Room, string Consumer, long Nr)> offsets) =>
        MultiRow.InsertAsync(
            connection,
            transaction,
            "consumer_offset",
            ColumnsOf(offsets),
            "ON CONFLICT (room_id, consumer) DO NOTHING",
            CancellationToken.None);

    /// <summary>Moves existing, locked offsets.</summary>
    public static Task MoveAsync(
        DbConnection connection,
        DbTransaction transaction,
        IEnumerable<(RoomId Room, string Consumer, long Nr)> offsets) => MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"""
                UPDATE consumer_offset SET journal_nr = v.journal_nr FROM {rows}
                WHERE consumer_offset.room_id = v.room_id AND consumer_offset.consumer = v.consumer
                """,
            ColumnsOf(offsets),
            CancellationToken.None);

    private static List<RowColumn> ColumnsOf(IEnumerable<(RoomId Room, string Consumer, long Nr)> offsets)
    {
        var rows = offsets.OrderBy(row => row.Room.Value, StringComparer.Ordinal).ThenBy(row => row.Consumer, StringComparer.Ordinal).ToList();
        return
        [
            RowColumn.Text("room_id", rows.Select(row => row.Room.Value)),
            RowColumn.Text("consumer", rows.Select(row => row.Consumer)),
            RowColumn.Number("journal_nr", rows.Select(row => row.Nr)),
        ];
    }

    /// <summary>A consumer that starts with a room's next event does not lag behind in rooms that it has not seen.</summary>
    private bool Awaits(RoomId room, IRoomConsumer consumer) => consumer.Start == ConsumerStart.Beginning || Has(room, consumer.Name);

    private sealed class Row
    {
        public string RoomId { get; set; } = "";

        public string Consumer { get; set; } = "";

        public long Nr { get; set; }
    }
}
