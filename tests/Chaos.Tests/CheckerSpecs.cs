using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>Each check on a history that breaks it, and on the nearest one that does not.</summary>
public sealed class CheckerSpecs
{
    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Clean(
        OfTwo().Says(Ana, "a1", "hi").Says(Bob, "b1", "hello").Sends(Ana, "a1", "hi", seq: 4, dup: true)
            .Note(Op.Final, Ana, 5).Note(Op.Final, Bob, 5));

    [Fact]
    public void C1_ShouldTell_WhenAnAcknowledgedMessageIsNotInTheLog() => Broken("C1", OfTwo().Sends(Ana, "a1", "hi", seq: 4));

    [Fact]
    public void C1_ShouldTell_WhenTheBodyIsAnother() =>
        Broken("C1", OfTwo().Stored(EventKind.Message, Ana, "a1", "altered").Sends(Ana, "a1", "hi", seq: 4));

    [Fact]
    public void C1_ShouldTell_WhenTheSeqIsAnother() =>
        Broken("C1", OfTwo().Says(Bob, "b1", "x").Stored(EventKind.Message, Ana, "a1", "hi").Sends(Ana, "a1", "hi", seq: 4));

    [Fact]
    public void C1_ShouldAcceptAnUnknownOutcome() => Clean(OfTwo().Sends(Ana, "a1", "hi", Op.Info));

    [Fact]
    public void C2_ShouldTell_WhenTheLogHasAHole() =>
        Broken("C2", OfTwo().Says(Ana, "a1", "hi").Says(Ana, "a2", "ho").Reader("sql", log => log.Where(e => e.Seq != 4)));

    [Fact]
    public void C2_ShouldTell_WhenTwoReadersDisagree() =>
        Broken("C2", OfTwo().Says(Ana, "a1", "hi").Reader("edge2 rest", log => log.Take(3)));

    [Fact]
    public void C3_ShouldTell_WhenAMessageIsThereTwice() =>
        Broken("C3", OfTwo().Says(Ana, "a1", "hi").Stored(EventKind.Message, Ana, "a1", "hi").Gets(Ana, 5).Gets(Bob, 5));

    [Fact]
    public void C3_ShouldTell_WhenARetryGetsAnotherSeq() =>
        Broken("C3", OfTwo().Says(Ana, "a1", "hi").Stored(EventKind.Message, Ana, "a1", "hi").Sends(Ana, "a1", "hi", seq: 5).Gets(Ana, 5).Gets(Bob, 5));

    [Fact]
    public void C3_ShouldTell_WhenARetryIsNotSaidToBeOne() => Broken("C3", OfTwo().Says(Ana, "a1", "hi").Sends(Ana, "a1", "hi", seq: 4));

    [Fact]
    public void C3_ShouldTell_WhenAnotherBodyIsTakenForTheMessage() => Broken("C1", OfTwo().Says(Ana, "a1", "hi").Sends(Ana, "a1", "other", seq: 4, dup: true));

    [Fact]
    public void C3_ShouldAcceptARefusedConflict() =>
        Clean(OfTwo().Says(Ana, "a1", "hi").Sends(Ana, "a1", "other", Op.Fail, code: "idempotency_conflict"));

    [Fact]
    public void C4_ShouldTell_WhenWhatWasSentLaterComesFirst() =>
        Broken(
            "C4",
            OfTwo().Stored(EventKind.Message, Bob, "b1", "second").Stored(EventKind.Message, Ana, "a1", "first")
                .Sends(Ana, "a1", "first", seq: 5).Sends(Bob, "b1", "second", seq: 4).Gets(Ana, 4).Gets(Bob, 4).Gets(Ana, 5).Gets(Bob, 5));

    [Fact]
    public void C4_ShouldTell_WhenOneConnectionsSendsChangePlaces()
    {
        var story = OfTwo().Stored(EventKind.Message, Ana, "a2", "second").Stored(EventKind.Message, Ana, "a1", "first");
        story.Sends(Ana, "a1", "first", outcome: null).Sends(Ana, "a2", "second", outcome: null);
        var violations = Overlapping(story, ("a1", 1, 5), ("a2", 2, 4));
        Assert.Contains(violations, violation => violation.Check == "C4");
    }

    [Fact]
    public void C4_ShouldAcceptAnyOrder_WhereTwoPeopleSendAtOnce()
    {
        var story = OfTwo().Stored(EventKind.Message, Bob, "b1", "x").Stored(EventKind.Message, Ana, "a1", "y");
        story.Sends(Ana, "a1", "y", outcome: null).Sends(Bob, "b1", "x", outcome: null);
        Assert.Empty(Overlapping(story, ("a1", 1, 5), ("b1", 2, 4)));
    }

