using System.Text.Json;
using AkkaChat.Support;
using AkkaChat.Support.Chat;

namespace AkkaChat.MultiNode.Tests;

/// <summary>
/// The promises about one room, checked against what the server says is its history (GET /events), what was acknowledged, and what each
/// client has applied: nothing acknowledged is lost, altered or doubled; one order, without gaps, for everybody.
/// </summary>
internal static class History
{
    public static async Task AssertAsync(string room, IEnumerable<Acked> acked, ChatRest reader, params ChatClient[] clients)
    {
        var log = await ReadAsync(reader, room);
        AssertKept(log, [.. acked.Where(sent => sent.Room == room)]);
        foreach (var client in clients)
        {
            AssertApplied(log, await client.CaughtUpAsync(room, log.Count), client.Username);
            Assert.Empty(client.Violations);
        }
    }

    /// <summary>The log is dense, and holds each acknowledged message once, as it was sent, at the seq of its acknowledgement.</summary>
    public static void AssertKept(IReadOnlyList<JsonElement> log, IReadOnlyCollection<Acked> acked)
    {
        Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => (long)seq), log.Select(SeqOf));
        var messages = log.Where(e => e.GetProperty("ev").GetString() == "message.created").ToList();
        Assert.Equal(Enumerable.Range(1, messages.Count).Select(n => (long)n), messages.Select(e => e.GetProperty("d").GetProperty("n").GetInt64()));

        var byCid = messages.ToLookup(e => (e.GetProperty("d").GetProperty("author").GetString(), e.GetProperty("d").GetProperty("cid").GetString()));
        Assert.DoesNotContain(byCid, same => same.Count() > 1);
        foreach (var sent in acked)
        {
            var stored = Assert.Single(byCid[(sent.UserId, sent.Cid)]);
            Assert.Equal(sent.Ack.Seq, SeqOf(stored));
            Assert.Equal(sent.Ack.Id, stored.GetProperty("d").GetProperty("id").GetString());
            Assert.Equal(sent.Text, stored.GetProperty("d").GetProperty("text").GetString());
        }

        foreach (var talker in acked.GroupBy(sent => sent.UserId))
        {
            // Each waited for one acknowledgement before the next send.
            Assert.Equal(talker.OrderBy(sent => sent.Ack.Seq), talker);
        }
    }

    /// <summary>What a client has applied is the log from its join or resume point to the end.</summary>
    public static void AssertApplied(IReadOnlyList<JsonElement> log, RoomLog applied, string who)
    {
        var expected = log.Where(e => SeqOf(e) > applied.Base).ToList();
        Assert.Equal(expected.Select(SeqOf), applied.Events.Select(SeqOf));
        foreach (var (theirs, ours) in expected.Zip(applied.Events))
        {
            Assert.Equal(theirs.GetProperty("ev").GetString(), ours.GetProperty("ev").GetString());
            Assert.True(
                JsonElement.DeepEquals(theirs.GetProperty("d"), ours.GetProperty("d")),
                $"{who} holds {ours} where the history says {theirs}");
        }
    }

    /// <summary>The whole room; asked for again while its node is being replaced.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ReadAsync(ChatRest reader, string room)
    {
        IReadOnlyList<JsonElement> log = [];
        await Eventually.AssertAsync(async () => log = await reader.EventsAsync(room), TimeSpan.FromSeconds(30));
        return log;
    }

    private static long SeqOf(JsonElement frame) => frame.GetProperty("seq").GetInt64();
}
