using AkkaChat.Chaos.Histories;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>The checks that bound a time: what is late, and what has not had its time yet.</summary>
public sealed class TimeCheckerSpecs
{
    [Fact]
    public void C5_ShouldTell_WhenAnEventIsLate() => Broken("C5", GetsAt(7));

    [Fact]
    public void C5_ShouldWaitForTheEndOfAFault() => Clean(GetsAt(9).Fault("kill-room", 0.5, 0.5, 6));

    /// <summary>60 s late, of which the machine was slow for one.</summary>
    [Fact]
    public void C5_ShouldTell_WhenAnEventIsLaterThanTheMachineWasSlow() => Broken("C5", GetsAt(60).Starves(3, 4));

    [Fact]
    public void C5_ShouldAcceptAnEventThatIsLate_ByNoMoreThanTheMachineWasSlow() => Clean(GetsAt(9).Starves(2, 4));

    [Fact]
    public void C5_ShouldTell_WhenAResumptionIsLate() => Broken("C5", ResumesAt(38));

    [Fact]
    public void C5_ShouldAcceptAResumption_AfterALongAbsence() => Clean(ResumesAt(33));

    [Fact]
    public void C5_ShouldAcceptAResumption_ThatAFaultHolds() => Clean(ResumesAt(38).Fault("kill-edge", 30, 30, 36));

    [Fact]
    public void C5_ShouldTell_WhenNobodyCanConnect() =>
        Broken("C5", OfTwo().At(10).Close(Bob).Dials(Bob).At(20).Connect(Bob, 2));

