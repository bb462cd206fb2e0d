namespace AkkaChat.LoadTest.Limits;

/// <summary>A limit that has bound, and how often.</summary>
/// <param name="Detail">What the server said the first time.</param>
internal sealed record Notice(Limit Limit, long Count, string Detail);

/// <summary>The limits that have bound in a run.</summary>
internal sealed class Notices(Action<Notice> onFirst)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Limit, Notice> _all = [];

    public IReadOnlyList<Notice> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all.Values];
            }
        }
    }

    public void Add(Limit limit, string detail)
    {
        var first = new Notice(limit, 1, detail);
        lock (_gate)
        {
            if (_all.TryGetValue(limit, out var notice))
            {
                _all[limit] = notice with { Count = notice.Count + 1 };
                return;
            }

            _all.Add(limit, first);
        }

        onFirst(first);
    }
}
