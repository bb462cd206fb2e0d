using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="UserSeq">The newest <c>useq</c> that the call wrote for the user.</param>
public sealed record UserMoved(UserId User, long UserSeq);

/// <param name="ProjectedSeq">The newest event in the tables, whoever put it there; 0 where the room has no journal.</param>
/// <param name="ProjectedN">The newest message in the tables.</param>
/// <param name="UsersMoved">The users whose stream this very call moved, for telling their edges. One entry a user.</param>
public sealed record CatchUpResult(long ProjectedSeq, long ProjectedN, IReadOnlyList<UserMoved> UsersMoved);

/// <summary>
/// Carries rooms' journals into the tables that lists and pages are read from. Each room has an offset that moves in the transaction that
/// writes the rows, under a lock of its own, so any node may call at any time and every event is carried exactly once.
/// </summary>
public interface IRoomProjection
{
    /// <summary>
    /// Projects all that the room's journal holds when it is called. A node calls it after its commits, as often as it likes: calls that
    /// meet share the work. It must have succeeded before the making of a room, a join or a leave is acknowledged to the client
    /// (<see cref="IRoomDirectory"/>).
    /// </summary>
    /// <exception cref="InvalidDataException">The journal's events are not contiguous; the room stays where it was.</exception>
    Task<CatchUpResult> CatchUpAsync(RoomId room, CancellationToken cancellationToken = default);

    /// <summary>
    /// Does what <see cref="CatchUpAsync"/> does for several rooms in as few transactions as possible. One room's failure leaves the others
    /// as they would be without it.
    /// </summary>
    /// <returns>The rooms that failed, each with its cause; empty when all succeeded.</returns>
    Task<IReadOnlyDictionary<RoomId, Exception>> CatchUpAllAsync(
        IReadOnlyCollection<RoomId> rooms,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Some rooms whose journal is ahead of their offset: what a node left behind that died between commit and projection. Meant for a
    /// sweep every few seconds.
    /// </summary>
    Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default);
}
