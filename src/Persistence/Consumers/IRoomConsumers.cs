using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Consumers;

/// <summary>
/// Brings the consumers of rooms' events up to what the journals hold. Any node may call at any time: a consumer's offset in a room is also
/// its lock on the room.
/// </summary>
public interface IRoomConsumers
{
    /// <summary>
    /// Brings the leading consumer, and with it those that are where it is, to all that the room's journal holds when it is called. Callers
    /// that meet share the work. Cancelling stops the waiting, not the work.
    /// </summary>
    /// <exception cref="InvalidDataException">The journal's events are not contiguous; the room stays where it was.</exception>
    Task CatchUpAsync(RoomId room, CancellationToken cancellationToken = default);

    /// <summary>
    /// Does what <see cref="CatchUpAsync"/> does for several rooms in as few transactions as possible. One room's failure leaves the others
    /// as they would be without it. Consumers that are behind catch up after it, unawaited.
    /// </summary>
    /// <returns>The rooms that failed, each with its cause; empty when all succeeded.</returns>
    Task<IReadOnlyDictionary<RoomId, Exception>> CatchUpAllAsync(
        IReadOnlyCollection<RoomId> rooms,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Some rooms whose journal is ahead of a consumer's offset: what a node left behind that died between commit and consumption, or what
    /// a consumer failed at. Meant for a sweep every few seconds.
    /// </summary>
    Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default);
}
