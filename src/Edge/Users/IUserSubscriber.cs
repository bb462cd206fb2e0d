using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Users;

/// <summary>A socket's side of its user's stream. Called by the relay's actor; an implementation must not block.</summary>
internal interface IUserSubscriber
{
    SessionId Id { get; }

    /// <summary>Events arrive in order and without gaps, and may be repeated: duplicates are dropped by number.</summary>
    void OnUserEvent(UserEvent @event);

    /// <summary>What others see of a user has changed.</summary>
    /// <param name="shared">Those that the user is in.</param>
    void OnProfileChanged(UserId user, IReadOnlyList<RoomId> shared, ReadOnlyMemory<byte> frame);

    /// <summary>The missed events are no longer available.</summary>
    void RestartUserStream();

    /// <summary>The session was ended elsewhere.</summary>
    void EndSession();
}
