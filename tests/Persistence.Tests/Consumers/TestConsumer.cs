using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Tests.Consumers;

/// <summary>Writes down each event that it consumes in a table that lets one be written twice, so that a second time shows.</summary>
internal sealed class TestConsumer(string name, ConsumerStart start) : IRoomConsumer
{
    public string Name => name;

    public ConsumerStart Start => start;

    /// <summary>What it fails at, after it has written; null for nothing.</summary>
    public Func<RoomEvent, bool>? FailsAt { get; set; }

    public static Task CreateTableAsync(IDatabase database) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            "CREATE TABLE consumed (consumer text NOT NULL, room_id text NOT NULL, seq bigint NOT NULL, nr integer)", transaction: transaction),
        CancellationToken.None);

    /// <summary>The numbers of the room's events that the consumer has written, in the order of writing.</summary>
    public Task<List<long>> ConsumedAsync(IDatabase database, RoomId room) => database.ReadAsync(
        async connection => (await connection.QueryAsync<long>(
            "SELECT seq FROM consumed WHERE consumer = @name AND room_id = @room ORDER BY nr", new { name, room = room.Value })).AsList(),
        CancellationToken.None);

    public async Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        foreach (var room in batch.Rooms)
        {
            foreach (var e in room.Events)
            {
                await batch.Connection.ExecuteAsync(
                    """
                    INSERT INTO consumed (consumer, room_id, seq, nr)
                    SELECT @name, @room, @seq, COALESCE(max(nr), 0) + 1 FROM consumed WHERE consumer = @name AND room_id = @room
                    """,
                    new { name, room = room.Room.Value, seq = e.Seq },
                    batch.Transaction);
                if (FailsAt?.Invoke(e) == true)
                {
                    throw new InvalidOperationException($"The test makes {name} fail at {e.Seq}.");
                }
            }
        }
    }
}
