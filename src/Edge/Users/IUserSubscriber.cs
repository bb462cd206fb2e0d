using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Users;

/// <summary>A socket's side of its user's stream. The relay calls from its own thread; an implementation must not block.</summary>
internal interface IUserSubscriber
{
    SessionId Id { get; }

    /// <summary>Events come in order and without a gap, and may come again: what was heard is dropped by its number.</summary>
    void OnUserEvent(UserEvent @event);

    /// <summary>The stream cannot say what was missed.</summary>
    void RestartUserStream();

    /// <summary>The session was ended elsewhere.</summary>
    void EndSession();
}
