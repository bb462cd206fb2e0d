using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;

namespace AkkaChat.Persistence.Consumers;

/// <summary>Compares one consumer's offsets with the journals of given rooms.</summary>
internal static class LaggingRooms
{
    /// <summary>Those of the rooms whose journal is ahead of the consumer, which begins at the beginning.</summary>
    public static Task<IReadOnlyList<RoomId>> AmongAsync(
        IDatabase database,
        string consumer,
        IReadOnlyCollection<string> rooms,
        CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<RoomId>>(
        async connection =>
        {
            var heads = await database.OnJournalAsync(
                connection,
                journal => JournalReader.ReadHeadsAsync(journal, database.Provider, rooms, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            var offsets = await ConsumerOffsets.ReadAsync(connection, database.Provider, rooms, cancellationToken).ConfigureAwait(false);
            return [.. heads.Select(head => (Room: new RoomId(head.RoomId), head.Nr)).Where(h => h.Nr > offsets.Of(h.Room, consumer)).Select(h => h.Room)];
        },
        cancellationToken);
}