    [Fact]
    public void C5_ShouldTell_WhenLiveEventsHaveAHole() =>
        Broken("C5", OfTwo().Says(Ana, "a1", "x").Stored(EventKind.Message, Ana, "a2", "y").Stored(EventKind.Message, Ana, "a3", "z").Gets(Bob, 6, applied: false));

    [Fact]
    public void C5_ShouldAcceptAHole_ThatTheServerHasToldOf() =>
        Clean(
            OfTwo().Says(Ana, "a1", "x").Stored(EventKind.Message, Ana, "a2", "y").Stored(EventKind.Message, Ana, "a3", "z")
                .Note(Op.Lagged, Bob, 5).Gets(Bob, 6, applied: false).Gets(Bob, 5, Op.Sync).Gets(Bob, 6, Op.Sync));

    [Fact]
    public void C5_ShouldTell_WhenAResumptionSkipsAnEvent() =>
        Broken(
            "C5",
            OfTwo().Says(Ana, "a1", "x").Close(Bob).Stored(EventKind.Message, Ana, "a2", "y").Stored(EventKind.Message, Ana, "a3", "z")
                .Gets(Bob, 6, Op.Resume, applied: false, connection: 2));

    [Fact]
    public void C5_ShouldTell_WhenAClientEndsBehindTheLog() => Broken("C5", OfTwo().Says(Ana, "a1", "x").Stored(EventKind.Message, Bob, "b1", "y").Note(Op.Final, Ana, 4));

    [Fact]
    public void C5_ShouldTell_WhenTheContentIsAnother() =>
        Broken("C5", OfTwo().Stored(EventKind.Message, Ana, "a1", "x").Sends(Ana, "a1", "x", seq: 4).Gets(Bob, 4, body: "changed"));

