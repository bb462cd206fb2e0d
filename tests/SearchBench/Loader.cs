using System.Data.Common;
using System.Diagnostics;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.Search;
using Dapper;

namespace AkkaChat.SearchBench;

/// <summary>What the index took for each message of a load, apart from everything else.</summary>
internal sealed record IndexCost(TimeSpan Consumer, TimeSpan Indexer, long ConsumerWal, long IndexerWal, long Messages);

/// <summary>
/// Fills the tables of a database: rooms and messages as the projection leaves them, and the index by the consumer and the indexer themselves,
/// batch by batch, with what both take.
/// </summary>
internal sealed class Loader(IDatabase database, SearchConsumer consumer, SearchIndexer indexer)
{
    private const int Batch = 1_000;

    public static string Room(int room) => $"r_{room:x32}";

    public static string User(int user) => $"u_{user:x32}";

    public static readonly string Reader = User(0);

    public async Task<IndexCost> LoadAsync(Corpus corpus)
    {
        await AddRoomsAsync();
        var cost = new IndexCost(TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0);
        foreach (var batch in corpus.Samples().Chunk(Batch))
        {
            var (time, wal) = await database.WriteAsync(
                async (connection, transaction) =>
                {
                    await AddMessagesAsync(connection, transaction, batch);
                    return await MeasureAsync(connection, transaction, () => ConsumeAsync(connection, transaction, batch));
                },
                CancellationToken.None);
            cost = cost with { Consumer = cost.Consumer + time, ConsumerWal = cost.ConsumerWal + wal, Messages = cost.Messages + batch.Length };
            (time, wal) = await BuildAsync();
            cost = cost with { Indexer = cost.Indexer + time, IndexerWal = cost.IndexerWal + wal };
        }

        if (database.Provider == DatabaseProvider.Postgres)
        {
            await using var connection = await database.OpenAsync(CancellationToken.None);
            await connection.ExecuteAsync("VACUUM ANALYZE", commandTimeout: 600);
        }

        return cost;
    }

    private async Task<(TimeSpan Time, long Wal)> BuildAsync()
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        return await MeasureAsync(connection, null, async () =>
        {
            while (await indexer.BuildAsync())
            {
            }
        });
    }

    /// <summary>The WAL is that of the whole server, which does nothing else.</summary>
    private async Task<(TimeSpan Time, long Wal)> MeasureAsync(DbConnection connection, DbTransaction? transaction, Func<Task> action)
    {
        var before = await PositionAsync(connection, transaction);
        var started = Stopwatch.GetTimestamp();
        await action();
        return (Stopwatch.GetElapsedTime(started), await PositionAsync(connection, transaction) - before);
    }

    private async Task<long> PositionAsync(DbConnection connection, DbTransaction? transaction) => database.Provider == DatabaseProvider.Postgres
        ? await connection.ExecuteScalarAsync<long>("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint", transaction: transaction)
        : 0;

    private Task ConsumeAsync(DbConnection connection, DbTransaction transaction, Sample[] batch) => consumer.ConsumeAsync(
        new ConsumerBatch(
            connection,
            transaction,
            [
                .. batch.GroupBy(sample => sample.Room).Select(room => new RoomSlice(
                    new RoomId(Room(room.Key)),
                    [
                        .. room.Select(sample => new JournalEntry(sample.N, new RoomEventBatch(
                        [
                            new MessagePosted(
                                sample.N, DateTimeOffset.FromUnixTimeMilliseconds(sample.Ts), sample.N, Guid.Empty,
                                new UserRef(new UserId(User(sample.Author)), "", ""), sample.Text, 0, []),
                        ]))),
                    ])),
            ],
            []),
        CancellationToken.None);

    private static Task AddMessagesAsync(DbConnection connection, DbTransaction transaction, Sample[] batch) => MultiRow.InsertAsync(
        connection,
        transaction,
        "room_message",
        [
            RowColumn.Text("room_id", batch.Select(sample => Room(sample.Room))),
            RowColumn.Number("n", batch.Select(sample => sample.N)),
            RowColumn.Number("seq", batch.Select(sample => sample.N)),
            RowColumn.Bytes("cid", batch.Select(sample => Guid.CreateVersion7().ToByteArray(bigEndian: true))),
            RowColumn.Text("author_id", batch.Select(sample => User(sample.Author))),
            RowColumn.Text("author_username", batch.Select(sample => $"user{sample.Author}")),
            RowColumn.Text("author_display_name", batch.Select(sample => $"User {sample.Author}")),
            RowColumn.Text("text", batch.Select(sample => sample.Text)),
            RowColumn.Number("ts", batch.Select(sample => sample.Ts)),
            RowColumn.Number("reply_to_seq", batch.Select(_ => 0L)),
            RowColumn.Text("mentions", batch.Select(_ => "")),
        ],
        "",
        CancellationToken.None);

    private Task<int> AddRoomsAsync() => database.WriteAsync(
        async (connection, transaction) =>
        {
            for (var room = 0; room < Corpus.Rooms; room++)
            {
                await connection.ExecuteAsync(
                    """
                    INSERT INTO room (id, name, topic, visibility, created_at, created_by, head_seq, head_n, member_count, last_message_n, last_active, search_text)
                    VALUES (@id, @name, '', 0, 0, '', 0, 0, 1, 0, 0, @name)
                    """,
                    new { id = Room(room), name = $"room {room}" },
                    transaction);
                if (room < Corpus.OwnRooms)
                {
                    await connection.ExecuteAsync(
                        """
                        INSERT INTO room_member (room_id, user_id, username, display_name, role, joined_seq, joined_at)
                        VALUES (@room, @user, 'reader', 'Reader', 0, 1, 0)
                        """,
                        new { room = Room(room), user = Reader },
                        transaction);
                }
            }

            return 0;
        },
        CancellationToken.None);
}
