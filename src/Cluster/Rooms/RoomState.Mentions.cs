using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>Whom a text mentions: members by their names, <c>@room</c> all of them, <c>@here</c> those who are online.</summary>
public sealed partial record RoomState
{
    /// <summary>In a room of up to so many members each may mention all of them at once; in a larger one owners and admins.</summary>
    public const int MaxOpenAudience = 100;

    /// <summary>In a larger room nobody mentions those who are online: who that is, is not told there either.</summary>
    public const int MaxHere = 500;

    private const string RoomWord = "room";

    /// <summary>With the @ before it, those who are online.</summary>
    public const string HereWord = "here";

    private MessagePosted Posted(PostMessage command, DateTimeOffset now)
    {
        var (mentions, audience) = Mentions(command.Text, command.Author.Id, command.Here);
        return new MessagePosted(Seq + 1, now, N + 1, command.ClientId, command.Author, command.Text, command.ReplyToSeq, mentions)
        {
            Files = command.Files,
            Audience = audience,
        };
    }

    /// <param name="here">Who is online, where the text has <c>@here</c>.</param>
    private (IReadOnlyList<UserId> Users, Audience Audience) Mentions(string text, UserId by, IReadOnlyList<UserId> here)
    {
        var found = new List<UserId>();
        var (room, online) = (false, false);
        foreach (var name in MentionScanner.Names(text))
        {
            var folded = Fold(name);
            if (!Usernames.TryGetValue(folded, out var user))
            {
                // Whoever has the word as their name is meant by it.
                room |= folded == RoomWord;
                online |= folded == HereWord;
            }
            else if (!found.Contains(user))
            {
                found.Add(user);
            }
        }

        var mayMentionAll = Members.Count <= MaxOpenAudience || Members.GetValueOrDefault(by)?.Role.IsAtLeast(MemberRole.Admin) == true;
        if (room && mayMentionAll)
        {
            return (found, Audience.Room);
        }

        if (!online || !mayMentionAll || Members.Count > MaxHere)
        {
            return (found, Audience.None);
        }

        var all = found.ToHashSet();
        found.AddRange(here.Where(user => user != by && Members.ContainsKey(user) && all.Add(user)));
        return (found, Audience.Here);
    }
}
