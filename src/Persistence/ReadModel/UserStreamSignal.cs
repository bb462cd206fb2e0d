using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="UserSeq">The newest <c>useq</c> of the user's stream.</param>
public sealed record UserMoved(UserId User, long UserSeq);

/// <summary>
/// Signals within this process that users' streams have advanced, after the commit, so that edges can be notified at once. A comparison
/// with <see cref="IUserStream.GetSeqsAsync"/> makes up for lost signals.
/// </summary>
public sealed class UserStreamSignal
{
    /// <summary>Handlers must neither block nor throw.</summary>
    public event Action<UserMoved>? Moved;

    internal void Raise(UserMoved moved) => Moved?.Invoke(moved);
}
