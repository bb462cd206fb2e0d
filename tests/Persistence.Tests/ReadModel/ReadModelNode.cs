using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Persistence.Tests.Journal;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.ReadModel;

/// <summary>A migrated database, a journal that really writes to it, and the read side on top.</summary>
public sealed class ReadModelNode : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly JournalNode _journal;
    private readonly List<ServiceProvider> _nodes = [];

    private ReadModelNode(TestDatabase database)
    {
        _database = database;
        _journal = new JournalNode(database.Database);
        var services = AddNode();
        Log = services.GetRequiredService<IRoomLog>();
        Directory = services.GetRequiredService<IRoomDirectory>();
        Cursors = services.GetRequiredService<IReadCursors>();
        Signal = services.GetRequiredService<UserStreamSignal>();
        Stream = services.GetRequiredService<IUserStream>();
        Consumers = services.GetRequiredService<IRoomConsumers>();
    }

    public IDatabase Database => _database.Database;

    public RoomSerializer RoomSerializer => new((Akka.Actor.ExtendedActorSystem)_journal.System);

    public IRoomLog Log { get; }

    public IRoomDirectory Directory { get; }

    public IReadCursors Cursors { get; }

    public IUserStream Stream { get; }

    /// <summary>What <see cref="Consumers"/> tells of users' streams.</summary>
    public UserStreamSignal Signal { get; }

    public IRoomConsumers Consumers { get; }

    public static async Task<ReadModelNode> CreateAsync(string provider, PostgresFixture postgres) =>
        new(await TestDatabase.CreateMigratedAsync(provider, postgres));

    /// <summary>The services of one more node on the same database.</summary>
    public ServiceProvider AddNode(Action<IServiceCollection>? extend = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(Database).AddAkkaChatReadModel();
        extend?.Invoke(services);
        var node = services.BuildServiceProvider();
        _nodes.Add(node);
        return node;
    }

    public Task WriteAsync(RoomId room, IRoomJournalEntry entry) => _journal.WriteAsync(room, entry);

    public Task CommitAsync(RoomScript script) => _journal.WriteAsync(script.Id, script.Take());

    /// <summary>Commits and projects, as the edge does before it acknowledges a change of membership.</summary>
    public async Task CommitAndCatchUpAsync(RoomScript script)
    {
        await CommitAsync(script);
        await Consumers.CatchUpAsync(script.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        foreach (var node in _nodes)
        {
            // The database belongs to the test and is not disposed with a node: it was added as an instance.
            await node.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
