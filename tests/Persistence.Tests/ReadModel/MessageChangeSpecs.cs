using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using Dapper;

namespace AkkaChat.Persistence.Tests.ReadModel;

public sealed class PostgresMessageChangeSpecs(PostgresFixture postgres) : MessageChangeSpecs("postgres", postgres);

public sealed class SqliteMessageChangeSpecs(PostgresFixture postgres) : MessageChangeSpecs("sqlite", postgres);

/// <summary>Edits, deletions, reactions and pins: in pages, events, counts and look-ups, whether they are projected or not.</summary>
public abstract class MessageChangeSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly UserRef Ana = RoomScript.User("ana");
    private static readonly UserRef Ben = RoomScript.User("ben");
    private static readonly LinkCard Card = new("https://a.example", "A", "", "a");
    private ReadModelNode _node = null!;

    public async Task InitializeAsync() => _node = await ReadModelNode.CreateAsync(provider, postgres);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Page_ShouldShowMessagesAsTheyAre_WhateverIsProjected()
    {
        // Each event is in the tables, in the tail, or its message in the one and the change in the other.
        foreach (var projectAfter in new[] { 0, 1, 2, 3 })
        {
            var script = new RoomScript().Create(Ana).Join(Ben).Post(Ana, "first https://a.example").Post(Ana, "second").Post(Ben, "third");
            await CommitAsync(1);
            script.Edit(script.Messages[0], "better \0").Delete(script.Messages[1], Ana).Attach(script.Messages[2].Seq, 3, Card);
            await CommitAsync(2);
            script.Edit(script.Messages[0], "best https://a.example", Ben.Id).React(script.Messages[2], Ana, "👍", true, 1).Delete(script.Messages[2], Ana);
            await CommitAsync(3);

            var page = (await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10))!;
            Assert.Equal(new RoomHead(script.Seq, 3), page.Head);
            var (first, second, third) = (page.Items[0], page.Items[1], page.Items[2]);
            Assert.Equal(("best https://a.example", false), (first.Text, first.IsDeleted));
            Assert.Equal(script.Events.OfType<MessageEdited>().Last().Time, first.EditedAt);
            Assert.Equal([Ben.Id], first.Mentions);
            AssertDeleted(second, "second");
            AssertDeleted(third, "third");
            Assert.Equal(third.Id, (await _node.Log.FindMessageAsync(script.Id, third.Seq))!.Id);
            Assert.Null(await _node.Log.FindMessageAsync(script.Id, 2));
            Assert.Null(await _node.Log.FindMessageAsync(script.Id, 999));

            async Task CommitAsync(int part)
            {
                await _node.CommitAsync(script);
                if (part <= projectAfter)
                {
                    await _node.Consumers.CatchUpAsync(script.Id);
                }
            }
        }
    }

    [Fact]
    public async Task Events_ShouldShowNothingThatWasDeletedOrEditedAway()
    {
        var script = new RoomScript().Create(Ana).Post(Ana, "secret one", Ana.Id).Post(Ana, "secret two").Post(Ana, "kept");
        await _node.CommitAsync(script);
        script.Edit(script.Messages[0], "secret again").Attach(script.Messages[0].Seq, 1, Card with { Title = "secret title" })
            .Edit(script.Messages[1], "secret, still").Edit(script.Messages[1], "open").Delete(script.Messages[0], Ana);
        await _node.CommitAsync(script);

        var tail = (await _node.Log.ReadEventsAsync(script.Id, 0, 100))!.Events;
        await _node.Consumers.CatchUpAsync(script.Id);
        var projected = (await _node.Log.ReadEventsAsync(script.Id, 0, 100))!.Events;
        var first = (await _node.Log.ReadEventsAsync(script.Id, 2, 1))!.Events;

        foreach (var events in new[] { tail, projected })
        {
            Assert.Equal(Enumerable.Range(1, (int)script.Seq).Select(seq => (long)seq), events.Select(e => e.Seq));
            var posted = events.OfType<MessagePosted>().ToList();
            Assert.Equal(("", true, null), (posted[0].Text, posted[0].IsDeleted, posted[0].EditedAt));
            Assert.Empty(posted[0].Mentions);
            Assert.Equal(("open", false), (posted[1].Text, posted[1].IsDeleted));
            Assert.NotNull(posted[1].EditedAt);
            Assert.Equal(("kept", null), (posted[2].Text, posted[2].EditedAt));
            Assert.Equal(["", "open", "open"], events.OfType<MessageEdited>().Select(e => e.Text));
            Assert.Empty(events.OfType<LinkAttached>().Single().Cards);
        }

        Assert.True(Assert.IsType<MessagePosted>(Assert.Single(first)).IsDeleted);
    }

    [Fact]
    public async Task MentionOfTheRoom_ShouldCountOnce_ForThoseWhoHadJoinedByThen()
    {
        var cy = RoomScript.User("cy");
        var script = new RoomScript().Create(Ana).Join(Ben).PostToAll(Ana).PostToAll(Ana, Ben.Id).Post(Ana).PostToAll(Ben);
        await _node.CommitAndCatchUpAsync(script);
        script.Join(cy).Post(Ana).PostToAll(Ana);
        await _node.CommitAsync(script);

        Assert.Equal((1, 2), (await MentionsAsync(Ben), (await _node.Cursors.SetAsync(Ben.Id, script.Id, 1, back: true))!.Mentions));
        Assert.Equal(1, await MentionsAsync(cy));
        Assert.Equal(1, (await _node.Cursors.SetAsync(cy.Id, script.Id, 0, back: true))!.Mentions); // what was before is none of theirs
        Assert.Equal(1, (await _node.Cursors.SetAsync(Ana.Id, script.Id, 0, back: true))!.Mentions); // nor one's own
        Assert.Equal(2, (await _node.Directory.ListMembershipsAsync(Ben.Id)).Single().Mentions);

        await _node.CommitAsync(script.Delete(script.Messages[1], Ana).Edit(script.Messages[5], "nobody").EditToAll(script.Messages[2]));
        Assert.Equal(1, await MentionsAsync(Ben));
        Assert.Equal(0, await MentionsAsync(cy));
        var page = (await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10))!;
        Assert.Equal(
            [Audience.Room, Audience.None, Audience.Room, Audience.Room, Audience.None, Audience.None], page.Items.Select(message => message.Audience));
        var events = (await _node.Log.ReadEventsAsync(script.Id, 0, 100))!.Events;
        Assert.Equal(
            [Audience.Room, Audience.None, Audience.Room, Audience.Room, Audience.None, Audience.None],
            events.OfType<MessagePosted>().Select(message => message.Audience));

        async Task<long> MentionsAsync(UserRef user) => (await _node.Directory.FindAsync(script.Id, user.Id))!.Mentions;
    }

    [Fact]
    public async Task Unread_ShouldNotCountDeletedMessages_NorTheirMentions()
    {
        var script = new RoomScript().Create(Ana).Join(Ben);
        for (var i = 0; i < 5; i++)
        {
            script.Post(Ana, "@ben", Ben.Id);
        }

        await _node.CommitAndCatchUpAsync(script);
        await _node.Cursors.SetAsync(Ben.Id, script.Id, 1);
        await _node.CommitAsync(script.Delete(script.Messages[0], Ana).Delete(script.Messages[3], Ana).Edit(script.Messages[4], "not you"));

        Assert.Equal((3, 2), await CountsAsync());
        var digest = (await _node.Directory.ListMembershipsAsync(Ben.Id)).Single();
        Assert.Equal((3, 2), (digest.Unread, digest.Mentions));
        var moved = (await _node.Cursors.SetAsync(Ben.Id, script.Id, 2))!;
        Assert.Equal((2, 1), (moved.Unread, moved.Mentions));
        var stream = (await _node.Stream.ReadAsync(Ben.Id, 0, 100)).Events.OfType<ReadUpdated>().Last();
        Assert.Equal((2, 1), (stream.Unread, stream.Mentions));
        await _node.CommitAsync(script.Edit(script.Messages[4], "you after all", Ben.Id).Delete(script.Messages[2], Ana));
        Assert.Equal((1, 1), await CountsAsync());
        await _node.CommitAsync(script.Delete(script.Messages[4], Ana));
        Assert.Equal((0, 0), await CountsAsync());
        var last = (await _node.Directory.FindAsync(script.Id, Ben.Id))!.LastMessage!;
        AssertDeleted(last, "you");

        async Task<(long, long)> CountsAsync()
        {
            var room = (await _node.Directory.FindAsync(script.Id, Ben.Id))!;
            return (room.Unread, room.Mentions);
        }
    }

    [Fact]
    public async Task Reactions_ShouldBeCounted_AndShowTheViewerFirst()
    {
        var users = Enumerable.Range(0, 30).Select(i => RoomScript.User($"user{i}")).ToList();
        var script = new RoomScript().Create(Ana).Join(Ben).Join(users[29]).Post(Ana).Post(Ana);
        await _node.CommitAndCatchUpAsync(script);
        var message = script.Messages[0];
        for (var i = 0; i < users.Count; i++)
        {
            script.React(message, users[i], "👍", true, i + 1);
        }

        await _node.CommitAndCatchUpAsync(script.React(message, Ben, "🎉", true, 1).React(message, users[0], "👍", false, 29));
        var projected = await ReactionsAsync(users[29].Id);
        await _node.CommitAsync(script.React(message, Ben, "👍", true, 30).React(message, Ben, "🎉", false, 0));
        var tail = await ReactionsAsync(users[29].Id);

        Assert.Equal([("👍", 29L), ("🎉", 1L)], projected.Select(reaction => (reaction.Emoji, reaction.Count)));
        Assert.Equal(MessageReaction.MaxUsers, projected[0].Users.Count);
        Assert.Equal([users[29].Id, users[1].Id, users[2].Id], projected[0].Users.Take(3));
        Assert.Equal([("👍", 30L)], tail.Select(reaction => (reaction.Emoji, reaction.Count)));
        var facts = (await _node.Log.FindFactsAsync(script.Id, message.Seq))!;
        Assert.Equal(script.Seq, facts.AsOf);
        Assert.Equal(
            users.Skip(1).Append(Ben).Select(user => ("👍", user.Id.Value)).Order(), facts.Reactions.Select(r => (r.Emoji, r.User.Value)).Order());
        await _node.CommitAsync(script.Delete(message, Ana));
        Assert.Empty((await _node.Log.FindFactsAsync(script.Id, message.Seq))!.Reactions);
        await _node.Consumers.CatchUpAsync(script.Id);
        Assert.Empty(await ReactionsAsync(Ben.Id));
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM message_reaction WHERE room_id = @id", script.Id.Value));

        async Task<IReadOnlyList<MessageReaction>> ReactionsAsync(UserId viewer)
        {
            var items = (await _node.Log.ReadMessagesAsync(script.Id, new MessageQuery.Latest(), 10, viewer))!.Items;
            Assert.Empty(items[1].Reactions);
            return items[0].Reactions;
        }
    }

    [Fact]
    public async Task Pins_ShouldBeListedInTheirOrder_WhateverIsProjected()
    {
        var script = new RoomScript().Create(Ana).Post(Ana, "a").Post(Ana, "b").Post(Ana, "c").Post(Ana, "d");
        await _node.CommitAndCatchUpAsync(script);
        var m = script.Messages;
        await _node.CommitAndCatchUpAsync(script.Pin(m[2], Ana, true).Pin(m[0], Ana, true).Pin(m[1], Ana, true).Pin(m[3], Ana, true));
        Assert.Equal(["c", "a", "b", "d"], await PinsAsync());
        await _node.CommitAsync(script.Pin(m[2], Ana, false).Delete(m[1], Ana).Post(Ana, "e"));
        await _node.CommitAsync(script.Pin(script.Messages[4], Ana, true).Edit(m[0], "A"));

        Assert.Equal(["A", "d", "e"], await PinsAsync());
        await _node.Consumers.CatchUpAsync(script.Id);
        Assert.Equal(["A", "d", "e"], await PinsAsync());
        Assert.Null(await _node.Log.ListPinnedAsync(RoomId.New(TimeProvider.System)));

        async Task<IEnumerable<string>> PinsAsync() => (await _node.Log.ListPinnedAsync(script.Id))!.Select(message => message.Text);
    }

    [Fact]
    public async Task Files_ShouldGoWithTheirMessage()
    {
        var script = new RoomScript().Create(Ana).Post(Ana).Post(Ana);
        await _node.CommitAndCatchUpAsync(script);
        await _node.Database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                """
                INSERT INTO file (id, room_id, owner_id, name, declared_type, type, size, received, state, processed, created_at, expires_at, lease_until)
                VALUES ('f_1', @room, 'u_1', 'a', '', 'image/png', 1, 1, 2, 1, 0, 0, 0), ('f_2', @room, 'u_1', 'a', '', 'image/png', 1, 1, 2, 1, 0, 0, 0)
                """,
                new { room = script.Id.Value },
                transaction),
            CancellationToken.None);
        var withFile = script.Messages[0] with { Files = [new MessageFile(new FileId("f_1"), "a", "image/png", 1, 1, 1, "")] };

        await _node.CommitAndCatchUpAsync(script.Delete(withFile, Ana));

        Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM file WHERE id = 'f_1' AND state = 3 AND room_id = @id", script.Id.Value));
        Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM file WHERE id = 'f_2' AND state = 2 AND room_id = @id", script.Id.Value));
    }

    [Fact]
    public async Task FindByClientId_ShouldGiveTheMessageAsItWasSent_SoThatARetryIsRecognised()
    {
        var script = new RoomScript().Create(Ana).Post(Ana, "as sent").Post(Ana, "also sent");
        await _node.CommitAndCatchUpAsync(script);
        await _node.CommitAndCatchUpAsync(script.Edit(script.Messages[0], "edited").Delete(script.Messages[1], Ana));

        foreach (var message in script.Messages)
        {
            Assert.Equal(message.Text, (await _node.Log.FindByClientIdAsync(script.Id, Ana.Id, message.ClientId))!.Text);
        }
    }

    private static void AssertDeleted(StoredMessage message, string text)
    {
        Assert.True(message.IsDeleted, text);
        Assert.Equal(("", null), (message.Text, message.EditedAt));
        Assert.Empty(message.Mentions);
        Assert.Empty(message.Files);
        Assert.Empty(message.Cards);
        Assert.Empty(message.Reactions);
    }

    private async Task<long> ScalarAsync(string sql, string id)
    {
        await using var connection = await _node.Database.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>(sql, new { id });
    }
}
