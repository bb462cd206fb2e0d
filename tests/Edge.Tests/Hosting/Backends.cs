using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Hosting;

/// <summary>One host on one kind of storage, shared by all specs of its collection.</summary>
public abstract class ChatFixture : IAsyncLifetime
{
    /// <summary>The account of this name, once it is registered, owns the installation.</summary>
    public const string Owner = "installation.owner";

    public ChatHost Host { get; private set; } = null!;

    public abstract bool SharesPresence { get; }

    public virtual async Task InitializeAsync() =>
        Host = await ChatHost.StartAsync(new(await SettingsAsync()) { ["AkkaChat:Auth:Owners:0"] = Owner.ToUpperInvariant() });

    public virtual async Task DisposeAsync() => await Host.DisposeAsync();

    protected abstract Task<Dictionary<string, string?>> SettingsAsync();
}

/// <summary>As <c>./run</c> starts it: SQLite, presence in memory.</summary>
public sealed class SqliteChat : ChatFixture
{
    public override bool SharesPresence => false;

    protected override Task<Dictionary<string, string?>> SettingsAsync() => Task.FromResult<Dictionary<string, string?>>([]);
}

/// <summary>As a node of a cluster runs: PostgreSQL and Redis.</summary>
public sealed class PostgresChat : ChatFixture
{
    private readonly PostgresFixture _postgres = new();
    private RedisServer? _redis;

    public override bool SharesPresence => true;

    public async Task StopRedisAsync() => await _redis!.DisposeAsync();

    public async Task StartRedisAsync() => _redis = await RedisServer.StartAsync(Port);

    private int Port { get; } = FreePort.Next();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis!.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override async Task<Dictionary<string, string?>> SettingsAsync()
    {
        await _postgres.InitializeAsync();
        await StartRedisAsync();
        return new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = await _postgres.CreateDatabaseAsync(),
            ["AkkaChat:Presence:Redis"] = $"127.0.0.1:{Port}",
        };
    }
}

/// <summary>PostgreSQL, with files in an S3 server that verifies signatures.</summary>
public sealed class S3Chat : ChatFixture
{
    private readonly PostgresFixture _postgres = new();
    private readonly S3Fixture _s3 = new();

    public override bool SharesPresence => false;

    public string Endpoint => _s3.Server.Endpoint;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override async Task<Dictionary<string, string?>> SettingsAsync()
    {
        await Task.WhenAll(_postgres.InitializeAsync(), _s3.InitializeAsync());
        return new(_s3.Server.Settings)
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = await _postgres.CreateDatabaseAsync(),
        };
    }
}

[CollectionDefinition(Name)]
public sealed class OnS3 : ICollectionFixture<S3Chat>
{
    public const string Name = "chat on PostgreSQL with files in S3";
}

[CollectionDefinition(Name)]
public sealed class OnSqlite : ICollectionFixture<SqliteChat>
{
    public const string Name = "chat on SQLite";
}

[CollectionDefinition(Name)]
public sealed class OnPostgres : ICollectionFixture<PostgresChat>
{
    public const string Name = "chat on PostgreSQL and Redis";
}
