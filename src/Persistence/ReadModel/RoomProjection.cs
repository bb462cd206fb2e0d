using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// Projects rooms' events into the tables that lists and pages are read from. It is the consumer that readers wait for: it must have caught
/// up before the creation of a room, a join or a leave is acknowledged to the client (<see cref="IRoomDirectory"/>).
/// </summary>
public sealed class RoomProjection(IDatabase database, UserStreamSignal signal) : ILeadingConsumer
{
    internal const string ConsumerName = "read-model";

    public string Name => ConsumerName;

    public ConsumerStart Start => ConsumerStart.Beginning;

    public async Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var heads = await ReadHeadsAsync(batch).ConfigureAwait(false);
        var changes = batch.Rooms
            .Select(room => RoomChanges.Fold(room.Room, heads.GetValueOrDefault(room.Room) ?? new RoomPosition(0, 0), room.Entries))
            .ToList();
        var moved = await new RoomTables(batch.Connection, batch.Transaction, database.Provider, cancellationToken)
            .WriteAsync(changes).ConfigureAwait(false);
        if (moved.Count > 0)
        {
            // Clients know the numbers of users' streams, so these must not be reused for other events.
            batch.RequireDurableCommit();
            batch.AfterCommit(() => Notify(moved));
        }
    }

    private void Notify(IReadOnlyList<UserMoved> moved)
    {
        foreach (var user in moved)
        {
            signal.Raise(user);
        }
    }

    private async Task<Dictionary<RoomId, RoomPosition>> ReadHeadsAsync(ConsumerBatch batch) =>
        (await batch.Connection.QueryAsync<(string Id, long Seq, long N)>(
            $"SELECT id, head_seq, head_n FROM room WHERE {RowFilter.Sql(database.Provider, "id")}",
            RowFilter.Parameter(database.Provider, batch.Rooms.Select(room => room.Room.Value)),
            batch.Transaction).ConfigureAwait(false))
        .ToDictionary(head => new RoomId(head.Id), head => new RoomPosition(head.Seq, head.N));
}
