using AkkaChat.Messages.Nodes;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>What a node that serves sockets says of them. Room nodes have none.</summary>
public interface ISocketCensus
{
    int Count { get; }

    /// <summary>Frames that wait for the sockets' readers.</summary>
    long Queued { get; }

    /// <returns>Those open longest first.</returns>
    IReadOnlyList<NodeSocket> List(int most);
}
