using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;

namespace AkkaChat.Persistence.Tests.ReadModel;

public sealed class PostgresRoomDirectorySpecs(PostgresFixture postgres) : RoomDirectorySpecs("postgres", postgres);

public sealed class SqliteRoomDirectorySpecs(PostgresFixture postgres) : RoomDirectorySpecs("sqlite", postgres);

public abstract class RoomDirectorySpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly UserRef _ana = RoomScript.User("ana");
    private readonly UserRef _ben = RoomScript.User("ben");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Counts_ShouldFollowMessagesCursorsAndMentions()
    {
        var script = new RoomScript().Create(_ana, "general").Post(_ana).Post(_ana);
        await _node.CommitAndCatchUpAsync(script);
        await _node.CommitAndCatchUpAsync(script.Join(_ben));
        Assert.Equal((0, 0, 2), await CountsAsync(script.Id, _ben)); // what was said before one joined is read

        await _node.CommitAsync(script.Post(_ana, "@ben", _ben.Id).Post(_ana, "x").Post(_ana, "@ben", _ben.Id));
        Assert.Equal((3, 2, 2), await CountsAsync(script.Id, _ben));
        Assert.Equal((0, 0, 5), await CountsAsync(script.Id, _ana));

        Assert.Equal(new CursorState(3, 2, 1, 2), await _node.Cursors.SetAsync(_ben.Id, script.Id, 3));
        Assert.Equal(new CursorState(3, 2, 1, null), await _node.Cursors.SetAsync(_ben.Id, script.Id, 1));
        Assert.Equal(new CursorState(5, 0, 0, 3), await _node.Cursors.SetAsync(_ben.Id, script.Id, 900));
        Assert.Equal(new CursorState(5, 0, 0, null), await _node.Cursors.SetAsync(_ben.Id, script.Id, 900));

        // A message that is committed and not projected can be read up to.
        await _node.CommitAsync(script.Post(_ana, "@ben", _ben.Id));
        Assert.Equal(new CursorState(6, 0, 0, 4), await _node.Cursors.SetAsync(_ben.Id, script.Id, 6));

        // One's own message reads all before it, without an event of its own.
        await _node.CommitAsync(script.Post(_ana, "@ben", _ben.Id).Post(_ben));
        Assert.Equal((0, 0, 8), await CountsAsync(script.Id, _ben));
        Assert.Equal((1, 0, 7), await CountsAsync(script.Id, _ana));
        Assert.Equal(4, await _node.Stream.GetSeqAsync(_ben.Id));

        var events = (await _node.Stream.ReadAsync(_ben.Id, 1, 10)).Events.Cast<ReadUpdated>().ToList();
        Assert.Equal([(2, 3), (3, 5), (4, 6)], events.Select(e => (e.UserSeq, e.N)));
        Assert.Equal((2, 1), (events[^1].Unread, events[^1].Mentions));
    }

    [Fact]
    public async Task SetAsync_ShouldAnswerNull_WhenNotAMember()
    {
        var script = new RoomScript().Create(_ana).Post(_ana);
        await _node.CommitAsync(script);

        Assert.Null(await _node.Cursors.SetAsync(_ben.Id, script.Id, 1));
        Assert.Null(await _node.Cursors.SetAsync(_ben.Id, RoomId.New(TimeProvider.System), 1));
    }

    [Fact]
    public async Task SetAsync_ShouldMoveOnce_WhenManyCallAtOnce()
    {
        var script = new RoomScript().Create(_ana).Join(_ben);
        await _node.CommitAndCatchUpAsync(script);
        for (var i = 0; i < 50; i++)
        {
            script.Post(_ana);
        }

        await _node.CommitAsync(script);
        var states = await Task.WhenAll(
            Enumerable.Range(1, 50).SelectMany(n => new[] { n, n }).Select(n => Task.Run(() => _node.Cursors.SetAsync(_ben.Id, script.Id, n))));

        var moves = states.Where(state => state!.UserSeq is not null).Select(state => state!.UserSeq!.Value).Order().ToList();
        Assert.Equal(Enumerable.Range(2, moves.Count).Select(u => (long)u), moves);
        Assert.Equal((0, 0, 50), await CountsAsync(script.Id, _ben));
    }

    [Fact]
    public async Task Find_ShouldShowWhatWasCommitted_AndLittleToStrangers()
    {
        var script = new RoomScript().Create(_ana, "secret", "topic", RoomVisibility.Private).Post(_ana, "for members");
        await _node.CommitAsync(script);

        var member = await _node.Directory.FindAsync(script.Id, _ana.Id);
        var stranger = await _node.Directory.FindAsync(script.Id, _ben.Id);

        Assert.Equal(("secret", "topic", RoomVisibility.Private, 1), (member!.Name, member.Topic, member.Visibility, member.MemberCount));
        Assert.Equal((true, MemberRole.Owner, new RoomHead(3, 1)), (member.Joined, member.Role, member.Head));
        Assert.Equal("for members", member.LastMessage!.Text);
        Assert.Equal(script.Events[0].Time, member.CreatedAt);
        Assert.Equal((false, null, null, 0L), (stranger!.Joined, stranger.Role, stranger.LastMessage, stranger.Unread));
        Assert.Equal(new RoomMembership(MemberRole.Owner, 2), await _node.Directory.GetMembershipAsync(script.Id, _ana.Id));
        Assert.Null(await _node.Directory.GetMembershipAsync(script.Id, _ben.Id));
    }

    [Fact]
    public async Task GetMembership_ShouldSeeAJoinAndALeave_AtOnce()
    {
        var script = new RoomScript().Create(_ana);
        await _node.CommitAsync(script);
        await _node.CommitAsync(script.Join(_ben));
        Assert.Equal(new RoomMembership(MemberRole.Member, 3), await _node.Directory.GetMembershipAsync(script.Id, _ben.Id));
        await _node.CommitAsync(script.Leave(_ben));
        Assert.Null(await _node.Directory.GetMembershipAsync(script.Id, _ben.Id));
        await _node.CommitAsync(script.Join(_ben));
        Assert.Equal(new RoomMembership(MemberRole.Member, 5), await _node.Directory.GetMembershipAsync(script.Id, _ben.Id));
    }

    [Fact]
    public async Task ListJoined_ShouldPageByLastActivity_WithHeadsFromTheJournal()
    {
        var scripts = new List<RoomScript>();
        for (var i = 0; i < 7; i++)
        {
            scripts.Add(new RoomScript().Create(_ana, $"room {i}"));
            await _node.CommitAndCatchUpAsync(scripts[i]);
        }

        // More events, later times; committed only.
        int[] order = [3, 0, 6, 1];
        for (var i = 0; i < order.Length; i++)
        {
            for (var posts = 0; posts <= i; posts++)
            {
                scripts[order[i]].Post(_ana);
            }

            await _node.CommitAsync(scripts[order[i]]);
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _node.Directory.ListJoinedAsync(_ana.Id, null, cursor, 2);
            Assert.InRange(page.Items.Count, 1, 2);
            names.AddRange(page.Items.Select(room => room.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(["room 1", "room 6", "room 0", "room 3"], names.Take(4));
        Assert.Equal(7, names.Distinct().Count());
        var digests = await _node.Directory.ListMembershipsAsync(_ana.Id);
        Assert.Equal(
            scripts.Select(s => (s.Id.Value, s.Seq, s.N)).Order(), digests.Select(d => (d.Room.Value, d.Head.Seq, d.Head.N)).Order());
        Assert.Empty((await _node.Directory.ListJoinedAsync(_ben.Id, null, null, 10)).Items);
        Assert.Equal(7, (await _node.Directory.ListJoinedAsync(_ana.Id, " ", "not a cursor!", 10)).Items.Count);
    }

    [Fact]
    public async Task ListDiscoverable_ShouldShowPublicRoomsNotJoined_ThoseWithMostMembersFirst()
    {
        for (var i = 0; i < 5; i++)
        {
            var script = new RoomScript().Create(_ana, $"public {i}");
            for (var members = 0; members < i % 3; members++)
            {
                script.Join(RoomScript.User($"extra{members}"));
            }

            await _node.CommitAndCatchUpAsync(script);
        }

        await _node.CommitAndCatchUpAsync(new RoomScript().Create(_ana, "hidden", "", RoomVisibility.Private));
        await _node.CommitAndCatchUpAsync(new RoomScript().Create(_ana, "joined").Join(_ben));

        var first = await _node.Directory.ListDiscoverableAsync(_ben.Id, null, null, 2);
        var second = await _node.Directory.ListDiscoverableAsync(_ben.Id, null, first.NextCursor, 2);
        var third = await _node.Directory.ListDiscoverableAsync(_ben.Id, null, second.NextCursor, 2);
        RoomSummary[] all = [.. first.Items, .. second.Items, .. third.Items];

        Assert.Equal([3, 2, 2, 1, 1], all.Select(room => room.MemberCount));
        Assert.Equal(["public 0", "public 1", "public 2", "public 3", "public 4"], all.Select(room => room.Name).Order());
        Assert.Null(third.NextCursor);
        Assert.All(all, room => Assert.Null(room.LastMessage));
    }

    [Theory]
    [InlineData("Café Ünïcode", "cafe", true)]
    [InlineData("cafe", "CAFÉ", true)]
    [InlineData("Straße", "STRASSE", true)]
    [InlineData("Łódź", "lodz", true)]
    [InlineData("ΟΔΥΣΣΕΥΣ", "οδυσσευς", true)]
    [InlineData("Öffentlich", "offent", true)]
    [InlineData("İstanbul", "istanbul", true)]
    [InlineData("общий чат", "ЧАТ", true)]
    [InlineData("日本語の部屋", "部屋", true)]
    [InlineData("ｆｕｌｌ ｗｉｄｔｈ", "full width", true)]
    [InlineData("ガ", "か", false)]
    [InlineData("100% sure", "0% s", true)]
    [InlineData("1000 sure", "0% s", false)]
    [InlineData("snake_case", "e_c", true)]
    [InlineData("snakeXcase", "e_c", false)]
    [InlineData(@"back\slash", @"k\s", true)]
    [InlineData("half \ud83d", "half", true)]
    public async Task Search_ShouldIgnoreCaseAndAccents(string text, string search, bool found)
    {
        var named = new RoomScript().Create(_ana, text);
        var about = new RoomScript().Create(_ana, "-", text);
        await _node.CommitAndCatchUpAsync(named);
        await _node.CommitAndCatchUpAsync(about);

        var discovered = await _node.Directory.ListDiscoverableAsync(_ben.Id, search, null, 10);
        var joined = await _node.Directory.ListJoinedAsync(_ana.Id, search, null, 10);

        string[] expected = found ? [named.Id.Value, about.Id.Value] : [];
        Assert.Equal(expected.Order(), discovered.Items.Select(room => room.Id.Value).Order());
        Assert.Equal(expected.Order(), joined.Items.Select(room => room.Id.Value).Order());
    }

    [Fact]
    public async Task ListMembers_ShouldPageInTheOrderOfJoining()
    {
        var users = Enumerable.Range(0, 5).Select(i => RoomScript.User($"user{i}")).ToList();
        var script = new RoomScript().Create(_ana);
        users.ForEach(user => script.Join(user));
        await _node.CommitAsync(script.Leave(users[1]).Join(users[1]));

        var names = new List<string>();
        for (string? cursor = null; names.Count == 0 || cursor is not null;)
        {
            var page = await _node.Directory.ListMembersAsync(script.Id, cursor, 2);
            names.AddRange(page.Items.Select(member => member.User.Username));
            cursor = page.NextCursor;
        }

        Assert.Equal(["ana", "user0", "user2", "user3", "user4", "user1"], names);
        Assert.Empty((await _node.Directory.ListMembersAsync(RoomId.New(TimeProvider.System), null, 10)).Items);
    }

    private async Task<(long Unread, long Mentions, long ReadN)> CountsAsync(RoomId room, UserRef user)
    {
        var summary = await _node.Directory.FindAsync(room, user.Id);
        var digest = (await _node.Directory.ListMembershipsAsync(user.Id)).Single(d => d.Room == room);
        Assert.Equal((summary!.Unread, summary.Mentions, summary.ReadN), (digest.Unread, digest.Mentions, digest.ReadN));
        return (digest.Unread, digest.Mentions, digest.ReadN);
    }
}
