using System.Data.Common;
using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Conversation;

internal sealed class MessageEditOp(MessageChanges changes) : IClientOp
{
    public string Name => "message.edit";

    public OpRate Rate => OpRate.Send;

    public async ValueTask CarryOutAsync(OpCall call)
    {
        var data = call.Read(ClientJson.Default.MessageEditData);
        if (data?.Text is not { } text)
        {
            call.Refuse(ErrorCode.Invalid, "d.text is missing.");
        }
        else
        {
            await changes.AnswerAsync(call, data.Message, seq => new RoomProtocol.EditMessage(call.Room, seq, text, call.Session.User));
        }
    }
}

internal sealed class MessageDeleteOp(MessageChanges changes) : IClientOp
{
    public string Name => "message.delete";

    public async ValueTask CarryOutAsync(OpCall call) => await changes.AnswerAsync(
        call,
        call.Read(ClientJson.Default.MessageDeleteData)?.Message,
        seq => new RoomProtocol.DeleteMessage(call.Room, seq, call.Session.User));
}

internal sealed class ReactionSetOp(MessageChanges changes) : IClientOp
{
    public string Name => "reaction.set";

    public async ValueTask CarryOutAsync(OpCall call)
    {
        var data = call.Read(ClientJson.Default.ReactionSetData);
        if (data is not { Emoji: { } emoji, On: { } on })
        {
            call.Refuse(ErrorCode.Invalid, "d.emoji and d.on must be given.");
        }
        else
        {
            await changes.AnswerAsync(call, data.Message, seq => new RoomProtocol.SetReaction(call.Room, seq, emoji, on, call.Session.User));
        }
    }
}

internal sealed class MessagePinOp(MessageChanges changes) : IClientOp
{
    public string Name => "message.pin";

    public async ValueTask CarryOutAsync(OpCall call)
    {
        var data = call.Read(ClientJson.Default.MessagePinData);
        if (data?.On is not { } on)
        {
            call.Refuse(ErrorCode.Invalid, "d.on must be true or false.");
        }
        else
        {
            await changes.AnswerAsync(call, data.Message, seq => new RoomProtocol.PinMessage(call.Room, seq, on, call.Session.User));
        }
    }
}

internal static class MessageCalls
{
    /// <summary>Carries out what the call asks for, and answers it.</summary>
    /// <param name="message">The id that the client gave.</param>
    /// <param name="command">Makes the command from the message's <c>seq</c>.</param>
    public static async Task AnswerAsync(
        this MessageChanges changes, OpCall call, string? message, Func<long, RoomProtocol.IMessageCommand> command)
    {
        if (!MessageId.TryParse(message, out var id) || id.Room != call.Room)
        {
            call.Refuse(ErrorCode.Invalid, "d.message must be a message of the room.");
            return;
        }

        try
        {
            if (await changes.CarryOutAsync(command(id.Seq), call.Session.Ended) is RoomProtocol.Nack nack)
            {
                call.Refuse(nack.Code.ToErrorCode(), nack.Message, nack.RetryAfter);
            }
            else
            {
                call.Done();
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            call.Refuse(ErrorCode.Unavailable, "The change may be stored; try again.", TimeSpan.FromSeconds(1));
        }
    }
}
