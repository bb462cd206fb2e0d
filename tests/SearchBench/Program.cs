using System.Diagnostics;
using System.Globalization;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Search;
using AkkaChat.SearchBench;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

// How long searches take in a database of many messages, and what the index costs: docs/search.md has the results.
// search-bench [--messages 1003000] [--rounds 20] [--on postgres,sqlite] [--keep FOLDER]: with a folder, SQLite's database is kept there, and used
// again. The default leaves three quarters of a segment in the tail. A server of one's own is named by AKKACHAT_TEST_POSTGRES.
var messages = int.Parse(Option("--messages", "1003000"), CultureInfo.InvariantCulture);
var rounds = int.Parse(Option("--rounds", "20"), CultureInfo.InvariantCulture);
var keep = Option("--keep", "");
var slow = false;
foreach (var provider in Option("--on", "postgres,sqlite").Split(','))
{
    slow |= await RunAsync(provider);
}

return slow ? 1 : 0;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;

async Task<bool> RunAsync(string provider)
{
    var folder = keep.Length > 0 ? keep : Directory.CreateTempSubdirectory("akkachat-search-").FullName;
    var settings = new Dictionary<string, string?>
    {
        ["AkkaChat:Database:Provider"] = provider,
        ["AkkaChat:Database:DataFolder"] = folder,
        ["AkkaChat:Database:ConnectionString"] = provider == "postgres" ? await PostgresAsync() : null,
    };
    var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
    await using var services = new ServiceCollection().AddLogging().AddAkkaChatDatabase(configuration).AddAkkaChatReadModel().AddMessageSearch()
        .BuildServiceProvider();
    await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
    var database = services.GetRequiredService<IDatabase>();
    if (await CountAsync(database, "room_message") == 0)
    {
        // Its own signals would build beside the measured builds.
        await using var indexer = new SearchIndexer(database, NullLogger<SearchIndexer>.Instance);
        await using var deaf = new SearchIndexer(database, NullLogger<SearchIndexer>.Instance) { SegmentSize = int.MaxValue };
        var started = Stopwatch.GetTimestamp();
        var cost = await new Loader(database, new SearchConsumer(deaf), indexer).LoadAsync(new Corpus(messages));
        Report.Cost(provider, cost, Stopwatch.GetElapsedTime(started));
    }

    await Report.SizesAsync(database);
    var slow = await Queries.MeasureAsync(services.GetRequiredService<IMessageSearch>(), rounds);
    if (keep.Length == 0)
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    return slow;
}

async Task<string> PostgresAsync()
{
    if (Environment.GetEnvironmentVariable("AKKACHAT_SEARCH_BENCH_DATABASE") is { Length: > 0 } kept)
    {
        return kept;
    }

    var server = await PostgresServer.StartAsync();
    return await server.CreateDatabaseAsync();
}

static Task<long> CountAsync(IDatabase database, string table) => database.ReadAsync(
    connection => connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"), CancellationToken.None);
