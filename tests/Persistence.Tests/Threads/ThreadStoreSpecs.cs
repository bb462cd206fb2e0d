using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Tests.ReadModel;
using AkkaChat.Persistence.Threads;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Persistence.Tests.Threads;

public sealed class PostgresThreadStoreSpecs(PostgresFixture postgres) : ThreadStoreSpecs("postgres", postgres);

public sealed class SqliteThreadStoreSpecs(PostgresFixture postgres) : ThreadStoreSpecs("sqlite", postgres);

public abstract class ThreadStoreSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private static readonly UserRef Ben = RoomScript.User("ben");
    private static readonly UserRef Cy = RoomScript.User("cy");
    private ReadModelNode _node = null!;
    private ThreadStore _threads = null!;
    private FollowedThreads _followed = null!;

    public async Task InitializeAsync()
    {
        _node = await ReadModelNode.CreateAsync(provider, postgres);
        var services = _node.AddNode(services => services.AddThreads());
        (_threads, _followed) = (services.GetRequiredService<ThreadStore>(), services.GetRequiredService<FollowedThreads>());
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Replies_ShouldBeInTheirThreadOnly_AndNotUnreadInTheRoom()
    {
        var (script, root) = await RoomAsync();
        await _node.CommitAsync(script.Post(Ana, "two").Reply(root, Ben, "a").Reply(root, Ana, "b").Post(Ana, "three").Reply(root, Ben, "c"));

        Assert.Equal(["root", "two", "three"], await TextsAsync(script, new MessageQuery.Latest(), 50));
        Assert.Equal(["two", "three"], await TextsAsync(script, new MessageQuery.Latest(), 2));
        Assert.Equal(["root", "two"], await TextsAsync(script, new MessageQuery.Before(5), 2));
        Assert.Equal(["three"], await TextsAsync(script, new MessageQuery.After(2), 2));
        Assert.Equal(["root", "two", "three"], await TextsAsync(script, new MessageQuery.Around(4), 3));
        Assert.Equal(["two", "three"], await TextsAsync(script, new MessageQuery.Around(6), 2));
        Assert.Equal(["a", "b", "c"], await TextsAsync(script, new MessageQuery.Latest(), 50, root.Seq));
        Assert.Equal(["b", "c"], await TextsAsync(script, new MessageQuery.Around(6), 2, root.Seq));
        Assert.Equal(["a"], await TextsAsync(script, new MessageQuery.Before(4), 5, root.Seq));
        await _node.Consumers.CatchUpAsync(script.Id);
        Assert.Equal(["root", "two", "three"], await TextsAsync(script, new MessageQuery.Around(4), 3));
        Assert.Equal(["b", "c"], await TextsAsync(script, new MessageQuery.After(3), 5, root.Seq));
        var seen = (await _node.Directory.FindAsync(script.Id, Cy.Id))!;
        Assert.Equal((3, "three", 6), (seen.Unread, seen.LastMessage!.Text, seen.Head.N));
        Assert.Equal(1, (await _node.Cursors.SetAsync(Cy.Id, script.Id, 4))!.Unread);
    }

    [Fact]
    public async Task Follow_ShouldComeFromPosting_FromTheRoot_AndFromAMention_AndEndWhereOneWants()
    {
        var (script, root) = await RoomAsync();
        await _node.CommitAsync(script.Reply(root, Ben, "a"));

        Assert.Equal((true, 1), await StateAsync(script, root, Ana)); // the root is hers
        Assert.Equal((true, 0), await StateAsync(script, root, Ben));
        Assert.Equal((false, 0), await StateAsync(script, root, Cy));
        await _node.CommitAsync(script.Reply(root, Ben, "b").Reply(root, Ben, "for @cy", Cy.Id).Reply(root, Ana, "c"));
        Assert.Equal((true, 0), await StateAsync(script, root, Ana));
        Assert.Equal((true, 1), await StateAsync(script, root, Ben));
        Assert.Equal((true, 2), await StateAsync(script, root, Cy));
        Assert.Equal(1, (await _node.Directory.FindAsync(script.Id, Cy.Id))!.Mentions);

        await _threads.FollowAsync(Id(script, root), Cy.Id, on: false);
        await _node.CommitAsync(script.Reply(root, Ben, "d"));
        Assert.Equal((false, 0), await StateAsync(script, root, Cy));
        Assert.Equal(0, (await _node.Directory.FindAsync(script.Id, Cy.Id))!.Mentions);
        await _node.CommitAsync(script.Reply(root, Ben, "again @cy", Cy.Id));
        Assert.Equal((true, 1), await StateAsync(script, root, Cy));
        await _threads.FollowAsync(Id(script, root), Cy.Id, on: true);
        Assert.Equal((true, 1), await StateAsync(script, root, Cy)); // nothing to change
    }

    [Fact]
    public async Task Place_ShouldMoveForward_BackWhereTheUserWants_AndTellAllDevices()
    {
        var (script, root) = await RoomAsync();
        await _node.CommitAsync(script.Reply(root, Ben, "a").Reply(root, Ben, "b @ana", Ana.Id).Post(Ben, "listed").Reply(root, Ben, "c"));
        var thread = Id(script, root);
        Assert.Equal((true, 3), await StateAsync(script, root, Ana));
        var before = await _node.Stream.GetSeqAsync(Ana.Id);

        await _threads.ReadAsync(thread, Ana.Id, 2, back: false);
        Assert.Equal((true, 2), await StateAsync(script, root, Ana));
        await _threads.ReadAsync(thread, Ana.Id, 1, back: false);
        Assert.Equal((true, 2), await StateAsync(script, root, Ana));
        Assert.Equal(1, (await _threads.FindStateAsync(thread, Ana.Id))!.Mentions);
        await _threads.ReadAsync(thread, Ana.Id, long.MaxValue, back: false);
        Assert.Equal((true, 0), await StateAsync(script, root, Ana));
        Assert.Equal((5, 0), ((await _threads.FindStateAsync(thread, Ana.Id))!.ReadN, (await _threads.FindStateAsync(thread, Ana.Id))!.Mentions));
        await _threads.ReadAsync(thread, Ana.Id, 2, back: true);
        Assert.Equal((true, 2), await StateAsync(script, root, Ana));
        Assert.Equal(1, (await _node.Directory.FindAsync(script.Id, Ana.Id))!.Unread); // the room has a place of its own

        var told = await _node.Stream.ReadAsync(Ana.Id, before, 100);
        Assert.Equal([root.Seq, root.Seq, root.Seq], told.Events.Cast<ThreadUpdated>().Select(e => e.Thread));
    }

    [Fact]
    public async Task Summary_ShouldCountWhatIsNotDeleted_AndShowWhoRepliedLast()
    {
        var (script, root) = await RoomAsync();
        await _node.CommitAsync(script.Reply(root, Ben, "a").Reply(root, Cy, "b").Reply(root, Ben, "c"));
        Assert.Equal((3, "ben,cy", 3), await SummaryAsync(script, root));
        var replies = script.Messages.Where(message => message.ThreadSeq > 0).ToList();

        await _node.CommitAsync(script.Delete(replies[2], Ben));
        Assert.Equal((2, "cy,ben", 2), await SummaryAsync(script, root));
        Assert.Equal(replies[1].Time, (await _threads.SummariseAsync(script.Id, Ana.Id, [root.Seq]))[root.Seq].LastTime);
        await _node.CommitAsync(script.Delete(root, Ana).Edit(replies[0], "for @ana", Ana.Id));
        Assert.Equal((2, "cy,ben", 2), await SummaryAsync(script, root));
        Assert.Equal(1, (await _node.Directory.FindAsync(script.Id, Ana.Id))!.Mentions);
        await _node.CommitAsync(script.Delete(replies[0], Ben).Delete(replies[1], Cy));
        Assert.Empty(await _threads.SummariseAsync(script.Id, Ana.Id, [root.Seq]));
        Assert.Equal(0, (await _node.Directory.FindAsync(script.Id, Ana.Id))!.Mentions);
    }

    [Fact]
    public async Task List_ShouldShowThoseWithUnreadRepliesFirst_InPages_AndNothingOfARoomThatOneHasLeft()
    {
        var (script, root) = await RoomAsync();
        await _node.CommitAsync(script.Post(Ana, "second").Post(Ben, "third"));
        var (second, third) = (script.Messages[1], script.Messages[2]);
        await _node.CommitAsync(script.Reply(third, Ana, "mine").Reply(root, Ben, "x").Reply(second, Ana, "mine too").Reply(third, Ben, "y"));

        Assert.Equal(["third y", "root x", "second mine too"], await ListAsync(Ana));
        await _threads.ReadAsync(Id(script, third), Ana.Id, 99, back: false);
        Assert.Equal(["root x", "third y", "second mine too"], await ListAsync(Ana));
        Assert.Equal(["third y", "root x"], await ListAsync(Ben));
        await _node.CommitAndCatchUpAsync(script.Leave(Ben));
        Assert.Empty(await ListAsync(Ben));
        Assert.Empty(await _threads.ListDigestAsync(Ben.Id));
        Assert.Null(await _threads.FindStateAsync(Id(script, third), Ben.Id));
        await _node.CommitAndCatchUpAsync(script.Join(Ben));
        Assert.Empty(await ListAsync(Ben));
        Assert.Equal((false, 0), await StateAsync(script, third, Ben));
    }

    /// <summary>Whatever happens in whatever order, in slices of any size: the counts are those of the log.</summary>
    [Fact]
    public async Task Unread_ShouldEqualTheLog_AfterAnyHistory()
    {
        var random = new Random(7);
        UserRef[] users = [Ana, Ben, Cy];
        var (script, _) = await RoomAsync();
        var read = new Dictionary<(string, long), long>();
        var follows = new Dictionary<(string, long), bool>();
        var (deleted, begun) = (new HashSet<long>(), new HashSet<long>());
        for (var step = 0; step < 150; step++)
        {
            var user = users[random.Next(users.Length)];
            var listed = script.Messages.Where(message => message.ThreadSeq == 0).ToList();
            var root = listed[random.Next(Math.Min(4, listed.Count))];
            switch (random.Next(8))
            {
                case 0:
                    script.Post(user);
                    break;
                case 1 when script.Messages.Where(message => !deleted.Contains(message.N) && message.ThreadSeq > 0).ToList() is { Count: > 0 } left:
                    var gone = left[random.Next(left.Count)];
                    deleted.Add(gone.N);
                    script.Delete(gone, gone.Author);
                    break;
                case 2:
                    var n = random.Next((int)script.N + 2);
                    await CommitPendingAsync(script);
                    await _threads.ReadAsync(Id(script, root), user.Id, n, back: random.Next(2) == 0);
                    if (await _threads.FindStateAsync(Id(script, root), user.Id) is { } place)
                    {
                        read[(user.Id.Value, root.Seq)] = place.ReadN;
                    }

                    break;
                default:
                    var isFirst = begun.Add(root.Seq);
                    script.Reply(root, user);
                    read[(user.Id.Value, root.Seq)] = script.N;
                    follows[(user.Id.Value, root.Seq)] = true;
                    if (isFirst && root.Author.Id != user.Id && !follows.GetValueOrDefault((root.Author.Id.Value, root.Seq)))
                    {
                        follows[(root.Author.Id.Value, root.Seq)] = true;
                        read[(root.Author.Id.Value, root.Seq)] = Math.Max(read.GetValueOrDefault((root.Author.Id.Value, root.Seq)), script.N - 1);
                    }

                    break;
            }

            if (random.Next(3) == 0)
            {
                await CommitPendingAsync(script);
            }
        }

        await _node.CommitAndCatchUpAsync(script.Post(Ana));
        foreach (var ((user, thread), isFollowed) in follows.Where(entry => entry.Value))
        {
            var expected = script.Messages.Count(message =>
                message.ThreadSeq == thread && message.N > read.GetValueOrDefault((user, thread)) && !deleted.Contains(message.N));
            var state = (await _threads.FindStateAsync(new MessageId(script.Id, thread), new UserId(user)))!;
            Assert.Equal((isFollowed, expected), (state.Follows, state.Unread));
        }

        var cy = (await _node.Directory.FindAsync(script.Id, Cy.Id))!;
        Assert.Equal(script.Messages.Count(message => message.ThreadSeq == 0 && message.N > cy.ReadN && !deleted.Contains(message.N)), cy.Unread);
    }

    /// <summary>Ana owns the room and wrote the root; Ben and Cy are members.</summary>
    private async Task<(RoomScript Script, MessagePosted Root)> RoomAsync()
    {
        var script = new RoomScript().Create(Ana).Join(Ben).Join(Cy).Post(Ana, "root");
        await _node.CommitAndCatchUpAsync(script);
        return (script, script.Messages[0]);
    }

    private async Task CommitPendingAsync(RoomScript script)
    {
        if (script.Seq > script.Events.Count)
        {
            await _node.CommitAsync(script);
        }
    }

    private static MessageId Id(RoomScript script, MessagePosted root) => new(script.Id, root.Seq);

    private async Task<(bool Follows, long Unread)> StateAsync(RoomScript script, MessagePosted root, UserRef user)
    {
        var state = (await _threads.FindStateAsync(Id(script, root), user.Id))!;
        Assert.Equal(script.Seq, state.AsOf);
        var digest = (await _threads.ListDigestAsync(user.Id)).SingleOrDefault(entry => entry.Thread == state.Thread);
        Assert.Equal(state.Follows ? state.Unread : null, digest?.Unread);
        return (state.Follows, state.Unread);
    }

    /// <summary>As Ana sees it.</summary>
    private async Task<(long Count, string Authors, long Unread)> SummaryAsync(RoomScript script, MessagePosted root)
    {
        var summary = (await _threads.SummariseAsync(script.Id, Ana.Id, [root.Seq]))[root.Seq];
        return (summary.Count, string.Join(',', summary.Authors.Select(author => author.Username)), summary.Unread);
    }

    private async Task<List<string>> ListAsync(UserRef user)
    {
        var entries = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _followed.ListAsync(user.Id, cursor, 1);
            entries.AddRange(page.Items.Select(entry => $"{entry.Root.Text} {entry.Last.Text}"));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return entries;
    }

    private async Task<IEnumerable<string>> TextsAsync(RoomScript script, MessageQuery query, int limit, long thread = 0) =>
        (await _node.Log.ReadMessagesAsync(script.Id, query, limit, Ana.Id, thread))!.Items.Select(message => message.Text);
}
