using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class ResumeSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Resume_ShouldBringWhatWasMissed_WhenItIsLittle(int missed)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(room, "seen");
        await sender.SayManyAsync(room, missed);
        var head = 3 + missed;

        await using var back = await Socket.OpenAsync(ana, Resume((room, 3)));

        var sync = back.Frames.Single(frame => Socket.Name(frame) == "room.sync").GetProperty("d");
        Assert.Equal((3, head, head, true), (
            sync.GetProperty("from").GetInt64(), sync.GetProperty("to").GetInt64(), sync.GetProperty("head").GetInt64(),
            sync.GetProperty("complete").GetBoolean()));
        Assert.Equal(Range(4, head), Seqs(sync.GetProperty("events")));

        // What follows live is what comes next.
        await sender.SayAsync(room, "live");
        await back.MessageAsync(room, "live");
        Assert.Equal([head + 1], back.Durable(room).Select(e => e.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public async Task Resume_ShouldCutWhatWasMissed_WhenItIsMoreThan200Events()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 450);

        await using var back = await Socket.OpenAsync(ana, Resume((room, 0)));

        var parts = back.Frames.Where(frame => Socket.Name(frame) == "room.sync").Select(frame => frame.GetProperty("d")).ToList();
        Assert.Equal([false, false, true], parts.Select(part => part.GetProperty("complete").GetBoolean()));
        Assert.Equal([0, 200, 400], parts.Select(part => part.GetProperty("from").GetInt64()));
        Assert.Equal([200, 400, 452], parts.Select(part => part.GetProperty("to").GetInt64()));
        Assert.All(parts, part => Assert.Equal(452, part.GetProperty("head").GetInt64()));
        Assert.Equal(Range(1, 452), parts.SelectMany(part => Seqs(part.GetProperty("events"))));
    }

    [Fact]
    public async Task Resume_ShouldReset_WhenMoreThan1000EventsWereMissed()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var sender = await Socket.OpenAsync(ana);
        await ana.FillAsync(room, ClientProtocol.MaxResumeGap - 1);
        var head = ClientProtocol.MaxResumeGap + 1;

        await using var far = await Socket.OpenAsync(ana, Resume((room, 0)));
        await using var near = await Socket.OpenAsync(ana, Resume((room, 1)));

        var reset = await ResetAsync(far, room);
        Assert.Equal(("gap_too_large", head, head - 2), (
            reset.GetProperty("reason").GetString(), reset.GetProperty("head").GetInt32(), reset.GetProperty("n").GetInt32()));
        Assert.Equal(
            Range(2, head),
            near.Frames.Where(frame => Socket.Name(frame) == "room.sync").SelectMany(frame => Seqs(frame.GetProperty("d").GetProperty("events"))));

        await sender.SayAsync(room, "live");
        await far.MessageAsync(room, "live");
        await near.MessageAsync(room, "live");
        Assert.Equal([head + 1], far.Durable(room).Select(e => e.GetProperty("seq").GetInt32()));
    }

    [Fact]
    public async Task Resume_ShouldReset_WhenTheClientIsAheadOrOfAnotherEpoch()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var first = await Socket.OpenAsync(ana);
        var epoch = first.Frames[0].GetProperty("d").GetProperty("epoch").GetString()!;

        await using var ahead = await Socket.OpenAsync(ana, Resume((room, 3)));
        await using var negative = await Socket.OpenAsync(ana, Resume((room, -1)));
        var other = Resume((room, 2));
        other["epoch"] = "e_other";
        await using var restored = await Socket.OpenAsync(ana, other);
        var same = Resume((room, 2));
        same["epoch"] = epoch;
        await using var right = await Socket.OpenAsync(ana, same);

        Assert.Equal("ahead", (await ResetAsync(ahead, room)).GetProperty("reason").GetString());
        Assert.Equal("gap_too_large", (await ResetAsync(negative, room)).GetProperty("reason").GetString());
        Assert.Equal("epoch", (await ResetAsync(restored, room)).GetProperty("reason").GetString());
        Assert.DoesNotContain(right.Frames, frame => Socket.Name(frame) == "room.reset");
        await first.SayAsync(room, "live");
        foreach (var socket in new[] { ahead, negative, restored, right })
        {
            await socket.MessageAsync(room, "live");
            Assert.Equal([3], socket.Durable(room).Select(e => e.GetProperty("seq").GetInt64()));
        }
    }

    [Fact]
    public async Task Resume_ShouldSayRemovedAndNothingMore_WhenTheRoomWasLeftMeanwhile()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var (left, kept) = (await ana.CreateRoomAsync("left"), await ana.CreateRoomAsync("kept"));
        await ben.JoinAsync(left);
        await ben.JoinAsync(kept);
        await ben.LeaveAsync(left);
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(left, "not for ben");

        await using var back = await Socket.OpenAsync(ben, Resume((left, 3), (kept, 3), ($"r_{new string('0', 32)}", 4)));

        Assert.Equal(
            new[] { left, $"r_{new string('0', 32)}" }.Order(),
            back.Frames.Where(frame => Socket.Name(frame) == "membership.removed")
                .Select(frame => frame.GetProperty("d").GetProperty("room").GetString()!).Order());
        await sender.SayAsync(left, "not for ben either");
        await sender.SayAsync(kept, "for ben");
        await back.MessageAsync(kept, "for ben");
        Assert.DoesNotContain("not for ben", string.Join('\n', back.Frames), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ShouldAnswerAtMost200Events_WhenAsked()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await ana.FillAsync(room, 250);
        await using var reader = await Socket.OpenAsync(ben);

        var seqs = new List<long>();
        for (long from = 0, pulls = 0; ; pulls++)
        {
            Assert.True(pulls < 5);
            var page = await reader.OkAsync("room.sync", room, new JsonObject { ["from"] = from });
            Assert.Equal(from, page.GetProperty("from").GetInt64());
            Assert.Equal(253, page.GetProperty("head").GetInt64());
            seqs.AddRange(Seqs(page.GetProperty("events")));
            from = page.GetProperty("to").GetInt64();
            if (page.GetProperty("complete").GetBoolean())
            {
                break;
            }
        }

        Assert.Equal(Range(1, 253), seqs);
        var empty = await reader.OkAsync("room.sync", room, new JsonObject { ["from"] = 253 });
        Assert.True(empty.GetProperty("complete").GetBoolean());
        Assert.Empty(Seqs(empty.GetProperty("events")));
        foreach (var bad in new JsonNode?[] { null, -1, "x", 1.5 })
        {
            Assert.Equal("invalid", (await reader.RefusedAsync("room.sync", room, new JsonObject { ["from"] = bad })).Code);
        }
    }

    [Fact]
    public async Task Resume_ShouldResetRooms_WhenMoreIsMissingThanOneHelloBrings()
    {
        // Each of these characters takes six bytes in a frame.
        var ana = await Host.PersonAsync();
        var rooms = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            rooms.Add(await ana.CreateRoomAsync($"room {i}"));
            await ana.FillAsync(rooms[i], 50, _ => new string('\u0001', 16 * 1024));
        }

        await using var back = await Socket.OpenAsync(ana, Resume([.. rooms.Select(room => (room, 2))]));

        var reset = back.Frames.Where(frame => Socket.Name(frame) == "room.reset").Select(frame => frame.GetProperty("room").GetString()!).ToList();
        var complete = back.Frames.Where(frame => Socket.Name(frame) == "room.sync" && frame.GetProperty("d").GetProperty("complete").GetBoolean())
            .Select(frame => frame.GetProperty("room").GetString()!).ToList();
        Assert.NotEmpty(reset);
        Assert.NotEmpty(complete);
        Assert.Equal(rooms.Order(), reset.Concat(complete).Order());
        var bytes = back.Frames.Where(frame => Socket.Name(frame) == "room.sync").Sum(frame => (long)frame.GetRawText().Length);
        Assert.InRange(bytes, ClientProtocol.MaxResumeBytes / 2, ClientProtocol.MaxResumeBytes + (2 * 1024 * 1024));

        // The rooms that were reset go on from their heads.
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(reset[0], "live");
        await back.MessageAsync(reset[0], "live");
    }

    [Fact]
    public async Task Pull_ShouldCutByBytes_WhenMessagesAreLong()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await ana.FillAsync(room, 20, _ => new string('x', 16 * 1024));
        await using var socket = await Socket.OpenAsync(ana);

        var page = await socket.OkAsync("room.sync", room, new JsonObject { ["from"] = 0 });

        Assert.False(page.GetProperty("complete").GetBoolean());
        Assert.InRange(page.GetRawText().Length, ClientProtocol.MaxSyncBytes, ClientProtocol.MaxSyncBytes + 32 * 1024);
    }

    [Fact]
    public async Task Digest_ShouldCountUnreadAndMentionsExactly_WhenConnecting()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var rooms = new List<string>();
        await using var sender = await Socket.OpenAsync(ana);
        for (var i = 0; i < 3; i++)
        {
            rooms.Add(await ana.CreateRoomAsync($"room {i}"));
            await ben.JoinAsync(rooms[i]);
            await sender.SayManyAsync(rooms[i], 4, n => n <= i ? $"@{ben.Username} {n}" : $"{n}");
        }

        await using var first = await Socket.OpenAsync(ben);
        Assert.Equal(new[] { (4L, 0L), (4, 1), (4, 2) }, rooms.Select(room => Counts(first, room)));

        await first.OkAsync("read.set", rooms[2], new JsonObject { ["n"] = 1 });
        await first.SayAsync(rooms[2], "one's own counts as read");
        await using var second = await Socket.OpenAsync(ben);
        var digest = second.Frames.First(frame => Socket.Name(frame) == "room.digest").GetProperty("d").EnumerateArray()
            .Single(line => line.GetProperty("room").GetString() == rooms[2]);
        Assert.Equal((8, 5, 5), (digest.GetProperty("head").GetInt32(), digest.GetProperty("n").GetInt32(), digest.GetProperty("readN").GetInt32()));
        Assert.Equal((0, 0), Counts(second, rooms[2]));

        // The frames come in the order of the protocol: reply, what was missed, digests, done.
        Assert.Equal(["(reply)", "room.digest", "sync.done"], second.Frames.Take(3).Select(frame => Socket.Name(frame) ?? "(reply)"));
    }

    [Fact]
    public async Task Digest_ShouldComeInParts_WhenTheUserIsInMoreThan100Rooms()
    {
        var ana = await Host.PersonAsync();
        await Parallel.ForAsync(0, 101, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await ana.CreateRoomAsync($"room {i}"));

        await using var socket = await Socket.OpenAsync(ana);

        Assert.Equal(
            [100, 1], socket.Frames.Where(frame => Socket.Name(frame) == "room.digest").Select(frame => frame.GetProperty("d").GetArrayLength()));
    }

    internal static JsonObject Resume(params (string Room, long Last)[] rooms) => new()
    {
        ["rooms"] = new JsonObject(rooms.Select(room => KeyValuePair.Create<string, JsonNode?>(room.Room, room.Last))),
    };

    private static (long Unread, long Mentions) Counts(Socket socket, string room)
    {
        var line = socket.Frames.Where(frame => Socket.Name(frame) == "room.digest")
            .SelectMany(frame => frame.GetProperty("d").EnumerateArray()).Single(line => line.GetProperty("room").GetString() == room);
        return (line.GetProperty("unread").GetInt64(), line.GetProperty("mentions").GetInt64());
    }

    private static async Task<JsonElement> ResetAsync(Socket socket, string room) =>
        (await socket.EventAsync("room.reset", frame => frame.GetProperty("room").GetString() == room)).GetProperty("d");

    private static IEnumerable<long> Range(long from, long to) => Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i);

    private static IEnumerable<long> Seqs(JsonElement events) => events.EnumerateArray().Select(e => e.GetProperty("seq").GetInt64());
}

[Collection(OnSqlite.Name)]
public sealed class ResumeOnSqliteSpecs(SqliteChat chat) : ResumeSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class ResumeOnPostgresSpecs(PostgresChat chat) : ResumeSpecs(chat);
