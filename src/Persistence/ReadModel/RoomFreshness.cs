using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Brings rooms up to date before something is read from the tables.</summary>
internal sealed class RoomFreshness(IDatabase database, IRoomConsumers consumers)
{
    /// <summary>Catches up those of the rooms whose journal is ahead.</summary>
    public async Task EnsureAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellationToken)
    {
        if (rooms.Count == 0)
        {
            return;
        }

        var lagging = await LaggingRooms.AmongAsync(database, RoomProjection.ConsumerName, rooms, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(lagging.Select(room => consumers.CatchUpAsync(room, cancellationToken))).ConfigureAwait(false);
    }
}