    [Fact]
    public void C6_ShouldTell_WhenSomebodyReadsEventsAfterLeaving()
    {
        foreach (var way in new[] { "events", "sync" })
        {
            Broken("C6", Left().Reads(Bob, way, "ok"));
            Clean(Left().Reads(Bob, way, "forbidden"));
        }

        Story Left() => OfTwo().Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob).Gets(Ana, 4).Gets(Bob, 4).Note(Op.Removed, Bob).At(5);
    }

    [Fact]
    public void C9_ShouldTell_WhenSomebodyConnectedIsNotShown() => Broken("C9", OfTwo().At(60).Looks(Ana, "ok", Ana));

    [Fact]
    public void C9_ShouldTell_WhenSomebodyWhoLeftIsShown() => Broken("C9", OfTwo().At(20).Close(Bob, "bye").At(60).Looks(Ana, "ok", Ana, Bob));

    [Fact]
    public void C9_ShouldGiveACrashedClientItsTime() =>
        Clean(OfTwo().At(20).Close(Bob).At(60).Looks(Ana, "ok", Ana, Bob).At(70).Looks(Ana, "ok", Ana));

    /// <summary>The edge of the earlier connection has crashed and its users have not run out yet.</summary>
    [Fact]
    public void C9_ShouldGiveACrashedConnectionItsTime_WhenItsUserCameBackAndLeft() =>
        Clean(OfTwo().At(20).Close(Bob).At(21).Connect(Bob, 2).At(25).Close(Bob, "bye").At(60).Looks(Ana, "ok", Ana, Bob).At(70).Looks(Ana, "ok", Ana));

    [Fact]
    public void C9_ShouldAcceptSomebodyWhoIsAboutToConnect() =>
        Clean(OfTwo().At(20).Close(Bob, "bye").At(59).Dials(Bob).At(60).Looks(Ana, "ok", Ana, Bob).At(63).Connect(Bob, 2));

    [Fact]
    public void C9_ShouldTell_WhenPresenceIsKnownWithoutRedis() => Broken("C9", OfTwo().Fault("redis-kill", 20, 60, 61).At(50).Looks(Ana, "ok", Ana, Bob));

    [Fact]
    public void C9_ShouldTell_WhenPresenceIsUnknownForNoReason() => Broken("C9", OfTwo().At(60).Looks(Ana, "unknown"));

    /// <summary>Faults with the longest short rests and the shortest calm ones between them, as the nemesis makes them, and a wrong look each second.</summary>
    [Theory]
    [InlineData("kill-room", 27)]
    [InlineData("redis-kill", 42)]
    public void C9_ShouldTell_WhenEveryLookBetweenFaultsIsWrong(string kind, double calm)
    {
        Broken("C9", Run(Ana));
        Clean(Run(Ana, Bob));

        Story Run(params string[] shown)
        {
            var story = OfTwo();
            var begin = 30.0;
            foreach (var rest in new[] { 11, 11, calm })
            {
                story.Fault(kind, begin, begin + 1, begin + 9);
                for (var second = begin + 10; second < begin + 9 + rest; second++)
                {
                    story.At(second).Looks(Ana, "ok", shown);
                }

                begin += 9 + rest;
            }

            return story;
        }
    }

    [Fact]
    public void C9_ShouldSettleNoFaster_WhenTheMachineIsSlow()
    {
        Broken("C9", Look());
        Clean(Look().Starves(62, 66));

        static Story Look() => OfTwo().Fault("kill-room", 50, 50, 60).At(78).Looks(Ana, "ok", Ana);
    }

    [Fact]
    public void C10_ShouldTell_WhenRoomsAreBackTooLate() => Broken("C10", BackAt(33));

    /// <summary>28 s, of which the machine was slow for 1.5 s and their aftermath.</summary>
    [Fact]
    public void C10_ShouldTell_WhenTheMachineWasSlowForLessThanRoomsAreLate() => Broken("C10", BackAt(38).Starves(15, 16).Starves(15.5, 16.5));

    [Fact]
    public void C10_ShouldAcceptRoomsThatAreLate_ByNoMoreThanTheMachineWasSlow() => Clean(BackAt(38).Starves(15, 18).Starves(20, 24));

    [Fact]
    public void C10_ShouldAcceptWhatIsWithinTheBound() => Clean(BackAt(29));

    /// <summary>A message is acknowledged right after the kill, and then nothing for most of a minute.</summary>
    [Fact]
    public void C10_ShouldTell_WhenARoomFallsSilentAgain()
    {
        Broken("C10", Relapse(60));
        Clean(Relapse(25));

        static Story Relapse(double second) =>
            OfTwo().Fault("kill-room", 10, 10, 12).At(10.1).Says(Ana, "a0", "back").Silent(from: 11, until: second);
    }

    /// <summary>One who waits alone has lost the connection, not the room.</summary>
    [Fact]
    public void C10_ShouldAcceptOneWhoWaitsAlone() =>
        Clean(
            OfTwo().Fault("kill-room", 10, 10, 12).At(10.1).Says(Ana, "a0", "x").Stored(EventKind.Message, Ana, "a1", "y")
                .At(12).Sends(Ana, "a1", "y", outcome: null).At(50).Sends(Ana, "a1", "y", seq: 5).Gets(Ana, 5).Gets(Bob, 5).At(60));

    [Theory]
    [InlineData("redis-kill")]
    [InlineData("redis-hang")]
    [InlineData("redis-flush")]
    public void C10_ShouldTell_WhenSendsWaitForRedis(string kind)
    {
        Broken("C10", OfTwo().Fault(kind, 10, 28, 40).Silent(from: 10.5, until: 29));
        Clean(OfTwo().Fault(kind, 10, 28, 40).Silent(from: 10.5, until: 11.8));
    }

    /// <summary>A room node is killed at 10 s; its room stores what is sent again at that second.</summary>
    private static Story BackAt(double second) => OfTwo().Fault("kill-room", 10, 10, 40).Silent(from: 11, until: second);

    private static Story GetsAt(double second) =>
        OfTwo().Stored(EventKind.Message, Ana, "a1", "x").At(1).Sends(Ana, "a1", "x", seq: 4).Gets(Ana, 4).At(second).Gets(Bob, 4);

    /// <summary>Bob is away from 10 to 30 s, and what was said meanwhile comes at that second.</summary>
    private static Story ResumesAt(double second) =>
        OfTwo().At(10).Close(Bob, "bye").Stored(EventKind.Message, Ana, "a1", "x").At(15).Sends(Ana, "a1", "x", seq: 4).Gets(Ana, 4)
            .At(30).Dials(Bob).At(second).Gets(Bob, 4, Op.Resume, connection: 2).Connect(Bob, 2);

    private static void Clean(Story story) => Assert.Empty(story.Check());

    private static void Broken(string check, Story story) => Assert.Contains(story.Check(), violation => violation.Check == check);
}
