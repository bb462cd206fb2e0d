using AkkaChat.Messages.Ids;
using StackExchange.Redis;

namespace AkkaChat.Persistence.Presence;

/// <summary>
/// One Redis set of user ids per edge under an expiring key, and one sorted set of the edges by expiry (Unix milliseconds by the edges'
/// clocks). Asynchronous only, with short time-outs: a dead or hung Redis fails fast, and no message ever waits for it.
/// </summary>
public sealed class RedisPresenceStore : IPresenceStore, IAsyncDisposable
{
    private const string Edges = "akkachat:presence:edges";
    private const string Prefix = "akkachat:presence:edge:";
    private const int TimeoutMilliseconds = 1_000;

    private readonly Lazy<Task<IConnectionMultiplexer>> _connection;
    private readonly TimeProvider _time;

    public RedisPresenceStore(string connectionString, TimeProvider time)
    {
        _time = time;
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = TimeoutMilliseconds;
        options.AsyncTimeout = TimeoutMilliseconds;
        options.SyncTimeout = TimeoutMilliseconds;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(TimeoutMilliseconds);
        options.ClientName = "akkachat";
        _connection = new Lazy<Task<IConnectionMultiplexer>>(
            async () => await ConnectionMultiplexer.ConnectAsync(options));
    }

    public bool IsShared => true;

    public async Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime)
    {
        var batch = (await DatabaseAsync()).CreateTransaction();
        var key = Key(edge);
        var pending = new List<Task> { batch.KeyDeleteAsync(key) };
        if (users.Count > 0)
        {
            pending.Add(batch.SetAddAsync(key, Values(users)));
            pending.Add(batch.KeyExpireAsync(key, lifetime));
        }

        pending.Add(batch.SortedSetAddAsync(Edges, edge.Value, Now() + lifetime.TotalMilliseconds));
        await batch.ExecuteAsync();
        await Task.WhenAll(pending);
    }

    public async Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync()
    {
        var database = await DatabaseAsync();
        var live = await database.SortedSetRangeByScoreAsync(Edges, Now(), double.PositiveInfinity);
        await database.SortedSetRemoveRangeByScoreAsync(Edges, double.NegativeInfinity, Now(), Exclude.Stop);
        var sets = await Task.WhenAll(live.Select(edge => database.SetMembersAsync(Prefix + edge)));
        var all = new Dictionary<EdgeId, IReadOnlyList<UserId>>();
        for (var i = 0; i < live.Length; i++)
        {
            all.Add(new EdgeId(live[i].ToString()), [.. sets[i].Select(user => new UserId(user.ToString()))]);
        }

        return all;
    }

    public async Task RemoveAsync(EdgeId edge)
    {
        var database = await DatabaseAsync();
        await Task.WhenAll(database.SortedSetRemoveAsync(Edges, edge.Value), database.KeyDeleteAsync(Key(edge)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    private static RedisKey Key(EdgeId edge) => Prefix + edge.Value;

    private static RedisValue[] Values(IReadOnlyCollection<UserId> users) => [.. users.Select(user => (RedisValue)user.Value)];

    private double Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<IDatabase> DatabaseAsync() => (await _connection.Value).GetDatabase();
}
