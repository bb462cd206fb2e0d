using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="UserSeq">The newest <c>useq</c> of the user's stream.</param>
public sealed record UserMoved(UserId User, long UserSeq);

/// <summary>
/// Says in this process that users' streams have moved, after the commit and whoever moved them: for telling the edges at once. A signal
/// that is lost is made up for by comparing <see cref="IUserStream.GetSeqsAsync"/>.
/// </summary>
public sealed class UserStreamSignal
{
    /// <summary>Handlers must neither block nor throw.</summary>
    public event Action<UserMoved>? Moved;

    internal void Raise(UserMoved moved) => Moved?.Invoke(moved);
}
