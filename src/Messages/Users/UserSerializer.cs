using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Serialization;
using static AkkaChat.Messages.Users.UserProtocol;
using W = AkkaChat.Messages.Users.Wire;

namespace AkkaChat.Messages.Users;

/// <summary>The wire format of <see cref="UserProtocol"/>: protobuf (<c>user.proto</c>) with short manifests.</summary>
public sealed class UserSerializer(ExtendedActorSystem system) : ManifestSerializer(system, SerializerIds.User, Table)
{
    private static readonly ManifestTable Table = new(
    [
        WireFormat.Of<StreamMoved, W.StreamMoved>(
            "sm-v1",
            W.StreamMoved.Parser,
            m => new W.StreamMoved { User = m.User.Value, Useq = m.UserSeq },
            w => new StreamMoved(new UserId(w.User), w.Useq)),
        WireFormat.Of<SessionEnded, W.SessionEnded>(
            "se-v1",
            W.SessionEnded.Parser,
            m => new W.SessionEnded { User = m.User.Value, Session = m.Session.Value },
            w => new SessionEnded(new UserId(w.User), new SessionId(w.Session))),
        WireFormat.Of<ProfileChanged, W.ProfileChanged>(
            "pf-v1",
            W.ProfileChanged.Parser,
            m => new W.ProfileChanged
            {
                User = m.User.Id.Value,
                Username = m.User.Username,
                DisplayName = m.User.DisplayName,
                Avatar = m.Avatar?.Value ?? "",
                StatusEmoji = m.StatusEmoji,
                StatusText = m.StatusText,
            },
            w => new ProfileChanged(
                new UserRef(new UserId(w.User), w.Username, w.DisplayName),
                w.Avatar.Length == 0 ? null : new FileId(w.Avatar),
                w.StatusEmoji,
                w.StatusText)),
        WireFormat.Of<PresenceDelta, W.PresenceDelta>(
            "pd-v1",
            W.PresenceDelta.Parser,
            m => new W.PresenceDelta
            {
                Edge = m.Edge.Value,
                Up = { m.Up.Select(user => user.Value) },
                Down = { m.Down.Select(user => user.Value) },
            },
            w => new PresenceDelta(new EdgeId(w.Edge), [.. w.Up.Select(id => new UserId(id))], [.. w.Down.Select(id => new UserId(id))])),
        WireFormat.Of<EchoRequest, W.EchoRequest>(
            "eq-v1",
            W.EchoRequest.Parser,
            m => new W.EchoRequest { Edge = m.Edge.Value, Nonce = m.Nonce },
            w => new EchoRequest(new EdgeId(w.Edge), w.Nonce)),
        WireFormat.Of<EchoReply, W.EchoReply>(
            "ey-v1",
            W.EchoReply.Parser,
            m => new W.EchoReply { Edge = m.Edge.Value, Nonce = m.Nonce },
            w => new EchoReply(new EdgeId(w.Edge), w.Nonce)),
    ]);

    /// <summary>Every format, for the bindings and for tests.</summary>
    public static IReadOnlyList<WireFormat> Formats => Table.Formats;
}
