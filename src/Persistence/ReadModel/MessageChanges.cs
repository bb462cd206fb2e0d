using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>What the events of a message that is there make of it.</summary>
internal static class MessageChanges
{
    public static StoredMessage Apply(StoredMessage message, RoomEvent change) => change switch
    {
        _ when message.IsDeleted => message,
        MessageEdited e => message with { Text = StoredText.Of(e.Text), Mentions = e.Mentions, Audience = e.Audience, EditedAt = e.Time },
        MessageDeleted => message with
        {
            Text = "", Mentions = [], Audience = Audience.None, Files = [], Cards = [], Reactions = [], EditedAt = null, IsDeleted = true,
        },
        LinkAttached e => message with { Cards = e.Cards },
        ReactionSet e => message with { Reactions = Apply(message.Reactions, e) },
        _ => message,
    };

    /// <summary>The same for all of its reactions.</summary>
    public static List<(string Emoji, UserId User)> Apply(IEnumerable<(string Emoji, UserId User)> reactions, IEnumerable<RoomEvent> changes)
    {
        var result = reactions.ToHashSet();
        foreach (var change in changes)
        {
            switch (change)
            {
                case MessageDeleted:
                    return [];
                case ReactionSet { On: true } e:
                    result.Add((e.Emoji, e.User.Id));
                    break;
                case ReactionSet e:
                    result.Remove((e.Emoji, e.User.Id));
                    break;
            }
        }

        return [.. result];
    }

    private static List<MessageReaction> Apply(IReadOnlyList<MessageReaction> reactions, ReactionSet e)
    {
        var known = reactions.FirstOrDefault(reaction => reaction.Emoji == e.Emoji);
        var users = (known?.Users ?? []).Where(user => user != e.User.Id).ToList();
        if (e.On && users.Count < MessageReaction.MaxUsers)
        {
            users.Add(e.User.Id);
        }

        var changed = new MessageReaction(e.Emoji, e.Count, users);
        return e.Count == 0 ? [.. reactions.Where(reaction => reaction != known)]
            : known is null ? [.. reactions, changed]
            : [.. reactions.Select(reaction => reaction == known ? changed : reaction)];
    }
}
