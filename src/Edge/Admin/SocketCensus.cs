using AkkaChat.Cluster.Monitoring;
using AkkaChat.Edge.Sockets;
using AkkaChat.Messages.Nodes;

namespace AkkaChat.Edge.Admin;

/// <summary>The sockets of this edge.</summary>
internal sealed class SocketCensus(ConnectionRegistry connections) : ISocketCensus
{
    public int Count => connections.Sessions.Count;

    public long Queued => connections.Sessions.Sum(session => (long)session.Connection.Queued);

    public IReadOnlyList<NodeSocket> List(int most) =>
    [
        .. connections.Sessions.OrderByDescending(session => session.Watchdog.Age).Take(most).Select(session => new NodeSocket(
            session.AfterHello?.User.Id.Value ?? "",
            session.AfterHello?.User.Username ?? "",
            Math.Round(session.Watchdog.Age.TotalSeconds, 1),
            Math.Round(session.Connection.SinceReceived.TotalSeconds, 1),
            session.AfterHello?.Rooms.Count ?? 0,
            session.Connection.Queued)),
    ];
}
