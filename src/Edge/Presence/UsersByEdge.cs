using AkkaChat.Messages.Ids;

namespace AkkaChat.Edge.Presence;

/// <summary>
/// Which edge has which users. What an edge announces counts until it has renewed its entry in the store, which is older than that. Used only by
/// the presence hub.
/// </summary>
/// <param name="changed">Told when a user has come to their first edge or gone from their last.</param>
internal sealed class UsersByEdge(OnlineUsers online, Action<UserId, bool> changed)
{
    /// <summary>Number of rounds after which another edge must have renewed its entry since a change that it announced.</summary>
    private const int RoundsUntilRenewed = 2;

    private readonly Dictionary<EdgeId, HashSet<UserId>> _edges = [];
    private readonly Dictionary<(EdgeId Edge, UserId User), int> _heard = [];
    private int _round;

    /// <summary>A round is the interval at which edges renew their entries.</summary>
    public void BeginRound()
    {
        _round++;
        Forget(heard => _round - _heard[heard] > RoundsUntilRenewed);
    }

    public void Set(EdgeId edge, UserId user, bool isOnline)
    {
        if (!_edges.TryGetValue(edge, out var users))
        {
            _edges.Add(edge, users = []);
        }

        if (isOnline ? users.Add(user) && online.Add(user) : users.Remove(user) && online.Remove(user))
        {
            changed(user, isOnline);
        }
    }

    /// <summary>Another edge has announced it.</summary>
    public void Hear(EdgeId edge, UserId user, bool isOnline)
    {
        Set(edge, user, isOnline);
        _heard[(edge, user)] = _round;
    }

    /// <summary>Takes the other edges' users from the store, except those that an edge has announced changes for since it wrote its entry.</summary>
    public void ReplaceOthers(EdgeId self, IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>> entries)
    {
        foreach (var edge in _edges.Keys.Where(edge => edge != self && !entries.ContainsKey(edge)).ToList())
        {
            Replace(edge, []);
        }

        foreach (var (edge, users) in entries.Where(entry => entry.Key != self))
        {
            Replace(edge, users);
        }
    }

    /// <summary>The edge has left the cluster.</summary>
    public void Remove(EdgeId edge)
    {
        Forget(heard => heard.Edge == edge);
        Replace(edge, []);
    }

    private void Replace(EdgeId edge, IReadOnlyList<UserId> users)
    {
        var now = users.ToHashSet();
        foreach (var gone in _edges.GetValueOrDefault(edge, []).Except(now).Where(user => !_heard.ContainsKey((edge, user))).ToList())
        {
            Set(edge, gone, isOnline: false);
        }

        foreach (var user in now.Where(user => !_heard.ContainsKey((edge, user))))
        {
            Set(edge, user, isOnline: true);
        }

        if (_edges.GetValueOrDefault(edge, []).Count == 0)
        {
            _edges.Remove(edge);
        }
    }

    private void Forget(Func<(EdgeId Edge, UserId User), bool> which)
    {
        foreach (var heard in _heard.Keys.Where(which).ToList())
        {
            _heard.Remove(heard);
        }
    }
}
