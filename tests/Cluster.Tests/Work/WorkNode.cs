using AkkaChat.Cluster.Work;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AkkaChat.Cluster.Tests.Work;

/// <summary>A node that does work and nothing else, on SQLite.</summary>
internal sealed class WorkNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _folder;

    private WorkNode(string folder, IWorkHandler[] handlers)
    {
        _folder = folder;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AkkaChat:Database:DataFolder"] = folder,
            ["AkkaChat:Work:PollInterval"] = "00:00:00.200",
            ["AkkaChat:Work:Lease"] = "00:00:03",
        }).Build();
        var services = new ServiceCollection().AddLogging().AddAkkaChatDatabase(configuration).AddWork();
        foreach (var handler in handlers)
        {
            services.AddSingleton(handler);
        }

        _services = services.BuildServiceProvider();
    }

    public IDatabase Database => _services.GetRequiredService<IDatabase>();

    public WorkQueue Queue => _services.GetRequiredService<WorkQueue>();

    public WorkOperations Operations => _services.GetRequiredService<WorkOperations>();

    public static async Task<WorkNode> StartAsync(params IWorkHandler[] handlers)
    {
        var node = new WorkNode(Directory.CreateTempSubdirectory("akkachat-work-").FullName, handlers);
        await node._services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        await node.Runner.StartAsync(CancellationToken.None);
        return node;
    }

    public Task StopAsync() => Runner.StopAsync(CancellationToken.None);

    public async Task<WorkEntry?> FindAsync(string key) =>
        (await Operations.ListAsync(null, null, 0, WorkOperations.MaxPage)).SingleOrDefault(entry => entry.Key == key);

    public Task<int> SqlAsync(string sql) => Database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
        await TestFolder.DeleteAsync(_folder);
    }

    private IHostedService Runner => _services.GetServices<IHostedService>().Single();
}

/// <summary>Hands each run to the test.</summary>
internal sealed class TestHandler(Func<WorkItem, CancellationToken, Task> run) : IWorkHandler
{
    public string Kind => "test";

    public int Parallelism { get; init; } = 2;

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    public int MaxAttempts { get; init; } = 3;

    public Task RunAsync(WorkItem item, CancellationToken cancellationToken) => run(item, cancellationToken);
}
