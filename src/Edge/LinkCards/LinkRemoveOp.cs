using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.LinkCards;

/// <summary>Removes the link cards of one's own message.</summary>
internal sealed class LinkRemoveOp(LinkCardRemoval removal) : IClientOp
{
    public string Name => "link.remove";

    public async ValueTask CarryOutAsync(OpCall call)
    {
        if (!MessageId.TryParse(call.Read(ClientJson.Default.LinkRemoveData)?.Message, out var message) || message.Room != call.Room)
        {
            call.Refuse(ErrorCode.Invalid, "d.message must be a message of the room.");
        }
        else if (await removal.RemoveAsync(message, call.Session.User, call.Session.Ended) is RoomProtocol.Nack nack)
        {
            call.Refuse(nack.Code.ToErrorCode(), nack.Message, nack.RetryAfter);
        }
        else
        {
            call.Done();
        }
    }
}
