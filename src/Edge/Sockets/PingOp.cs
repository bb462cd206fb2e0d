using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Sockets;

internal sealed class PingOp : IClientOp
{
    public string Name => "ping";

    public OpScope Scope => OpScope.Connection;

    public ValueTask CarryOutAsync(OpCall call)
    {
        call.Session.Send(ClientFrames.Pong);
        return ValueTask.CompletedTask;
    }
}
