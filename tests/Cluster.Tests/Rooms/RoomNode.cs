using System.Data.Common;
using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>A migrated database of either kind, as a node finds it.</summary>
internal sealed class RoomDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string? _folder;

    private RoomDatabase(Dictionary<string, string?> settings, string? folder)
    {
        _folder = folder;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        _services = new ServiceCollection().AddLogging().AddAkkaChatDatabase(configuration).BuildServiceProvider();
    }

    public IDatabase Database => _services.GetRequiredService<IDatabase>();

    public static async Task<RoomDatabase> CreateAsync(string provider, PostgresFixture postgres)
    {
        var folder = provider == "sqlite" ? Directory.CreateTempSubdirectory("akkachat-room-").FullName : null;
        var database = new RoomDatabase(
            new Dictionary<string, string?>
            {
                ["AkkaChat:Database:Provider"] = provider,
                [folder is null ? "AkkaChat:Database:ConnectionString" : "AkkaChat:Database:DataFolder"] =
                    folder ?? await postgres.CreateDatabaseAsync(),
            },
            folder);
        await database._services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        return database;
    }

    public DbConnection NewJournalConnection() => Database.Provider == DatabaseProvider.Postgres
        ? new Npgsql.NpgsqlConnection(Database.JournalConnectionString)
        : new Microsoft.Data.Sqlite.SqliteConnection(Database.JournalConnectionString);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_folder is not null)
        {
            await TestFolder.DeleteAsync(_folder);
        }
    }
}

/// <summary>An actor system with the rooms' journal and serializers as a node has them, and rooms without sharding.</summary>
internal sealed class RoomNode : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;
    private readonly IActorRef _overtaken;

    public RoomNode(IDatabase database, RoomOptions? options = null)
    {
        Options = options ?? new RoomOptions();
        _services = new ServiceCollection()
            .AddLogging()
            .AddAkka("chat", (builder, _) => builder
                .AddHocon("akka.loglevel = off", HoconAddMode.Prepend)
                .AddHocon(RoomSharding.MailboxConfiguration(Options), HoconAddMode.Prepend)
                .WithRoomJournal(database)
                .WithChatSerialization())
            .BuildServiceProvider();
        System = _services.GetRequiredService<ActorSystem>();
        Kit = new TestKit(System);
        _overtaken = System.ActorOf(Props.Create(() => new OvertakenRooms(new JournalHeads(database))));
    }

    public ActorSystem System { get; }

    public TestKit Kit { get; }

    public RoomServices Services => new(
        Options, TimeProvider.System, null!, ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody, _overtaken);

    private RoomOptions Options { get; }

    public IActorRef Start(RoomId room) => Kit.Watch(System.ActorOf(RoomActor.Props(room, Services)));

    public static async Task<T> AskAsync<T>(IActorRef room, ICommand command)
        where T : IReply => Assert.IsType<T>(await room.Ask<IReply>(command, Timeout));

    public async Task StopAsync(IActorRef room)
    {
        room.Tell(RoomActor.Stop.Instance);
        await ExpectTerminatedAsync(room);
    }

    public async Task ExpectTerminatedAsync(IActorRef room) => await Kit.ExpectTerminatedAsync(room, Timeout);

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        await _services.DisposeAsync();
    }
}
