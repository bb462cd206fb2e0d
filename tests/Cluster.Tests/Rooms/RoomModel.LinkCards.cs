using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Link cards.</summary>
internal sealed partial class RoomModel
{
    private void ChangeLinkCards(UserRef user, bool on)
    {
        var decision = State.Process(new ChangeLinkCards(Room, on, user), _now);
        if (!Exists || (IsHidden && !_members.ContainsKey(user.Id)))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (!Administers(user))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else
        {
            CheckChange(decision, on == _linksOff, new RoomLinkCardsChanged(Events.Count + 1, _now, on, user));
            _linksOff = !on;
        }
    }

    private void AttachLinkCards(int message, int cards)
    {
        var card = new LinkCard("https://example.org", "title", "", "example.org");
        var command = new AttachLinkCards(Room, message, 1, [.. Enumerable.Repeat(card, cards)]);
        var decision = State.Process(command, _now);
        if (!Exists)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (message < 1 || message > Events.Count || cards == 0)
        {
            CheckRefused(decision, NackCode.Invalid);
        }
        else
        {
            CheckChange(
                decision,
                !_linksOff && _linked.TryAdd(message, false),
                new LinkAttached(Events.Count + 1, _now, message, 1, command.Cards));
        }
    }

    private void RemoveLinkCards(UserRef user, int message)
    {
        var decision = State.Process(new RemoveLinkCards(Room, message, 1, user), _now);
        var isMember = _members.ContainsKey(user.Id);
        if (!Exists || (IsHidden && !isMember) || (isMember && (message < 1 || message > Events.Count)))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (!isMember)
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else
        {
            CheckChange(decision, !_linked.GetValueOrDefault(message), new LinkAttached(Events.Count + 1, _now, message, 1, []));
            _linked[message] = true;
        }
    }
}
