using AkkaChat.Persistence.Database;
using AkkaChat.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.Database;

/// <summary>A migrated database of either kind with the services of <c>AddAkkaChatDatabase</c>.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private string? _ownedFolder;

    private TestDatabase(Dictionary<string, string?> settings)
    {
        Settings = settings;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        _services = new ServiceCollection().AddLogging().AddAkkaChatDatabase(configuration).BuildServiceProvider();
    }

    public Dictionary<string, string?> Settings { get; }

    public IDatabase Database => _services.GetRequiredService<IDatabase>();

    public DatabaseMigrator Migrator => _services.GetRequiredService<DatabaseMigrator>();

    public DatabaseSafety Safety => _services.GetRequiredService<DatabaseSafety>();

    public static TestDatabase With(Dictionary<string, string?> settings) => new(settings);

    public static async Task<TestDatabase> CreateAsync(string provider, PostgresFixture postgres)
    {
        var settings = new Dictionary<string, string?> { ["AkkaChat:Database:Provider"] = provider };
        if (provider == "postgres")
        {
            settings["AkkaChat:Database:ConnectionString"] = await postgres.CreateDatabaseAsync();
        }
        else
        {
            settings["AkkaChat:Database:DataFolder"] = Directory.CreateTempSubdirectory("akkachat-db-").FullName;
        }

        return new TestDatabase(settings) { _ownedFolder = settings.GetValueOrDefault("AkkaChat:Database:DataFolder") };
    }

    public static async Task<TestDatabase> CreateMigratedAsync(string provider, PostgresFixture postgres)
    {
        var database = await CreateAsync(provider, postgres);
        await database.Migrator.MigrateAsync(CancellationToken.None);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_ownedFolder is not null)
        {
            await TestFolder.DeleteAsync(_ownedFolder);
        }
    }
}
