namespace AkkaChat.Messages.Nodes;

/// <summary>What edges ask nodes about themselves, for owners of the installation. Nothing depends on the answers.</summary>
public static class NodeProtocol
{
    /// <param name="Sockets">The most sockets to list.</param>
    /// <param name="History">Whether the samples of the last hour are wanted.</param>
    public sealed record GetNodeReport(int Sockets, bool History);

    /// <param name="Started">When the process was started.</param>
    /// <param name="Now">Measured for this report.</param>
    /// <param name="Sockets">Those open longest first; empty on a node without sockets.</param>
    /// <param name="History">Oldest first.</param>
    public sealed record NodeReport(
        DateTimeOffset Started, NodeSample Now, IReadOnlyList<NodeSocket> Sockets, IReadOnlyList<NodeSample> History);
}

/// <summary>How a node was at one time.</summary>
/// <param name="At">Seconds since 1970.</param>
/// <param name="Cpu">CPU time of the process as a share of one core since the sample before.</param>
/// <param name="Memory">Resident bytes.</param>
/// <param name="Queued">Frames that wait for the readers of the sockets.</param>
/// <param name="Rooms">Rooms that run on the node.</param>
/// <param name="SendsPerSecond">Sends that were answered, since the sample before.</param>
/// <param name="SendP99">The 99th percentile of their durations in seconds, within 20 %; 0 without any.</param>
/// <param name="WritesWaiting">Journal writes waiting or in flight.</param>
/// <param name="WorkWaiting">Durable work of the whole installation, as this node last read it.</param>
public sealed record NodeSample(
    long At,
    double Cpu,
    long Memory,
    long Sockets,
    long Queued,
    long Rooms,
    double SendsPerSecond,
    double SendP99,
    long SendsInFlight,
    long WritesWaiting,
    long WorkWaiting,
    long WorkRunning,
    long WorkDead);

/// <summary>One socket of an edge.</summary>
/// <param name="User">The user's id; empty before hello, as is <paramref name="Username"/>.</param>
/// <param name="SilentSeconds">Since the last frame from the client.</param>
/// <param name="Queued">Frames that wait for its reader.</param>
public sealed record NodeSocket(string User, string Username, double OpenSeconds, double SilentSeconds, int Rooms, int Queued);
