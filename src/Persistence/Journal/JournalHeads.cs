using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.Journal;

/// <summary>The newest rows of rooms' journals, as committed.</summary>
public sealed class JournalHeads(IDatabase database)
{
    /// <summary>The number of each room's newest row; 0 for a room without a journal.</summary>
    public async Task<IReadOnlyDictionary<RoomId, long>> ReadAsync(IReadOnlyCollection<RoomId> rooms, CancellationToken cancellationToken)
    {
        var heads = await database.WithJournalAsync(
            journal => JournalReader.ReadHeadsAsync(journal, database.Provider, [.. rooms.Select(room => room.Value)], cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return heads.ToDictionary(head => new RoomId(head.RoomId), head => head.Nr);
    }
}
