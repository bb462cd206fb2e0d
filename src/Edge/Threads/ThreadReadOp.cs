using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Threads;

/// <summary>Moves the user's place in a thread: forward, or back where the user marks replies as unread.</summary>
internal sealed class ThreadReadOp(ThreadRequests requests, RoomAccess access) : IClientOp
{
    public string Name => "thread.read";

    public async ValueTask CarryOutAsync(OpCall call)
    {
        if (call.Read(ClientJson.Default.ThreadReadData) is not { N: >= 0 and var n } data)
        {
            call.Refuse(ErrorCode.Invalid, "d.n must be a number of a message.");
        }
        else if (await requests.ReadAsync(call.Room, data.Thread, call.User, n, data.Back == true, call.Session.Ended) is { } state)
        {
            call.Reply(id => ClientFrames.Reply(id, RoomThreads.Of(state)));
        }
        else if (await access.CheckAsync(call.Room, call.User, call.Session.Ended) is { } refusal)
        {
            // The user has left since the request was accepted.
            call.Refuse(refusal.Code, refusal.Message);
        }
        else
        {
            call.Refuse(ErrorCode.NotFound, "There is no such thread.");
        }
    }
}
