using System.Collections.Concurrent;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

/// <summary>Who is online in the cluster, as far as this edge knows. Written by the presence hub, read by anyone.</summary>
public sealed class OnlineUsers
{
    private readonly ConcurrentDictionary<UserId, int> _edges = new();
    private volatile bool _known;

    /// <summary>False while presence is unknown: then none may be reported.</summary>
    public bool IsKnown => _known;

    public bool IsOnline(UserId user) => _edges.ContainsKey(user);

    /// <summary>Everybody who is online now.</summary>
    public IReadOnlyCollection<UserId> All() => [.. _edges.Select(user => user.Key)];

    internal void SetKnown(bool known) => _known = known;

    /// <summary>One more edge has the user. True if it is the first.</summary>
    internal bool Add(UserId user) => _edges.AddOrUpdate(user, 1, (_, edges) => edges + 1) == 1;

    /// <summary>One edge fewer has the user. True if it was the last.</summary>
    internal bool Remove(UserId user)
    {
        if (!_edges.TryGetValue(user, out var edges))
        {
            return false;
        }

        if (edges > 1)
        {
            _edges[user] = edges - 1;
            return false;
        }

        return _edges.TryRemove(user, out _);
    }
}