    [Fact]
    public void C6_ShouldTell_WhenAnEventIsDeliveredAfterALeave() =>
        Broken(
            "C6",
            OfTwo().Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob).Gets(Ana, 4).Gets(Bob, 4)
                .Stored(EventKind.Message, Ana, "a1", "secret").Gets(Ana, 5).Gets(Bob, 5));

    [Fact]
    public void C6_ShouldAcceptTheLeavingItself_AndWhatFollowsARejoin() =>
        Clean(
            OfTwo().Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob).Gets(Ana, 4).Gets(Bob, 4).Note(Op.Removed, Bob)
                .Stored(EventKind.Joined, Bob).Note(Op.JoinInvoke, Bob).Note(Op.JoinOk, Bob).Note(Op.Open, Bob, 5).Note(Op.Attach, Bob, 5).Gets(Ana, 5)
                .Says(Ana, "a1", "welcome back"));

    /// <summary>A kick and a ban end a membership as a leave does, for every reader of the log.</summary>
    [Theory]
    [InlineData("member.kicked")]
    [InlineData("member.banned")]
    public void C6_ShouldTell_WhenAnEventIsDeliveredAfterARemoval(string ev)
    {
        using var frame = System.Text.Json.JsonDocument.Parse(
            $$"""{ "ev": "{{ev}}", "seq": 4, "d": { "user": { "id": "{{Bob}}" }, "by": { "id": "{{Ana}}" } } }""");
        var (bob, ana) = (new UserRef(new UserId(Bob), "bob", "Bob"), new UserRef(new UserId(Ana), "ana", "Ana"));
        RoomEvent stored = ev == "member.kicked"
            ? new MemberKicked(4, default, bob, ana, "")
            : new MemberBanned(4, default, bob, ana, "", WasMember: true);
        var removal = LogEvents.Of(stored);
        Assert.Equal(removal, LogEvents.Of(frame.RootElement));

        Story Removed() => OfTwo().Stored(removal.Kind, removal.By).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob).Gets(Ana, 4).Gets(Bob, 4);
        Broken("C6", Removed().Stored(EventKind.Message, Ana, "a1", "secret").Gets(Ana, 5).Gets(Bob, 5));
        Broken("C6", Removed().Stored(EventKind.Message, Ana, "a1", "secret").Gets(Ana, 5).Gets(Bob, 5, Op.Sync));
        Clean(Removed().Note(Op.Removed, Bob).Stored(EventKind.Message, Ana, "a1", "secret").Sends(Ana, "a1", "secret", seq: 5).Gets(Ana, 5));
    }

    [Fact]
    public void C6_ShouldTell_WhenAnEventIsNotInTheLog()
    {
        var story = OfTwo().Says(Ana, "a1", "x");
        Broken("C6", story.Reader("sql", log => log.Take(3)));
    }

    [Fact]
    public void C7_ShouldTell_WhenARefusedMessageIsInTheLog() =>
        Broken("C7", OfTwo().Stored(EventKind.Message, Ana, "a1", "x").Sends(Ana, "a1", "x", Op.Fail, code: "busy").Gets(Ana, 4).Gets(Bob, 4));

    [Fact]
    public void C7_ShouldAcceptIt_WhereAnotherAttemptsOutcomeIsNotKnown() =>
        Clean(
            OfTwo().Stored(EventKind.Message, Ana, "a1", "x").Sends(Ana, "a1", "x", Op.Info).Sends(Ana, "a1", "x", Op.Fail, code: "busy")
                .Gets(Ana, 4).Gets(Bob, 4));

    [Fact]
    public void C8_ShouldTell_WhenTwoRowsHaveOneNumber() => Broken("C8", OfTwo().Journal(Row(1), Row(2), Row(2)));

    [Fact]
    public void C8_ShouldTell_WhenASeqWasWrittenTwice() => Broken("C8", OfTwo().Journal(Row(1, 1, 2), Row(2, 2, 3)));

    [Fact]
    public void C8_ShouldTell_WhenTheFenceNeverRefusedAnything() =>
        Broken("C8", OfTwo().Fault("pause-room-long", 1, 2, 3).Fault("pause-room-long", 4, 5, 6).Fault("partition-cluster-only", 7, 8, 9));

    [Fact]
    public void C11_ShouldTell_WhenMemoryGrowsAndGrows() =>
        Broken("C11", OfTwo().Samples(Enumerable.Range(0, 100).Select(i => new Sample(Clock.Seconds(i * 5), "edge1", 1, (200L + (i * 10)) << 20, 300, 50, 0))));

    [Fact]
    public void C11_ShouldAcceptMemoryThatLevelsOff() =>
        Clean(OfTwo().Samples(Enumerable.Range(0, 100).Select(i => new Sample(Clock.Seconds(i * 5), "edge1", 1, (200L + Math.Min(i * 10, 200)) << 20, 300, 50, 0))));

    [Fact]
    public void C11_ShouldTell_WhenAStalledReaderIsToldNothing() => Broken("C11", Stalled(isTold: false));

    [Fact]
    public void C11_ShouldTell_WhenAStalledReaderIsClosedOnlyWithTheRun() => Broken("C11", Stalled(isTold: false).Stops().Note(Op.Close, Bob));

    [Fact]
    public void C11_ShouldAcceptAStalledReader_WhoIsTold() => Clean(Stalled(isTold: true));

    [Fact]
    public void C11_ShouldAcceptAStalledReader_WhoIsNotConnected() => Clean(Stalled(isTold: false, isThere: false));

    [Fact]
    public void C11_ShouldTell_WhenPubSubLosesMessages() =>
        Broken("C11", OfTwo().Says(Ana, "a1", "x").At(60).Logs(new NodeLogFacts { Repairs = [.. Enumerable.Range(10, 8).Select(i => Clock.Seconds(i))] }));

    [Fact]
    public void C11_ShouldTell_WhenADeadLetterIsOfNoKnownKind() =>
        Broken("C11", OfTwo().Logs(new NodeLogFacts { DeadLetters = new Dictionary<string, int> { ["Surprise"] = 1 } }));

    [Theory]
    [InlineData("PostMessage")]
    [InlineData("AttachLinkCards")]
    [InlineData("ChangePicture")]
    public void C11_ShouldAcceptACommandThatFindsNobody_ForItIsAskedAgain(string command) =>
        Clean(OfTwo().Logs(new NodeLogFacts { DeadLetters = new Dictionary<string, int> { [command] = 1 } }));

    private static Story Stalled(bool isTold, bool isThere = true)
    {
        var story = OfTwo().Uses(RoomUse.Flood);
        if (!isThere)
        {
            story.Note(Op.Close, Bob);
        }

        story.Note(Op.StallBegin, Bob);
        for (var i = 0; i < 250; i++)
        {
            story.Stored(EventKind.Message, Ana, $"a{i}", "x").Sends(Ana, $"a{i}", "x", seq: 4 + i, bytes: 12_000).Gets(Ana, 4 + i);
        }

        story.Note(Op.StallEnd, Bob);
        if (isTold)
        {
            story.Note(Op.Lagged, Bob, 253);
        }

        return story;
    }

    private static JournalRow Row(long nr, params long[] seqs) => new(nr, seqs.Length == 0, [.. seqs.Select(seq => new LogEvent(seq, EventKind.Message, Ana, $"c{seq}", "x"))]);

    /// <summary>Answers to attempts that were under way at the same time, and what both then got.</summary>
    private static IReadOnlyList<Violation> Overlapping(Story story, params (string Cid, long Attempt, long Seq)[] acks)
    {
        foreach (var (cid, attempt, seq) in acks)
        {
            story.Answer(cid[0] == 'a' ? Ana : Bob, cid, attempt, seq);
        }

        return story.Gets(Ana, 4).Gets(Bob, 4).Gets(Ana, 5).Gets(Bob, 5).Check();
    }

    private static void Clean(Story story) => Assert.Empty(story.Check());

    private static void Broken(string check, Story story) => Assert.Contains(story.Check(), violation => violation.Check == check);
}
