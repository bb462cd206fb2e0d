using AkkaChat.Persistence.Work;

namespace AkkaChat.Persistence.Tests.Work;

/// <summary>What the table should hold after a history of calls, without a clock: leases and delays end when the history says so.</summary>
internal sealed class WorkModel(int maxAttempts)
{
    private readonly Dictionary<string, Item> _items = [];

    public IEnumerable<(string Key, WorkState State, long Attempts)> Rows =>
        _items.Select(item => (item.Key, item.Value.State, (long)item.Value.Attempts)).Order();

    public IEnumerable<string> Keys => _items.Keys;

    /// <summary>How many items a claim may take.</summary>
    public int Due => _items.Values.Count(item => item.IsDue);

    public void Add(string key) => _items.TryAdd(key, new Item { IsDue = true });

    /// <summary>Takes what a claim said, and that it said nothing it may not.</summary>
    public void Claim(string owner, int count, IReadOnlyList<WorkItem> claimed, IReadOnlySet<string> dead)
    {
        var due = _items.Where(item => item.Value.IsDue).ToDictionary();
        var buried = due.Where(item => item.Value.Attempts >= maxAttempts && dead.Contains(item.Key)).ToList();
        Assert.Equal(Math.Min(count, due.Count), claimed.Count + buried.Count);
        foreach (var (_, item) in buried)
        {
            item.Set(WorkState.Dead, null, isDue: false);
        }

        foreach (var item in claimed)
        {
            var expected = due[item.Key];
            Assert.True(expected.Attempts < maxAttempts);
            expected.Attempts++;
            expected.Id = item.Id;
            expected.Set(WorkState.Running, owner, isDue: false);
            Assert.Equal(expected.Attempts, item.Attempt);
        }
    }

    /// <summary>Whether the attempt still holds its lease.</summary>
    public bool Holds(WorkItem item, string owner) => _items.TryGetValue(item.Key, out var current)
        && current.State == WorkState.Running && current.Owner == owner && current.Attempts == item.Attempt && current.Id == item.Id;

    public void Complete(WorkItem item) => _items.Remove(item.Key);

    public void Fail(WorkItem item) =>
        _items[item.Key].Set(_items[item.Key].Attempts < maxAttempts ? WorkState.Waiting : WorkState.Dead, null, isDue: false);

    public void Release(WorkItem item)
    {
        _items[item.Key].Attempts--;
        _items[item.Key].Set(WorkState.Waiting, null, isDue: true);
    }

    /// <summary>The lease or the delay ends.</summary>
    public void MakeDue(string key) => _items[key].IsDue = _items[key].State != WorkState.Dead;

    public void Renew(WorkItem item) => _items[item.Key].IsDue = false;

    public bool Retry(string key)
    {
        if (_items[key].State == WorkState.Running)
        {
            return false;
        }

        _items[key].Attempts = 0;
        _items[key].Set(WorkState.Waiting, null, isDue: true);
        return true;
    }

    public bool Drop(string key) => _items[key].State != WorkState.Running && _items.Remove(key);

    private sealed class Item
    {
        public long Id { get; set; }

        public WorkState State { get; private set; }

        public int Attempts { get; set; }

        public string? Owner { get; private set; }

        public bool IsDue { get; set; }

        public void Set(WorkState state, string? owner, bool isDue) => (State, Owner, IsDue) = (state, owner, isDue);
    }
}
