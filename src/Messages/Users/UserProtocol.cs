using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Messages.Users;

/// <summary>Messages about users between edges and room nodes. All are broadcasts, and none is the only copy of its content.</summary>
public static partial class UserProtocol
{
    public interface IUserMessage;

    /// <summary>The user's stream has reached <paramref name="UserSeq"/>: edges that serve the user read the new events.</summary>
    public sealed record StreamMoved(UserId User, long UserSeq) : IUserMessage;

    /// <summary>The session's sockets must close now.</summary>
    public sealed record SessionEnded(UserId User, SessionId Session) : IUserMessage;

    /// <summary>What others see of the user has changed.</summary>
    /// <param name="Avatar">A file; null where there is none.</param>
    /// <param name="StatusEmoji">Empty where there is none, as <paramref name="StatusText"/>.</param>
    public sealed record ProfileChanged(UserRef User, FileId? Avatar, string StatusEmoji = "", string StatusText = "") : IUserMessage;

    /// <summary>Users who opened their first socket on an edge, or closed their last.</summary>
    public sealed record PresenceDelta(EdgeId Edge, IReadOnlyList<UserId> Up, IReadOnlyList<UserId> Down) : IUserMessage;

    /// <summary>An edge asks a room node to reply through the edge's own topic.</summary>
    public sealed record EchoRequest(EdgeId Edge, string Nonce) : IUserMessage;

    public sealed record EchoReply(EdgeId Edge, string Nonce) : IUserMessage;
}
