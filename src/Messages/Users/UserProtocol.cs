using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Users;

/// <summary>What edges and room nodes tell each other about users. All of it is broadcast, and none of it is the only copy.</summary>
public static partial class UserProtocol
{
    public interface IUserMessage;

    /// <summary>The user's stream has reached <paramref name="UserSeq"/>: edges that serve the user read on from where they are.</summary>
    public sealed record StreamMoved(UserId User, long UserSeq) : IUserMessage;

    /// <summary>The session's sockets must close now.</summary>
    public sealed record SessionEnded(UserId User, SessionId Session) : IUserMessage;

    /// <summary>Users who got their first socket on an edge, or lost their last.</summary>
    public sealed record PresenceDelta(EdgeId Edge, IReadOnlyList<UserId> Up, IReadOnlyList<UserId> Down) : IUserMessage;

    /// <summary>An edge asks a room node to answer through the edge's own topic.</summary>
    public sealed record EchoRequest(EdgeId Edge, string Nonce) : IUserMessage;

    public sealed record EchoReply(EdgeId Edge, string Nonce) : IUserMessage;
}
