using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Presence;

/// <summary>
/// The union of what all edges say of their users: a cache, never the only copy. Every call may fail or take its time-out, and a caller
/// that cannot reach it says <c>unknown</c>.
/// </summary>
public interface IPresenceStore
{
    /// <summary>Whether other processes see what is stored here.</summary>
    bool IsShared { get; }

    /// <summary>Renews this edge's entry for <paramref name="lifetime"/>, with exactly these users.</summary>
    Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime);

    /// <summary>The entries that have not run out, this edge's own among them.</summary>
    Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync();

    /// <summary>Removes this edge's entry, when it leaves.</summary>
    Task RemoveAsync(EdgeId edge);
}

/// <summary>For a cluster of one process: the process knows all there is.</summary>
public sealed class LocalPresenceStore : IPresenceStore
{
    private static readonly IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>> Nothing = new Dictionary<EdgeId, IReadOnlyList<UserId>>();

    public bool IsShared => false;

    public Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime) => Task.CompletedTask;

    public Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync() => Task.FromResult(Nothing);

    public Task RemoveAsync(EdgeId edge) => Task.CompletedTask;
}
