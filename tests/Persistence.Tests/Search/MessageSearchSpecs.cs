using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Search;
using AkkaChat.Persistence.Tests.ReadModel;
using AkkaChat.Support;
using CsCheck;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaChat.Persistence.Tests.Search;

public sealed class PostgresMessageSearchSpecs(PostgresFixture postgres) : MessageSearchSpecs("postgres", postgres);

public sealed class SqliteMessageSearchSpecs(PostgresFixture postgres) : MessageSearchSpecs("sqlite", postgres);

/// <summary>Segments are of eight messages, so that a few messages make tail, segments and overlaps.</summary>
public abstract class MessageSearchSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private const int SegmentSize = 8;
    private static readonly UserRef Ana = RoomScript.User("ana");
    private static readonly UserRef Ben = RoomScript.User("ben");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private ReadModelNode _node = null!;
    private IRoomConsumers _consumers = null!;
    private IMessageSearch _search = null!;
    private SearchIndexer _indexer = null!;

    public async Task InitializeAsync()
    {
        _node = await ReadModelNode.CreateAsync(provider, postgres);
        (_consumers, _search, _indexer) = AddNode();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("cafe", "Um CAFÉ, por favor")]
    [InlineData("favor", "Um CAFÉ, por favor")]
    [InlineData("avo", "Um CAFÉ, por favor")]
    [InlineData("\"por favor\"", "Um CAFÉ, por favor")]
    [InlineData("京", "東京に行きます")]
    [InlineData("東京", "東京に行きます")]
    [InlineData("に行き", "東京に行きます")]
    [InlineData("z", "Zürich")]
    [InlineData("ZU", "Zürich")]
    [InlineData("חשב", "מַחְשֵׁב חדש")]
    [InlineData("👍", "fine 👍🏽")]
    [InlineData("100%_a", "it is 100%_a")]
    [InlineData("q(x|y)&!", "q(x|y)&! or not")]
    [InlineData("\"q(x|y)&! or\" -fine", "q(x|y)&! or not")]
    public async Task Text_ShouldBeFound_InTheTailAndInSegments(string query, string expected)
    {
        string[] texts = ["Um CAFÉ, por favor", "東京に行きます", "Zürich", "מַחְשֵׁב חדש", "fine 👍🏽", "it is 100%_a", "q(x|y)&! or not", "nothing to see"];
        var script = new RoomScript().Create(Ana);
        foreach (var text in texts)
        {
            script.Post(Ana, text);
        }

        await CommitAsync(script);
        Assert.Equal([expected], await FindAsync(Ana, query));
        await BuildAsync();
        Assert.Equal((1, 0), await CountsAsync());
        Assert.Equal([expected], await FindAsync(Ana, query));
    }

    [Fact]
    public async Task Pages_ShouldBeTheNewestFirst_WithoutGapsOrRepetitions()
    {
        var rooms = Enumerable.Range(0, 3).Select(_ => new RoomScript().Create(Ana)).ToList();
        for (var i = 0; i < 30; i++)
        {
            await CommitAsync(rooms[i % 3].Post(Ana, $"word {i}").Post(Ana, "another"));
        }

        var found = new List<StoredMessage>();
        SearchCursor? cursor = null;
        do
        {
            var page = await SearchAsync(Ana, "word", cursor, limit: 4);
            Assert.True(page.Items.Count == 4 || page.NextCursor is null);
            found.AddRange(page.Items.Select(hit => hit.Message));
            cursor = page.NextCursor is null ? null : SearchCursor.Parse(page.NextCursor.ToString());
        }
        while (cursor is not null);

        Assert.Equal(30, found.Count);
        Assert.Equal(
            found.OrderByDescending(m => m.Time).ThenByDescending(m => m.Room.Value, StringComparer.Ordinal).ThenByDescending(m => m.N).Select(m => m.Id),
            found.Select(m => m.Id));
    }

    [Fact]
    public async Task Message_ShouldBeFoundByWhatItSaysNow_AndNotOnceItIsDeleted()
    {
        var script = new RoomScript().Create(Ana).Join(Ben).Post(Ana, "the old words").Post(Ben, "a secret");
        for (var i = 0; i < 8; i++)
        {
            script.Post(Ana, $"filler {i}");
        }

        await CommitAsync(script);
        await BuildAsync();
        var (first, second) = (script.Messages[0], script.Messages[1]);
        Assert.Equal(["the old words"], await FindAsync(Ben, "old"));

        // Not projected yet: the search catches up what was acknowledged.
        await _node.CommitAsync(script.Edit(first, "the new words").Delete(second, Ben));
        Assert.Empty(await FindAsync(Ben, "old"));
        Assert.Empty(await FindAsync(Ana, "secret"));
        Assert.Equal(["the new words"], await FindAsync(Ben, "new"));
        Assert.Equal(["the new words"], await FindAsync(Ben, "words"));

        for (var i = 0; i < 8; i++)
        {
            script.Post(Ana, $"more {i}");
        }

        await CommitAsync(script);
        await BuildAsync();
        Assert.Equal(["the new words"], await FindAsync(Ben, "new"));
        Assert.Equal(["the new words"], await FindAsync(Ben, "words"));
        Assert.Empty(await FindAsync(Ben, "old"));
    }

    [Fact]
    public async Task Room_ShouldBeSearchedByItsMembersOnly()
    {
        var script = new RoomScript().Create(Ana, visibility: RoomVisibility.Private).Post(Ana, "for us only").Join(Ben);
        await CommitAsync(script);
        Assert.Equal(["for us only"], await FindAsync(Ben, "us"));

        await _node.CommitAsync(script.Kick(Ana, Ben));
        Assert.Empty(await FindAsync(Ben, "us"));
        Assert.Empty(await FindAsync(RoomScript.User("eve"), "us"));
        Assert.Equal(["for us only"], await FindAsync(Ana, "us"));
        await _node.CommitAsync(script.Leave(Ana));
        Assert.Empty(await FindAsync(Ana, "us"));
    }

    [Fact]
    public async Task Filters_ShouldNarrow()
    {
        var (garden, kitchen) = (new RoomScript().Create(Ana, "The Gärden").Join(Ben), new RoomScript().Create(Ana, "Kitchen"));
        await CommitAsync(garden.Post(Ana, "tea").Post(Ben, "tea https://example.org"));
        await CommitAsync(kitchen.Post(Ana, "tea for two"));
        await AssertAsync();

        for (var i = 0; i < 8; i++)
        {
            kitchen.Post(Ben, $"coffee {i}");
        }

        await CommitAsync(kitchen.Join(Ben));
        await BuildAsync();
        Assert.NotEqual(0, (await CountsAsync()).Segments);
        await AssertAsync();

        async Task AssertAsync()
        {
            Assert.Equal(["tea", "tea for two", "tea https://example.org"], (await FindAsync(Ana, "tea")).Order(StringComparer.Ordinal));
            Assert.Equal(["tea https://example.org"], await FindAsync(Ana, $"from:{Ben.Id} tea"));
            Assert.Equal(2, (await FindAsync(Ana, "from:me")).Count);
            Assert.Equal(["tea for two"], await FindAsync(Ana, "in:kitchen from:me"));
            Assert.Equal(2, (await FindAsync(Ana, "tea in:\"the garden\"")).Count);
            Assert.Equal(["tea https://example.org"], await FindAsync(Ana, "has:link"));
            Assert.Equal(["tea for two"], await FindAsync(Ana, "tea -example in:kitchen"));
            Assert.Empty(await FindAsync(Ana, "tea in:attic"));
            Assert.Empty(await FindAsync(Ana, "tea from:nobody"));
            Assert.Equal(3, (await FindAsync(Ana, "tea on:2025-06-15")).Count);
            Assert.Empty(await FindAsync(Ana, "tea before:2025-06-15"));
            Assert.Empty(await FindAsync(Ana, "tea after:2025-06-15"));
        }
    }

    [Fact]
    public async Task Consumer_ShouldFindWhatWasThereBeforeIt()
    {
        var script = new RoomScript().Create(Ana).Post(Ana, "long ago").Post(Ana, "gone").Post(Ana, "befour");
        await _node.CommitAsync(script);
        // A node of an earlier version projects without it.
        await _node.Consumers.CatchUpAsync(script.Id);
        await _node.CommitAsync(script.Delete(script.Messages[1], Ana).Edit(script.Messages[2], "before"));
        await _node.Consumers.CatchUpAsync(script.Id);

        Assert.Equal([script.Id], await _consumers.FindLaggingAsync(10));
        await _consumers.CatchUpAsync(script.Id);
        await Eventually.AssertAsync(async () => Assert.Single(await FindAsync(Ana, "ago")));

        Assert.Equal(["before"], await FindAsync(Ana, "before"));
        Assert.Empty(await FindAsync(Ana, "befour"));
        Assert.Empty(await FindAsync(Ana, "gone"));
    }

    [Fact]
    public async Task Segments_ShouldBeMadeOnce_WhenNodesMakeThemAtOnce()
    {
        var script = new RoomScript().Create(Ana);
        for (var i = 0; i < 80; i++)
        {
            script.Post(Ana, $"message {i}");
        }

        var others = Enumerable.Range(0, 3).Select(_ => AddNode()).ToList();
        await CommitAsync(script);
        await Task.WhenAll(others.Select(node => Task.Run(async () =>
        {
            while (await node.Indexer.BuildAsync())
            {
            }
        })));
        await BuildAsync();

        Assert.Equal((10, 0), await CountsAsync());
        Assert.Equal(80, (await FindAsync(Ana, "message", limit: 50)).Count + 30);
        Assert.Equal(["message 7"], await FindAsync(Ana, "\"message 7\" -70 -71 -72 -73 -74 -75 -76 -77 -78 -79"));
    }

    /// <summary>Against reading everything.</summary>
    [Fact]
    public Task Answer_ShouldBeThatOfReadingEverything() => Gen.Int.ForAllAsync(
        async seed =>
        {
            var random = new Random(seed);
            UserRef[] users = [RoomScript.User("one"), RoomScript.User("two")];
            var rooms = Enumerable.Range(0, 3).Select(_ => new RoomScript().Create(users[0])).ToList();
            var texts = new Dictionary<(RoomId Room, long N), string?>();
            for (var step = 0; step < 40; step++)
            {
                var room = rooms[random.Next(rooms.Count)];
                await CommitAsync(Change(random, room, users, texts));
                for (var i = 0; step % 4 == 0 && i < 3; i++)
                {
                    await CompareAsync(random, rooms, users[random.Next(2)], texts);
                }
            }
        },
        cases: 3);

    private static RoomScript Change(Random random, RoomScript room, UserRef[] users, Dictionary<(RoomId Room, long N), string?> texts)
    {
        var known = room.Messages.Where(message => texts[(room.Id, message.N)] is not null).ToList();
        switch (random.Next(8))
        {
            case 0 when known.Count > 0:
                var edited = known[random.Next(known.Count)];
                texts[(room.Id, edited.N)] = Words(random);
                return room.Edit(edited, texts[(room.Id, edited.N)]!);
            case 1 when known.Count > 0:
                var deleted = known[random.Next(known.Count)];
                texts[(room.Id, deleted.N)] = null;
                return room.Delete(deleted, deleted.Author);
            case 2:
                return room.Members.ContainsKey(users[1].Id) ? room.Leave(users[1]) : room.Join(users[1]);
            default:
                texts[(room.Id, room.N + 1)] = Words(random);
                return room.Post(users[0], texts[(room.Id, room.N + 1)]!);
        }
    }

    private async Task CompareAsync(Random random, List<RoomScript> rooms, UserRef user, Dictionary<(RoomId Room, long N), string?> texts)
    {
        var words = Words(random).Split(' ').Take(2).Select(word => random.Next(3) == 0 ? word[..1] : word).ToList();
        var expected = texts
            .Where(text => text.Value is not null && rooms.Single(room => room.Id == text.Key.Room).Members.ContainsKey(user.Id))
            .Where(text => words.TrueForAll(word => SearchText.Normalize(text.Value!).Contains(SearchText.Normalize(word), StringComparison.Ordinal)))
            .Select(text => text.Key);

        var found = await SearchAsync(user, string.Join(' ', words), limit: 50);

        Assert.Equal(expected.Order(Comparer<(RoomId Room, long N)>.Create(Compare)), found.Items.Select(hit => (hit.Message.Room, hit.Message.N)).Order(Comparer<(RoomId Room, long N)>.Create(Compare)));
        Assert.All(found.Items, hit => Assert.NotEmpty(hit.Matches));

        static int Compare((RoomId Room, long N) x, (RoomId Room, long N) y) =>
            string.CompareOrdinal(x.Room.Value, y.Room.Value) is not 0 and var byRoom ? byRoom : x.N.CompareTo(y.N);
    }

    private static string Words(Random random)
    {
        string[] words = ["alpha", "beta", "ébène", "日本語", "東京", "ok", "x", "naïve", "Straße", "alphabet", "京都", "bet"];
        return string.Join(' ', Enumerable.Range(0, random.Next(1, 5)).Select(_ => words[random.Next(words.Length)]));
    }

    private (IRoomConsumers Consumers, IMessageSearch Search, SearchIndexer Indexer) AddNode()
    {
        var services = _node.AddNode(services => services
            .AddSingleton(_ => new SearchIndexer(_node.Database, NullLogger<SearchIndexer>.Instance) { SegmentSize = SegmentSize })
            .AddMessageSearch());
        return (services.GetRequiredService<IRoomConsumers>(), services.GetRequiredService<IMessageSearch>(), services.GetRequiredService<SearchIndexer>());
    }

    private async Task CommitAsync(RoomScript script)
    {
        await _node.CommitAsync(script);
        await _consumers.CatchUpAsync(script.Id);
    }

    /// <summary>Until fewer are left than make a segment, whoever makes them: the node does so itself, too.</summary>
    private Task BuildAsync() => Eventually.AssertAsync(async () =>
    {
        Assert.False(await _indexer.BuildAsync());
        Assert.True((await CountsAsync()).Tail < SegmentSize);
    });

    private Task<(int Segments, int Tail)> CountsAsync() => _node.Database.ReadAsync(
        async connection => (
            await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM search_segment"),
            await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM search_tail")),
        CancellationToken.None);

    private async Task<List<string>> FindAsync(UserRef user, string query, int limit = 25) =>
        [.. (await SearchAsync(user, query, limit: limit)).Items.Select(hit => hit.Message.Text)];

    private Task<MessageHits> SearchAsync(UserRef user, string query, SearchCursor? cursor = null, int limit = 25) =>
        _search.SearchAsync(new MessageSearchRequest(SearchQueryParser.Parse(query).Query!, user.Id, null, null, cursor, limit), Timeout);
}
