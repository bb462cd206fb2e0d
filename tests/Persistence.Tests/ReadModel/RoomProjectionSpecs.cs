using System.Collections.Concurrent;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.ReadModel;

public sealed class PostgresRoomProjectionSpecs(PostgresFixture postgres) : RoomProjectionSpecs("postgres", postgres);

public sealed class SqliteRoomProjectionSpecs(PostgresFixture postgres) : RoomProjectionSpecs("sqlite", postgres);

public abstract class RoomProjectionSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private static readonly UserRef Ben = RoomScript.User("ben");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task CatchUp_ShouldCarryEachEventOnce_WhenManyNodesCallAtOnce()
    {
        var users = Enumerable.Range(0, 6).Select(i => RoomScript.User($"user{i}")).ToList();
        var projections = Enumerable.Range(0, 4).Select(_ => _node.AddNode().GetRequiredService<IRoomConsumers>()).ToList();
        var scripts = Enumerable.Range(0, 4).Select(_ => new RoomScript().Create(users[0])).ToList();
        using var done = new CancellationTokenSource();
        var callers = projections.SelectMany(p => scripts.Select(script => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await p.CatchUpAsync(script.Id);
            }
        }))).ToList();
        await Task.WhenAll(scripts.Select((script, i) => Task.Run(async () =>
        {
            var random = new Random(i);
            await _node.CommitAsync(script);
            for (var row = 0; row < 40; row++)
            {
                await _node.WriteAsync(script.Id, script.TakeRandom(random, users));
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(callers);

        foreach (var script in scripts)
        {
            await projections[0].CatchUpAsync(script.Id);
            Assert.Equal((script.Seq, script.N), await ProjectedAsync(script.Id));
            Assert.Equal(script.N, await ScalarAsync("SELECT count(*) FROM room_message WHERE room_id = @id", script.Id.Value));
        }

        await AssertStreamsAsync(users, scripts);
    }

    [Fact]
    public async Task CatchUp_ShouldTellWhoseStreamMoved()
    {
        var script = new RoomScript().Create(Ana).Join(Ben);
        var moved = new ConcurrentQueue<UserMoved>();
        _node.Signal.Moved += moved.Enqueue;

        await _node.CommitAndCatchUpAsync(script);
        Assert.Equal(new HashSet<UserMoved> { new(Ana.Id, 1), new(Ben.Id, 1) }, moved.ToHashSet());
        moved.Clear();
        await _node.CommitAndCatchUpAsync(script.Post(Ana, "hi", Ben.Id));
        Assert.Empty(moved);
        await _node.CommitAndCatchUpAsync(script.Leave(Ben).Join(Ben).Leave(Ben));

        Assert.Equal([new UserMoved(Ben.Id, 4)], moved);
        var page = await _node.Stream.ReadAsync(Ben.Id, 1, 100);
        Assert.Equal([typeof(MembershipRemoved), typeof(MembershipAdded), typeof(MembershipRemoved)], page.Events.Select(e => e.GetType()));
        Assert.Equal([2, 3, 4], page.Events.Select(e => e.UserSeq));
    }

    [Fact]
    public async Task CatchUp_ShouldCarryTheLastTopic_SoThatTheRoomIsFoundByIt()
    {
        var made = new RoomScript().Create(Ana, "Café", "first").ChangeTopic(Ana, "Second of one row");
        await _node.CommitAndCatchUpAsync(made);
        Assert.Equal("Second of one row", (await _node.Directory.FindAsync(made.Id, Ben.Id))!.Topic);

        await _node.CommitAndCatchUpAsync(made.Post(Ana).ChangeTopic(Ana, "third").ChangeTopic(Ana, "Über\0 alles"));

        Assert.Equal((6, 1), await ProjectedAsync(made.Id));
        Assert.Equal(1, await _node.Stream.GetSeqAsync(Ana.Id));
        var room = await _node.Directory.FindAsync(made.Id, Ana.Id);
        Assert.Equal(("Café", "Über\uFFFD alles", new RoomHead(6, 1)), (room!.Name, room.Topic, room.Head));
        Assert.Single(await FoundAsync("uber"));
        Assert.Single(await FoundAsync("cafe"));
        Assert.Empty(await FoundAsync("second"));

        await _node.CommitAndCatchUpAsync(made.ChangeTopic(Ana, ""));
        Assert.Equal("", (await _node.Directory.FindAsync(made.Id, Ana.Id))!.Topic);
        Assert.Empty(await FoundAsync("uber"));

        async Task<IReadOnlyList<RoomSummary>> FoundAsync(string search) =>
            (await _node.Directory.ListDiscoverableAsync(Ben.Id, search, null, 10)).Items;
    }

    [Fact]
    public async Task FindAsync_ShouldShowATopic_ThatIsCommittedAndNotYetProjected()
    {
        var script = new RoomScript().Create(Ana, "room", "first");
        await _node.CommitAndCatchUpAsync(script);
        await _node.CommitAsync(script.ChangeTopic(Ana, "second"));

        Assert.Equal("second", (await _node.Directory.FindAsync(script.Id, Ana.Id))!.Topic);
        Assert.Equal("second", (await _node.Directory.ListJoinedAsync(Ana.Id, null, null, 10)).Items.Single().Topic);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removal_ShouldEndTheMembership_AndStandInTheAuditList(bool inOneRow)
    {
        var (cy, dee) = (RoomScript.User("cy"), RoomScript.User("dee"));
        var script = new RoomScript().Create(Ana).Join(Ben).Join(cy);
        await CommitAsync();
        script.ChangeRole(Ana, Ben, MemberRole.Admin);
        await CommitAsync();
        script.Kick(Ben, cy).Ban(Ana, dee);
        await CommitAsync();
        script.Join(cy).ChangeRole(Ana, cy, MemberRole.Owner).Ban(cy, Ben).Unban(cy, dee);
        await _node.CommitAndCatchUpAsync(script);

        var members = (await _node.Directory.ListMembersAsync(script.Id, null, 10)).Items;
        Assert.Equal([(Ana.Id, MemberRole.Owner), (cy.Id, MemberRole.Owner)], members.Select(member => (member.User.Id, member.Role)));
        Assert.Equal(2, (await _node.Directory.FindAsync(script.Id, Ana.Id))!.MemberCount);
        var moderation = new RoomModeration(_node.Database, _node.Consumers);
        var ban = Assert.Single((await moderation.ListBansAsync(script.Id, null, 10, CancellationToken.None)).Items);
        Assert.Equal((Ben, cy, "why", 10L), (ban.User, ban.By, ban.Reason, ban.Seq));
        var audit = (await moderation.ListAuditAsync(script.Id, null, 10, CancellationToken.None)).Items;
        Assert.Equal(
            ["member.unbanned dee ", "member.banned ben why", "member.role cy owner", "member.banned dee why", "member.kicked cy why", "member.role ben admin", "room.created  public"],
            audit.Select(entry => $"{entry.Action} {entry.Subject?.Username} {entry.Detail}"));
        Assert.Equal(
            [LeaveReason.Banned], (await _node.Stream.ReadAsync(Ben.Id, 0, 10)).Events.OfType<MembershipRemoved>().Select(e => e.Reason));
        Assert.Equal(
            [LeaveReason.Kicked], (await _node.Stream.ReadAsync(cy.Id, 0, 10)).Events.OfType<MembershipRemoved>().Select(e => e.Reason));
        Assert.Equal(0, await _node.Stream.GetSeqAsync(dee.Id));

        async Task CommitAsync()
        {
            if (!inOneRow)
            {
                await _node.CommitAndCatchUpAsync(script);
            }
        }
    }

    [Fact]
    public async Task Room_ShouldHaveItsLastPicture_AndLeaveThoseBeforeItToTheCollector()
    {
        var (first, second) = (new FileId("f_1"), new FileId("f_2"));
        var script = new RoomScript().Create(Ana);
        await _node.CommitAndCatchUpAsync(script);
        await AddAsync("f_1", script.Id.Value);
        await AddAsync("f_2", script.Id.Value);
        await AddAsync("f_3", "r_other");

        await _node.CommitAndCatchUpAsync(script.ChangePicture(Ana, first, null));
        Assert.Equal(first, (await _node.Directory.FindAsync(script.Id, Ana.Id))!.Picture);
        Assert.Equal([2, 1, 1], await StatesAsync());
        await _node.CommitAndCatchUpAsync(script.ChangePicture(Ana, second, first).ChangePicture(Ana, null, second));

        Assert.Null((await _node.Directory.FindAsync(script.Id, Ana.Id))!.Picture);
        Assert.Equal([3, 3, 1], await StatesAsync());

        Task<int> AddAsync(string id, string room) => _node.Database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                """
                INSERT INTO file (id, room_id, owner_id, name, declared_type, type, size, received, state, processed, created_at, expires_at, lease_until, purpose)
                VALUES (@id, @room, 'u_1', 'a', '', 'image/png', 1, 1, 1, 1, 0, 0, 0, 2)
                """,
                new { id, room },
                transaction),
            CancellationToken.None);

        async Task<IEnumerable<long>> StatesAsync() => await _node.Database.ReadAsync(
            connection => connection.QueryAsync<long>("SELECT state FROM file ORDER BY id"), CancellationToken.None);
    }

    [Fact]
    public async Task Messages_ShouldHaveTheirLastCards_WhetherProjectedOrNot()
    {
        var (first, second) = (new LinkCard("https://a.example", "A", "", "a"), new LinkCard("https://b.example", "B\0", "", "b"));
        var script = new RoomScript().Create(Ana).Post(Ana).Post(Ana).Attach(3, 1, first).Attach(4, 2, first, second);
        await _node.CommitAsync(script);
        var tail = await CardsAsync();
        await _node.Consumers.CatchUpAsync(script.Id);
        var tables = await CardsAsync();
        await _node.CommitAsync(script.Attach(4, 2).ChangeLinkCards(Ana, on: false));

        Assert.Equal([first], tail[0]);
        Assert.Equal([first, second], tail[1]);
        Assert.Equal([first], tables[0]);
        Assert.Equal([first, second], tables[1]);
        Assert.Empty((await CardsAsync())[1]);
        Assert.False((await _node.Directory.FindAsync(script.Id, Ana.Id))!.LinkCards);
        Assert.Empty((await CardsAsync())[1]);

        async Task<List<IReadOnlyList<LinkCard>>> CardsAsync() =>
            [.. (await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10))!.Items.Select(message => message.Cards)];
    }

    [Fact]
    public async Task CatchUp_ShouldTakeAllOfALongJournal()
    {
        var script = new RoomScript().Create(Ana);
        await _node.CommitAsync(script);
        for (var row = 0; row < 30; row++)
        {
            for (var i = 0; i < 100; i++)
            {
                script.Post(Ana, "many");
            }

            await _node.CommitAsync(script);
        }

        for (var row = 0; row < 250; row++)
        {
            await _node.WriteAsync(script.Id, new RoomFence("so that the tail is long", TimeProvider.System.GetUtcNow()));
        }

        Assert.Equal(new RoomHead(3002, 3000), await _node.Log.GetHeadAsync(script.Id));
        await _node.Consumers.CatchUpAsync(script.Id);

        Assert.Equal((3002, 3000), await ProjectedAsync(script.Id));
        var page = await _node.Log.ReadEventsAsync(script.Id, 950, 150);
        Assert.Equal(Enumerable.Range(951, 150).Select(seq => (long)seq), page!.Events.Select(e => e.Seq));
    }

    [Fact]
    public async Task CatchUp_ShouldThrow_WhenTheJournalBreaksTheOrder()
    {
        var script = new RoomScript().Create(Ana);
        await _node.CommitAndCatchUpAsync(script);
        await _node.WriteAsync(
            script.Id, new RoomEventBatch([new MemberLeft(7, TimeProvider.System.GetUtcNow(), Ana, LeaveReason.Left)]));

        await Assert.ThrowsAsync<InvalidDataException>(() => _node.Consumers.CatchUpAsync(script.Id));

        Assert.NotNull(await _node.Directory.ListDiscoverableAsync(Ben.Id, null, null, 10));
    }

    [Fact]
    public async Task CatchUp_ShouldServeEveryRoom_WhenManyWaitAndOneIsBroken()
    {
        var scripts = Enumerable.Range(0, 120).Select(i => new RoomScript().Create(Ana, $"room {i}").Post(Ana)).ToList();
        await Task.WhenAll(scripts.Select(_node.CommitAsync));
        var broken = RoomId.New(TimeProvider.System);
        await _node.WriteAsync(
            broken, new RoomEventBatch([new MemberLeft(7, TimeProvider.System.GetUtcNow(), Ana, LeaveReason.Left)]));

        var failing = Assert.ThrowsAsync<InvalidDataException>(() => _node.Consumers.CatchUpAsync(broken));
        await Task.WhenAll(scripts.Select(script => Task.Run(() => _node.Consumers.CatchUpAsync(script.Id))));
        await failing;

        Assert.All(await Task.WhenAll(scripts.Select(script => ProjectedAsync(script.Id))), projected => Assert.Equal((3, 1), projected));
        Assert.Equal(120, (await _node.Directory.ListMembershipsAsync(Ana.Id)).Count);
        var page = await _node.Stream.ReadAsync(Ana.Id, 0, 500);
        Assert.Equal(Enumerable.Range(1, 120).Select(u => (long)u), page.Events.Select(e => e.UserSeq));
        Assert.Equal(scripts.Select(s => s.Id.Value).Order(), page.Events.Select(e => e.Room.Value).Order());
    }

    [Fact]
    public async Task CatchUpAll_ShouldServeTheOthersAndNameTheOneThatFailed_WhenOneRoomIsBroken()
    {
        var scripts = Enumerable.Range(0, 250).Select(i => new RoomScript().Create(Ana, $"room {i}").Post(Ana)).ToList();
        await Task.WhenAll(scripts.Select(_node.CommitAsync));
        var broken = RoomId.New(TimeProvider.System);
        await _node.WriteAsync(
            broken, new RoomEventBatch([new MemberLeft(7, TimeProvider.System.GetUtcNow(), Ana, LeaveReason.Left)]));

        var failed = await _node.Consumers.CatchUpAllAsync([broken, .. scripts.Select(script => script.Id)]);

        Assert.IsType<InvalidDataException>(Assert.Single(failed).Value);
        Assert.Equal(broken, failed.Keys.Single());
        Assert.Equal(250, await ScalarAsync("SELECT count(*) FROM room_message WHERE author_id = @id", Ana.Id.Value));
        Assert.Empty(await _node.Consumers.CatchUpAllAsync([.. scripts.Select(script => script.Id)]));
    }

    [Fact]
    public async Task FindLagging_ShouldNameRoomsAheadOfTheirOffset_AndNoOther()
    {
        var scripts = Enumerable.Range(0, 8).Select(_ => new RoomScript().Create(Ana)).ToList();
        foreach (var script in scripts)
        {
            await _node.CommitAndCatchUpAsync(script);
        }

        Assert.Empty(await _node.Consumers.FindLaggingAsync(100));
        await _node.CommitAsync(scripts[2].Post(Ana));
        await _node.CommitAsync(scripts[5].Post(Ana));
        var fresh = new RoomScript().Create(Ben);
        await _node.CommitAsync(fresh);
        string[] expected = [scripts[2].Id.Value, scripts[5].Id.Value, fresh.Id.Value];

        var otherNode = _node.AddNode().GetRequiredService<IRoomConsumers>();
        foreach (var projection in new[] { _node.Consumers, otherNode })
        {
            Assert.Equal(expected.Order(), (await projection.FindLaggingAsync(100)).Select(room => room.Value).Order());
        }

        var found = new List<RoomId>();
        for (var lagging = await otherNode.FindLaggingAsync(1); lagging.Count > 0; lagging = await otherNode.FindLaggingAsync(1))
        {
            Assert.Single(lagging);
            found.AddRange(lagging);
            await otherNode.CatchUpAsync(lagging[0]);
        }

        Assert.Equal(expected.Order(), found.Select(room => room.Value).Order());
    }

    [Fact]
    public async Task Stream_ShouldKeepTheNewest_AndSayResetToOthers()
    {
        var script = new RoomScript().Create(Ana);
        for (var i = 0; i < 600; i++)
        {
            script.Join(Ben).Leave(Ben);
        }

        await _node.CommitAndCatchUpAsync(script);

        Assert.Equal(1200, await _node.Stream.GetSeqAsync(Ben.Id));
        var newest = await _node.Stream.ReadAsync(Ben.Id, 1150, 500);
        Assert.Equal(Enumerable.Range(1151, 50).Select(u => (long)u), newest.Events.Select(e => e.UserSeq));
        Assert.False(newest.Reset);
        Assert.True((await _node.Stream.ReadAsync(Ben.Id, 10, 500)).Reset);
        Assert.True((await _node.Stream.ReadAsync(Ben.Id, 1201, 500)).Reset);
        Assert.False((await _node.Stream.ReadAsync(Ben.Id, 1200, 500)).Reset);
        Assert.InRange(await ScalarAsync("SELECT count(*) FROM user_event WHERE user_id = @id", Ben.Id.Value), 1000, 1100);
        var seqs = await _node.Stream.GetSeqsAsync([Ana.Id, Ben.Id, UserId.New(TimeProvider.System)]);
        Assert.Equal(new Dictionary<UserId, long> { [Ana.Id] = 1, [Ben.Id] = 1200 }, seqs);
    }

    private async Task AssertStreamsAsync(List<UserRef> users, List<RoomScript> scripts)
    {
        foreach (var user in users)
        {
            var expected = scripts.Sum(script => script.Events.Count(e =>
                (e is MemberJoined joined && joined.User.Id == user.Id) || (e is MemberLeft left && left.User.Id == user.Id)));
            var page = await _node.Stream.ReadAsync(user.Id, 0, 500);

            Assert.Equal(expected, page.UserSeq);
            Assert.Equal(Enumerable.Range(1, expected).Select(u => (long)u), page.Events.Select(e => e.UserSeq));
        }
    }

    private Task<(long Seq, long N)> ProjectedAsync(RoomId room) => _node.Database.ReadAsync(
        connection => connection.QuerySingleAsync<(long, long)>("SELECT head_seq, head_n FROM room WHERE id = @id", new { id = room.Value }),
        CancellationToken.None);

    private async Task<long> ScalarAsync(string sql, string id)
    {
        await using var connection = await _node.Database.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>(sql, new { id });
    }
}
