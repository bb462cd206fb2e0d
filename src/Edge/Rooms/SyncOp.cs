using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <summary>Sends a client that has a gap the events after the last one it has.</summary>
internal sealed class SyncOp(IRoomLog log, RoomAccess access) : IClientOp
{
    public string Name => "room.sync";

    /// <summary>The read itself decides who may: what the socket knows of memberships is late on an edge that is cut off from the cluster.</summary>
    public OpScope Scope => OpScope.Room;

    public async ValueTask CarryOutAsync(OpCall call)
    {
        if (call.Read(ClientJson.Default.SyncData) is not { From: >= 0 and var from })
        {
            call.Refuse(ErrorCode.Invalid, "d.from must be a seq, or 0.");
        }
        else if (await log.ReadEventsAsync(
            call.Room, from, ClientProtocol.MaxSyncEvents, call.User, ClientProtocol.MaxSyncBytes, call.Session.Ended) is { } page)
        {
            var (to, frames) = SyncParts.Cut(call.Room, page.Events).FirstOrDefault((from, []));
            await call.Session.SendWhenRoomAsync(ClientFrames.SyncReply(call.Id, from, to, page.Head.Seq, frames));
        }
        else
        {
            var refusal = await access.CheckAsync(call.Room, call.User, call.Session.Ended) ?? RoomAccess.NoSuchRoom;
            call.Refuse(refusal.Code, refusal.Message);
        }
    }
}

/// <summary>Events as the frames of <c>room.sync</c>.</summary>
internal static class SyncParts
{
    /// <summary>Parts of at most <see cref="ClientProtocol.MaxSyncEvents"/> and about <see cref="ClientProtocol.MaxSyncBytes"/>.</summary>
    public static IEnumerable<(long To, List<byte[]> Frames)> Cut(RoomId room, IReadOnlyList<RoomEvent> events)
    {
        var part = new List<byte[]>();
        var bytes = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var frame = ClientFrames.Event(room, events[i]);
            part.Add(frame);
            bytes += frame.Length;
            if (part.Count == ClientProtocol.MaxSyncEvents || bytes >= ClientProtocol.MaxSyncBytes || i == events.Count - 1)
            {
                yield return (events[i].Seq, part);
                part = [];
                bytes = 0;
            }
        }
    }
}
