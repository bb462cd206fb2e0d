using Akka.Actor;
using AkkaChat.Messages.Serialization;
using static AkkaChat.Messages.Nodes.NodeProtocol;
using W = AkkaChat.Messages.Nodes.Wire;

namespace AkkaChat.Messages.Nodes;

/// <summary>The wire format of <see cref="NodeProtocol"/>: protobuf (<c>node.proto</c>) with short manifests.</summary>
public sealed class NodeSerializer(ExtendedActorSystem system) : ManifestSerializer(system, SerializerIds.Node, Table)
{
    private static readonly ManifestTable Table = new(
    [
        WireFormat.Of<GetNodeReport, W.GetNodeReport>(
            "nq-v1",
            W.GetNodeReport.Parser,
            m => new W.GetNodeReport { Sockets = m.Sockets, History = m.History },
            w => new GetNodeReport(w.Sockets, w.History)),
        WireFormat.Of<NodeReport, W.NodeReport>(
            "nr-v1",
            W.NodeReport.Parser,
            m => new W.NodeReport
            {
                Started = m.Started.ToUnixTimeMilliseconds(),
                Now = ToWire(m.Now),
                Sockets = { m.Sockets.Select(ToWire) },
                History = { m.History.Select(ToWire) },
            },
            w => new NodeReport(
                DateTimeOffset.FromUnixTimeMilliseconds(w.Started),
                FromWire(w.Now ?? new W.NodeSample()),
                [.. w.Sockets.Select(FromWire)],
                [.. w.History.Select(FromWire)])),
    ]);

    /// <summary>Every format, for the bindings and for tests.</summary>
    public static IReadOnlyList<WireFormat> Formats => Table.Formats;

    private static W.NodeSample ToWire(NodeSample sample) => new()
    {
        At = sample.At,
        Cpu = sample.Cpu,
        Memory = sample.Memory,
        Sockets = sample.Sockets,
        Queued = sample.Queued,
        Rooms = sample.Rooms,
        SendsPerSecond = sample.SendsPerSecond,
        SendP99 = sample.SendP99,
        SendsInFlight = sample.SendsInFlight,
        WritesWaiting = sample.WritesWaiting,
        WorkWaiting = sample.WorkWaiting,
        WorkRunning = sample.WorkRunning,
        WorkDead = sample.WorkDead,
    };

    private static NodeSample FromWire(W.NodeSample w) => new(
        w.At, w.Cpu, w.Memory, w.Sockets, w.Queued, w.Rooms, w.SendsPerSecond, w.SendP99, w.SendsInFlight, w.WritesWaiting, w.WorkWaiting,
        w.WorkRunning, w.WorkDead);

    private static W.NodeSocket ToWire(NodeSocket socket) => new()
    {
        User = socket.User,
        Username = socket.Username,
        OpenSeconds = socket.OpenSeconds,
        SilentSeconds = socket.SilentSeconds,
        Rooms = socket.Rooms,
        Queued = socket.Queued,
    };

    private static NodeSocket FromWire(W.NodeSocket w) => new(w.User, w.Username, w.OpenSeconds, w.SilentSeconds, w.Rooms, w.Queued);
}
