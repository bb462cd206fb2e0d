using AkkaChat.Edge.Presence;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <summary>Maps stored rooms and messages to their public shapes.</summary>
public sealed class RoomViews(IRoomDirectory directory, OnlineUsers online, OnlineCounts counts)
{
    public static MessageView Of(StoredMessage message) => MessageView.From(
        message.Room,
        message.Seq,
        MessageCreatedView.Of(
            message.Room,
            message.Seq,
            message.N,
            message.ClientId,
            message.Author,
            message.Text,
            message.Time,
            message.ReplyToSeq,
            message.Mentions,
            message.Files) with
        {
            EditedAt = message.EditedAt,
            Audience = message.Audience.WireName(),
            Deleted = message.IsDeleted,
            Preview = PreviewView.From(CardsOf(message)),
            Reactions = [.. message.Reactions.Select(reaction => new ReactionView(
                reaction.Emoji, reaction.Count, [.. reaction.Users.Select(user => user.Value)]))],
        });

    /// <summary>A card is shown while its link is in the text.</summary>
    private static IReadOnlyList<LinkCard> CardsOf(StoredMessage message) => message.EditedAt is null
        ? message.Cards
        : [.. message.Cards.Where(card => message.Text.Contains(card.Url, StringComparison.Ordinal))];

    public async Task<RoomView> OfAsync(RoomSummary room, CancellationToken cancellationToken) =>
        (await OfAsync([room], cancellationToken))[0];

    public async Task<IReadOnlyList<RoomView>> OfAsync(IReadOnlyList<RoomSummary> rooms, CancellationToken cancellationToken)
    {
        var onlineCounts = await counts.CountAsync(rooms, cancellationToken);
        return [.. rooms.Select(room => Of(room, onlineCounts?.GetValueOrDefault(room.Id)))];
    }

    private static RoomView Of(RoomSummary room, int? onlineCount) => new(
        room.Id.Value,
        room.Name,
        room.Topic,
        room.Visibility.WireName(),
        room.MemberCount,
        onlineCount,
        room.LastMessage is null ? null : Of(room.LastMessage),
        room.Unread,
        room.Mentions,
        room.Joined,
        room.Role?.WireName(),
        new HeadView(room.Head.Seq, room.Head.N),
        room.ReadN,
        room.CreatedAt,
        room.LinkCards,
        room.Picture?.Value,
        room.Preferences.ToView())
    {
        People = [.. room.People.Select(person => new PersonView(
            person.User.Id.Value,
            person.User.Username,
            person.User.DisplayName,
            person.Avatar?.Value,
            StatusView.Of(person.StatusEmoji, person.StatusText)))],
        Hidden = room.Hidden,
        Archived = room.Archived,
    };

    /// <summary>The room's members who are online; null when presence is unknown.</summary>
    public async Task<IReadOnlyList<UserId>?> ListOnlineAsync(RoomId room, CancellationToken cancellationToken)
    {
        var members = await directory.ListMemberIdsAsync(room, cancellationToken);
        return online.IsKnown ? [.. members.Where(online.IsOnline)] : null;
    }
}
