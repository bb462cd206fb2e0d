using System.Text;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;

namespace AkkaChat.Edge.Conversation;

/// <summary>Changes messages on behalf of members, for REST and the WebSocket alike. The room decides who may.</summary>
internal sealed class MessageChanges(RoomGateway gateway, IRoomConsumers consumers, RoomAccess access, HereMentions here)
{
    /// <returns>The room's reply.</returns>
    public async Task<RoomProtocol.IReply> CarryOutAsync(RoomProtocol.IMessageCommand command, CancellationToken cancellationToken)
    {
        if (Refusal(command) is { } refusal)
        {
            return refusal;
        }

        if (command is RoomProtocol.EditMessage edit)
        {
            if (await access.IsBlockedAsync(command.Room, command.By.Id, cancellationToken))
            {
                return new RoomProtocol.Nack(NackCode.Blocked, RoomAccess.Blocked.Message);
            }

            command = edit with { Here = await here.OfEditAsync(edit.Room, edit.MessageSeq, edit.Text, cancellationToken) };
        }

        var reply = await gateway.AskAsync(command);
        if (reply is RoomProtocol.ChangeAck && command is RoomProtocol.DeleteMessage)
        {
            // Files are served by the tables: once the deletion is acknowledged, nobody gets those of the message.
            await consumers.CatchUpAsync(command.Room, cancellationToken);
        }

        return reply;
    }

    /// <summary>What is too large for any room does not travel to one.</summary>
    private static RoomProtocol.Nack? Refusal(RoomProtocol.IMessageCommand command) => command switch
    {
        RoomProtocol.EditMessage { Text: var text } when Encoding.UTF8.GetByteCount(text) > RoomState.MaxTextBytes =>
            new RoomProtocol.Nack(NackCode.TooLarge, $"The text is over {RoomState.MaxTextBytes} bytes of UTF-8."),
        RoomProtocol.SetReaction { Emoji: var emoji } when !Emoji.IsOne(emoji) =>
            new RoomProtocol.Nack(NackCode.Invalid, $"The emoji must be one, of at most {Emoji.MaxBytes} bytes of UTF-8."),
        _ => null,
    };
}
