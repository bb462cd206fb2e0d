using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Edge.Admin;

/// <param name="Rooms">Rooms that run on the node.</param>
/// <param name="Report">Null where the node did not answer.</param>
internal sealed record NodeView(
    string Address,
    IReadOnlyList<string> Roles,
    string Status,
    bool Reachable,
    bool Leader,
    bool Coordinator,
    string Version,
    int Shards,
    int Rooms,
    NodeReportView? Report);

/// <param name="Cpu">The share of one core in the last ten seconds.</param>
/// <param name="SendP99Ms">Null without sends in that time.</param>
internal sealed record NodeReportView(
    DateTime StartedAt,
    double Cpu,
    long MemoryBytes,
    long Sockets,
    long Queued,
    double SendsPerSecond,
    double? SendP99Ms,
    long SendsInFlight,
    long WritesWaiting);

internal sealed record ShardItem(string Shard, string Node, int Rooms);

/// <param name="Node">Null while the room's shard has no home.</param>
internal sealed record AdminRoomView(
    string Id,
    string Name,
    string Visibility,
    int Members,
    long Seq,
    long Messages,
    DateTime CreatedAt,
    DateTime LastActive,
    string Shard,
    string? Node)
{
    public static AdminRoomView Of(RoomEntry room, string shard, string? node) => new(
        room.Id.Value,
        room.Name,
        room.Visibility.WireName(),
        room.Members,
        room.Head.Seq,
        room.Head.N,
        room.CreatedAt.UtcDateTime,
        room.LastActive.UtcDateTime,
        shard,
        node);
}

/// <param name="User">Null before hello, as is <paramref name="Username"/>.</param>
internal sealed record SocketView(string Node, string? User, string? Username, double OpenSeconds, double SilentSeconds, int Rooms, int Queued);

/// <param name="Depths">Of all kinds and states, whatever the list is of.</param>
internal sealed record WorkPageView(IReadOnlyList<WorkDepthView> Depths, IReadOnlyList<WorkView> Items, string? NextCursor);

internal sealed record WorkDepthView(string Kind, string State, long Count, long OldestSeconds);

/// <param name="DueAt">Of what runs, the end of its lease.</param>
internal sealed record WorkView(
    string Id, string Kind, string Key, string State, int Attempts, DateTime CreatedAt, DateTime DueAt, string? Owner, string? LastError)
{
    public static WorkView Of(WorkEntry work) => new(
        work.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        work.Kind,
        work.Key,
        work.State.ToString().ToLowerInvariant(),
        work.Attempts,
        work.CreatedAt.UtcDateTime,
        work.DueAt.UtcDateTime,
        work.Owner,
        work.LastError);
}
