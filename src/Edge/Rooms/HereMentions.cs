using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Presence;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <summary>Whom <c>@here</c> means. Nothing is looked up for a text without it.</summary>
internal sealed class HereMentions(IRoomDirectory directory, IRoomLog log, OnlineUsers online)
{
    /// <summary>
    /// The room's members who are online, as far as this edge knows: also while presence is unknown. None in a room that is too large for it.
    /// </summary>
    public async ValueTask<IReadOnlyList<UserId>> OfAsync(RoomId room, string text, CancellationToken cancellationToken)
    {
        if (!MentionScanner.HasName(text, RoomState.HereWord))
        {
            return [];
        }

        var members = new List<UserId>();
        string? cursor = null;
        do
        {
            var page = await directory.ListMembersAsync(room, cursor, IRoomDirectory.MaxPage, cancellationToken);
            members.AddRange(page.Items.Select(member => member.User.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null && members.Count <= RoomState.MaxHere);

        return members.Count > RoomState.MaxHere ? [] : members.FindAll(online.IsOnline);
    }

    /// <summary>A text that goes on having <c>@here</c> goes on meaning those whom it meant.</summary>
    public async ValueTask<IReadOnlyList<UserId>> OfEditAsync(RoomId room, long message, string text, CancellationToken cancellationToken) =>
        MentionScanner.HasName(text, RoomState.HereWord)
        && await log.FindMessageAsync(room, message, cancellationToken: cancellationToken) is { Audience: Audience.Here } before
            ? before.Mentions
            : await OfAsync(room, text, cancellationToken);
}
