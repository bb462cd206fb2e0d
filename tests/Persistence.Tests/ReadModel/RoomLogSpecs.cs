using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;

namespace AkkaChat.Persistence.Tests.ReadModel;

public sealed class PostgresRoomLogSpecs(PostgresFixture postgres) : RoomLogSpecs("postgres", postgres);

public sealed class SqliteRoomLogSpecs(PostgresFixture postgres) : RoomLogSpecs("sqlite", postgres);

public abstract class RoomLogSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Reads_ShouldAnswerNull_WhenThereIsNoRoom()
    {
        var room = RoomId.New(TimeProvider.System);
        await _node.WriteAsync(room, new RoomFence("only a claim", TimeProvider.System.GetUtcNow()));

        foreach (var _ in new[] { "before", "after projection" })
        {
            foreach (var id in new[] { room, RoomId.New(TimeProvider.System) })
            {
                Assert.Null(await _node.Log.GetHeadAsync(id));
                Assert.Null(await _node.Log.ReadEventsAsync(id, 0, 10));
                Assert.Null(await _node.Log.ReadMessagesAsync(id, new MessageQuery.Latest(), 10));
                Assert.Null(await _node.Log.FindByClientIdAsync(id, Ana.Id, Guid.NewGuid()));
                Assert.Null(await _node.Directory.FindAsync(id, Ana.Id));
            }

            await _node.Consumers.CatchUpAsync(room);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Reads_ShouldEqualTheHistory_HoweverMuchOfItIsProjected(int seed)
    {
        var random = new Random(seed);
        var users = Enumerable.Range(0, 5).Select(i => RoomScript.User($"user{i}")).ToList();
        var script = new RoomScript();
        await _node.WriteAsync(script.Id, new RoomFence("first", TimeProvider.System.GetUtcNow()));
        script.Create(users[0]);
        await _node.CommitAsync(script);
        for (var row = 0; row < 60; row++)
        {
            await _node.WriteAsync(script.Id, script.TakeRandom(random, users));
            if (random.Next(5) == 0)
            {
                await _node.Consumers.CatchUpAsync(script.Id);
            }

            if (random.Next(3) == 0)
            {
                await AssertReadsAsync(script, random);
            }
        }

        await AssertReadsAsync(script, random);
        await _node.Consumers.CatchUpAsync(script.Id);
        await AssertReadsAsync(script, random);
        await AssertMembersAsync(script);
    }

    [Fact]
    public async Task ReadMessages_ShouldClampAndShift_AtTheEnds()
    {
        var script = new RoomScript().Create(Ana);
        for (var i = 0; i < 20; i++)
        {
            script.Post(Ana);
        }

        await _node.CommitAsync(script);
        for (var pass = 0; pass < 2; pass++)
        {
            await AssertRangeAsync(script, new MessageQuery.Latest(), 5, 16, 20);
            await AssertRangeAsync(script, new MessageQuery.Latest(), 0, 20, 20);
            await AssertRangeAsync(script, new MessageQuery.Latest(), 1000, 1, 20);
            await AssertRangeAsync(script, new MessageQuery.Before(6), 3, 3, 5);
            await AssertRangeAsync(script, new MessageQuery.Before(3), 5, 1, 2);
            await AssertRangeAsync(script, new MessageQuery.Before(1), 5, 1, 0);
            await AssertRangeAsync(script, new MessageQuery.Before(long.MaxValue), 2, 19, 20);
            await AssertRangeAsync(script, new MessageQuery.After(0), 5, 1, 5);
            await AssertRangeAsync(script, new MessageQuery.After(-7), 5, 1, 5);
            await AssertRangeAsync(script, new MessageQuery.After(18), 5, 19, 20);
            await AssertRangeAsync(script, new MessageQuery.After(20), 5, 1, 0);
            await AssertRangeAsync(script, new MessageQuery.After(long.MaxValue), 5, 1, 0);
            await AssertRangeAsync(script, new MessageQuery.Around(10), 5, 8, 12);
            await AssertRangeAsync(script, new MessageQuery.Around(1), 5, 1, 5);
            await AssertRangeAsync(script, new MessageQuery.Around(20), 5, 16, 20);
            await AssertRangeAsync(script, new MessageQuery.Around(long.MinValue), 5, 1, 5);
            await _node.Consumers.CatchUpAsync(script.Id);
        }
    }

    [Fact]
    public async Task Text_ShouldBeStored_WhateverItHolds()
    {
        var script = new RoomScript().Create(Ana, "na\0me").Post(Ana, "nul \0 inside").Post(Ana, "😀 — 'quoted' \\ %_ \u202e");
        await _node.CommitAsync(script);
        var tail = await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10);
        await _node.Consumers.CatchUpAsync(script.Id);
        var projected = await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10);

        Assert.Equal(tail!.Items, projected!.Items, RoomEvents.Messages);
        Assert.Equal("nul \uFFFD inside", projected.Items[0].Text);
    }

    [Fact]
    public async Task Reads_ShouldStayExact_WhileOthersWriteAndProject()
    {
        var script = new RoomScript().Create(Ana);
        await _node.CommitAsync(script);
        using var done = new CancellationTokenSource();
        var projecting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await _node.Consumers.CatchUpAsync(script.Id);
            }
        });
        for (var i = 0; i < 100; i++)
        {
            script.Post(Ana, $"{i}").Post(Ana);
            await _node.CommitAsync(script);
            var messages = await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10);
            var events = await _node.Log.ReadEventsAsync(script.Id, Math.Max(0, script.Seq - 15), 1000);

            Assert.Equal(new RoomHead(script.Seq, script.N), messages!.Head);
            Assert.Equal(script.Messages.TakeLast(10).Select(m => m.N), messages.Items.Select(m => m.N));
            Assert.Equal(script.Events.TakeLast((int)Math.Min(15, script.Seq)), events!.Events, RoomEvents.Comparer);
        }

        await done.CancelAsync();
        await projecting;
    }

    /// <summary>An edge that is cut off from the cluster, but not from the database, hears of no departure: the read itself must know.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reads_ShouldBeForMembers_AsOfTheSameMoment(bool isProjected)
    {
        var ben = RoomScript.User("ben");
        var script = new RoomScript().Create(Ana).Join(ben).Post(Ana);
        await _node.CommitAsync(script);
        await _node.Consumers.CatchUpAsync(script.Id);
        Assert.Equal((true, true), (await MayReadAsync(Ana), await MayReadAsync(ben)));
        Assert.False(await MayReadAsync(RoomScript.User("eve")));

        await CommitAsync(script.Leave(ben).Post(Ana, "not for ben"));
        Assert.Equal((true, false), (await MayReadAsync(Ana), await MayReadAsync(ben)));

        await CommitAsync(script.Join(ben));
        Assert.True(await MayReadAsync(ben));

        await CommitAsync(script.Ban(Ana, ben));
        Assert.False(await MayReadAsync(ben));

        async Task CommitAsync(RoomScript next)
        {
            await _node.CommitAsync(next);
            if (isProjected)
            {
                await _node.Consumers.CatchUpAsync(script.Id);
            }
        }

        async Task<bool> MayReadAsync(UserRef user)
        {
            var answers = new object?[]
            {
                await _node.Log.ReadEventsAsync(script.Id, 0, 10, user.Id),
                await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10, user.Id),
                await _node.Log.ListPinnedAsync(script.Id, user.Id),
                await _node.Log.FindMessageAsync(script.Id, script.Messages[0].Seq, user.Id),
            };
            Assert.Single(answers.Select(answer => answer is null).Distinct());
            return answers[0] is not null;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_ShouldEndWithTheRowThatReachesTheBytes_AndGoOnThere(bool isProjected)
    {
        var script = new RoomScript().Create(Ana);
        await _node.CommitAsync(script);
        for (var i = 0; i < 12; i++)
        {
            await _node.CommitAsync(script.Post(Ana, new string('x', 10_000)));
            if (isProjected && i < 9)
            {
                await _node.Consumers.CatchUpAsync(script.Id);
            }
        }

        var read = new List<RoomEvent>();
        for (var pages = 0; read.Count < script.Events.Count; pages++)
        {
            Assert.InRange(pages, 0, 10);
            var page = (await _node.Log.ReadEventsAsync(script.Id, read.Count == 0 ? 0 : read[^1].Seq, 1000, maxBytes: 25_000))!;
            Assert.InRange(page.Events.Count, 1, 5);
            Assert.Equal(script.Seq, page.Head.Seq);
            read.AddRange(page.Events);
        }

        Assert.Equal(script.Events, read, RoomEvents.Comparer);
        Assert.Single((await _node.Log.ReadEventsAsync(script.Id, 5, 1000, maxBytes: 1))!.Events);
    }

    private async Task AssertReadsAsync(RoomScript script, Random random)
    {
        var head = new RoomHead(script.Seq, script.N);
        Assert.Equal(head, await _node.Log.GetHeadAsync(script.Id));
        var after = random.Next(-1, (int)script.Seq + 2);
        var limit = random.Next(1, 40);
        var events = await _node.Log.ReadEventsAsync(script.Id, after, limit);
        Assert.Equal(script.Events.Where(e => e.Seq > after).Take(limit), events!.Events, RoomEvents.Comparer);
        Assert.Equal(head, events.Head);
        Assert.Equal(script.Events, (await _node.Log.ReadEventsAsync(script.Id, 0, 1000))!.Events, RoomEvents.Comparer);
        var before = random.Next(1, (int)script.N + 2);
        var page = await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Before(before), limit);
        Assert.Equal(Stored(script).Where(m => m.N < before).TakeLast(limit), page!.Items, RoomEvents.Messages);
        Assert.Equal(head, page.Head);
        if (script.N > 0)
        {
            var sought = Stored(script)[random.Next((int)script.N)];
            Assert.Equal(sought, await _node.Log.FindByClientIdAsync(script.Id, sought.Author.Id, sought.ClientId), RoomEvents.Messages!);
        }

        Assert.Null(await _node.Log.FindByClientIdAsync(script.Id, Ana.Id, Guid.NewGuid()));
    }

    private async Task AssertMembersAsync(RoomScript script)
    {
        var ids = await _node.Directory.ListMemberIdsAsync(script.Id);
        var page = await _node.Directory.ListMembersAsync(script.Id, null, 200);
        var summary = await _node.Directory.FindAsync(script.Id, script.Members.Keys.First());

        Assert.Equal(script.Members.Keys.Select(id => id.Value).Order(), ids.Select(id => id.Value).Order());
        Assert.Equal(script.Members.Values.OrderBy(m => m.Username), page.Items.Select(item => item.User).OrderBy(m => m.Username));
        Assert.Equal(script.Members.Count, summary!.MemberCount);
        var other = RoomId.New(TimeProvider.System);
        var several = await _node.Directory.ListMemberIdsAsync([script.Id, other]);
        var counts = await _node.Directory.CountMembersAsync(
            [script.Id, other], [.. script.Members.Keys.Skip(1), RoomScript.User("nobody").Id]);
        Assert.Equal((ids.Count, 0), (several[script.Id].Count(), several[other].Count()));
        Assert.Equal((script.Members.Count - 1, false), (counts.GetValueOrDefault(script.Id), counts.ContainsKey(other)));
    }

    private async Task AssertRangeAsync(RoomScript script, MessageQuery query, int limit, long from, long to)
    {
        var page = await _node.Log.ReadMessagesAsync(script.Id, query, limit);
        Assert.Equal(Stored(script).Where(m => m.N >= from && m.N <= to), page!.Items, RoomEvents.Messages);
    }

    private static List<StoredMessage> Stored(RoomScript script) =>
        [.. script.Messages.Select(m => new StoredMessage(
            script.Id, m.Seq, m.N, m.ClientId, m.Author, m.Text, m.Time, m.ReplyToSeq, m.Mentions)
        {
            Files = m.Files,
        })];
}
