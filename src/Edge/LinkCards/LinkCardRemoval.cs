using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.LinkCards;

/// <summary>Removes a message's link cards on behalf of its author.</summary>
internal sealed class LinkCardRemoval(RoomAccess access, IRoomLog log, RoomGateway gateway)
{
    private static readonly RoomProtocol.Nack NoSuchMessage = new(NackCode.NotFound, "There is no such message.");

    private static readonly RoomProtocol.Nack AuthorsOnly = new(NackCode.Forbidden, "Only the author may remove the cards of a message.");

    /// <summary>The room's reply, or the reason why the room was not asked.</summary>
    public async Task<RoomProtocol.IReply> RemoveAsync(MessageId message, UserRef by, CancellationToken cancellationToken)
    {
        if (await access.CheckAsync(message.Room, by.Id, cancellationToken) is { } refusal)
        {
            return new RoomProtocol.Nack(refusal.Code == ErrorCode.NotFound ? NackCode.NotFound : NackCode.Forbidden, refusal.Message);
        }

        var page = await log.ReadEventsAsync(message.Room, message.Seq - 1, 1, cancellationToken: cancellationToken);
        return page?.Events is not [MessagePosted posted] || posted.Seq != message.Seq ? NoSuchMessage
            : posted.Author.Id != by.Id ? AuthorsOnly
            : await gateway.AskAsync(new RoomProtocol.RemoveLinkCards(message.Room, posted.Seq, posted.N, by));
    }
}
