using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Presence;

/// <summary>
/// The users that are online on all edges together: a cache, never the only copy. Every call may fail or time out; a caller that cannot
/// reach the store reports <c>unknown</c>.
/// </summary>
public interface IPresenceStore
{
    /// <summary>Whether other processes see what is stored here.</summary>
    bool IsShared { get; }

    /// <summary>Renews this edge's entry for <paramref name="lifetime"/>, with exactly these users.</summary>
    Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime);

    /// <summary>The entries that have not expired, including this edge's own.</summary>
    Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync();

    /// <summary>Removes this edge's entry when the edge leaves.</summary>
    Task RemoveAsync(EdgeId edge);
}

/// <summary>For a single process, which knows all online users itself.</summary>
public sealed class LocalPresenceStore : IPresenceStore
{
    private static readonly IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>> Nothing = new Dictionary<EdgeId, IReadOnlyList<UserId>>();

    public bool IsShared => false;

    public Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime) => Task.CompletedTask;

    public Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync() => Task.FromResult(Nothing);

    public Task RemoveAsync(EdgeId edge) => Task.CompletedTask;
}
