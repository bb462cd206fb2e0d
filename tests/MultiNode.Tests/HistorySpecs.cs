using System.Text.Json;
using AkkaChat.Support.Chat;
using Xunit.Sdk;

namespace AkkaChat.MultiNode.Tests;

/// <summary>The check itself, on histories that are wrong in one way each: what it does not catch here it would not catch in a cluster.</summary>
public sealed class HistorySpecs
{
    private static readonly JsonElement[] Good = [Joined(1), Said(2, 1, "c1", "one"), Said(3, 2, "c2", "two"), Said(4, 3, "c3", "three")];
    private static readonly Acked[] GoodAcks = [Ack(2, 1, "c1", "one"), Ack(3, 2, "c2", "two"), Ack(4, 3, "c3", "three")];

    public static TheoryData<string> Wrongs => [.. WrongHistories.Keys];

    private static Dictionary<string, JsonElement[]> WrongHistories => new()
    {
        ["an acknowledged message is lost"] = [Joined(1), Said(2, 1, "c1", "one"), Said(3, 2, "c2", "two")],
        ["a message is stored twice"] = [.. Good, Said(5, 4, "c1", "one")],
        ["two messages changed places"] = [Joined(1), Said(2, 1, "c2", "two"), Said(3, 2, "c1", "one"), Said(4, 3, "c3", "three")],
        ["a text is altered"] = [.. Good[..3], Said(4, 3, "c3", "THREE")],
        ["a seq is missing"] = [Joined(1), Said(2, 1, "c1", "one"), Said(3, 2, "c2", "two"), Said(5, 3, "c3", "three")],
        ["a seq is there twice"] = [.. Good, Said(4, 4, "c4", "four")],
        ["an n is missing"] = [.. Good[..3], Said(4, 4, "c3", "three")],
    };

    [Fact]
    public void Check_ShouldAcceptAGoodHistory()
    {
        History.AssertKept(Good, GoodAcks);
        History.AssertApplied(Good, Applied(1, Good[1..]), "ana");
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void Check_ShouldCatch(string wrong) =>
        Assert.ThrowsAny<XunitException>(() => History.AssertKept(WrongHistories[wrong], GoodAcks));

    [Fact]
    public void Check_ShouldCatchAClient_ThatMissesTheLastEvent() =>
        Assert.ThrowsAny<XunitException>(() => History.AssertApplied(Good, Applied(0, Good[..3]), "ana"));

    [Fact]
    public void Check_ShouldCatchAClient_ThatHoldsAnotherText() =>
        Assert.ThrowsAny<XunitException>(() => History.AssertApplied(Good, Applied(0, [.. Good[..3], Said(4, 3, "c3", "else")]), "ana"));

    [Fact]
    public void Log_ShouldApplyEachSeqOnce_AndShowAGap()
    {
        var log = Applied(0, [Good[0], Good[1], Good[1]]);
        Assert.Equal((2, 1, true), (log.Last, log.Duplicates, log.Complete));
        Assert.False(log.Offer(Good[3]));
        Assert.Equal((2, 4, false), (log.Last, log.Head, log.Complete));
    }

    private static RoomLog Applied(long start, IEnumerable<JsonElement> frames)
    {
        var log = new RoomLog("r_1", start);
        foreach (var frame in frames)
        {
            log.Offer(frame);
        }

        return log;
    }

    private static JsonElement Joined(long seq) => JsonElement.Parse($$$"""{"ev":"member.joined","seq":{{{seq}}},"d":{"user":{"id":"u_1"} } }""");

    private static JsonElement Said(long seq, long n, string cid, string text) => JsonElement.Parse(
        $$$"""{"ev":"message.created","seq":{{{seq}}},"d":{"id":"r_1.{{{seq}}}","n":{{{n}}},"cid":"{{{cid}}}","author":"u_1","text":"{{{text}}}"} }""");

    private static Acked Ack(long seq, long n, string cid, string text) => new("r_1", "u_1", cid, text, new Sent(seq, n, $"r_1.{seq}", false), default);
}
