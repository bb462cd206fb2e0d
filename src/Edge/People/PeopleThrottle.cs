using AkkaChat.Edge.Throttling;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.People;

/// <summary>
/// How often one user may look others up or begin a conversation, so that nobody reads the list of all users or writes to all of them. Each node
/// counts separately.
/// </summary>
internal sealed class PeopleThrottle
{
    private const int SearchesPerMinute = 120;
    private const int NewRoomsPerMinute = 30;

    private readonly KeyedLimiter<UserId> _searches = new(SearchesPerMinute, TimeSpan.FromMinutes(1));
    private readonly KeyedLimiter<UserId> _rooms = new(NewRoomsPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Null when it may proceed, else how long to wait; the same holds for the other method.</summary>
    public TimeSpan? TrySearch(UserId user) => _searches.Try(user);

    public TimeSpan? TryNewRoom(UserId user) => _rooms.Try(user);
}
