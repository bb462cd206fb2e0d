using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
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
        Stream = services.GetRequiredService<IUserStream>();
        Projection = services.GetRequiredService<IRoomProjection>();
    }

    public IDatabase Database => _database.Database;

    public RoomSerializer RoomSerializer => new((Akka.Actor.ExtendedActorSystem)_journal.System);

    public IRoomLog Log { get; }

    public IRoomDirectory Directory { get; }

    public IReadCursors Cursors { get; }

    public IUserStream Stream { get; }

    public IRoomProjection Projection { get; }

    public static async Task<ReadModelNode> CreateAsync(string provider, PostgresFixture postgres) =>
        new(await TestDatabase.CreateMigratedAsync(provider, postgres));

    /// <summary>The services of one more node on the same database.</summary>
    public ServiceProvider AddNode()
    {
        var services = new ServiceCollection().AddSingleton(Database).AddAkkaChatReadModel().BuildServiceProvider();
        _nodes.Add(services);
        return services;
    }

    public Task WriteAsync(RoomId room, IRoomJournalEntry entry) => _journal.WriteAsync(room, entry);

    public Task CommitAsync(RoomScript script) => _journal.WriteAsync(script.Id, script.Take());

    /// <summary>Commits and projects, as the edge does before it acknowledges a change of membership.</summary>
    public async Task<CatchUpResult> CommitAndCatchUpAsync(RoomScript script)
    {
        await CommitAsync(script);
        return await Projection.CatchUpAsync(script.Id);
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
