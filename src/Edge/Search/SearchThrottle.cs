using AkkaChat.Edge.Throttling;
using AkkaChat.Messages.Ids;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Search;

/// <summary>How often one user may search. Each node counts separately.</summary>
internal sealed class SearchThrottle(IOptions<SearchOptions> options)
{
    private readonly KeyedLimiter<UserId> _searches = new(options.Value.PerUserPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Null: the search may proceed; else how long to wait.</summary>
    public TimeSpan? TrySearch(UserId user) => _searches.Try(user);
}
