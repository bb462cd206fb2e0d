using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Users;

/// <summary>Moves the user's read cursor: forward, or back where the user marks messages as unread.</summary>
internal sealed class ReadSetOp(IReadCursors cursors, RoomAccess access) : IClientOp
{
    public string Name => "read.set";

    public async ValueTask CarryOutAsync(OpCall call)
    {
        if (call.Read(ClientJson.Default.ReadData) is not { N: >= 0 and var n } data)
        {
            call.Refuse(ErrorCode.Invalid, "d.n must be a number of a message.");
        }
        else if (await cursors.SetAsync(call.User, call.Room, n, data.Back == true, call.Session.Ended) is { } cursor)
        {
            call.Reply(id => ClientFrames.Reply(id, new ReadView(cursor.N, cursor.Unread, cursor.Mentions)));
        }
        else
        {
            // The user has left since the request was accepted.
            var refusal = await access.CheckAsync(call.Room, call.User, call.Session.Ended) ?? RoomAccess.MembersOnly;
            call.Refuse(refusal.Code, refusal.Message);
        }
    }
}
