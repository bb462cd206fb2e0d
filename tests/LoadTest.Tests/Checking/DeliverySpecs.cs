using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Planning;

namespace AkkaChat.LoadTest.Tests.Checking;

/// <summary>The checker with histories that are right, and with ones that are plainly wrong: each wrong one is found, under its name.</summary>
public sealed class DeliverySpecs
{
    private readonly Findings _findings = new();
    private readonly MessageTable _messages = new(new LoadPlan(Options.Of("--users", "3", "--rooms", "1", "--rate", "10", "--duration", "2", "--ramp", "0")));
    private readonly RoomRecord _room;
    private readonly ReaderLog _reader;

    public DeliverySpecs()
    {
        _room = new RoomRecord(0, "r_1", _messages, _findings);
        _reader = new ReaderLog(_room, "ana", _findings);
        for (var k = 0; k < _messages.Count; k++)
        {
            _messages[k] = new MessageRecord { Cid = Guid.CreateVersion7(), State = SendState.Acked, Attempts = 1, Connection = 1, Seq = Seq(k) };
        }

        _reader.Open(3);
    }

    [Fact]
    public void Run_ShouldHaveNoFinding_WhenEverythingCameOnceAndInOrder()
    {
        Live(0, 1, 2, 3, 4);
        _room.Check(History(0, 1, 2, 3, 4), 1, 5);
        _reader.Finish(_room.Head);

        Assert.Equal(0, _findings.Total);
        Assert.True(_reader.HasAll(_room.Head));
    }

    [Fact]
    public void Lost_ShouldBeFound_WhenALiveEventIsLeftOut_EvenIfItIsPulled()
    {
        Live(0, 1, 3);
        Assert.Equal(Seq(1), _reader.Applied);
        Assert.True(_reader.TakeStored(Event(2)));
        _reader.CheckBrought(Seq(1), Seq(3));
        Assert.True(_reader.IsComplete);
        _reader.Finish(_room.Head);

        Found(Fault.Lost, 1);
    }

    [Fact]
    public void Lost_ShouldBeFound_WhenTheLastEventDoesNotCome()
    {
        Live(0, 1);
        _room.Check(History(0, 1, 2), 1, 3);
        Assert.False(_reader.HasAll(_room.Head));
        _reader.Finish(_room.Head);

        Assert.True(_findings.Counts[Fault.Lost] > 0);
        Assert.Equal(_findings.Total, _findings.Counts[Fault.Lost]);
    }

    [Fact]
    public void Lost_ShouldBeFound_WhenAPullLeavesSomethingOut()
    {
        _reader.Lagged(Seq(2));
        _reader.TakeStored(Event(0));
        _reader.TakeStored(Event(2));
        _reader.CheckBrought(3, Seq(2));

        Found(Fault.Lost, 1);
    }

    [Fact]
    public void Doubled_ShouldBeFound_WhenAnEventComesTwiceOnOneConnection()
    {
        Live(0, 1, 1, 2);

        Found(Fault.Doubled, 1);
    }

    [Fact]
    public void Doubled_ShouldBeFound_WhenAMessageIsStoredTwice()
    {
        Live(0, 1);
        _reader.TakeLive(new RoomEvent(Seq(2), 1, _messages[1].Cid, true));

        Found(Fault.Doubled, 1);
    }

    [Fact]
    public void OutOfOrder_ShouldBeFound_AndBeNoLoss_WhenTwoEventsAreSwapped()
    {
        Live(0, 2, 1, 3);
        _reader.Finish(_room.Head);

        Found(Fault.OutOfOrder, 1);
    }

    [Fact]
    public void OutOfOrder_ShouldBeFound_WhenTheSendsOfOneConnectionAreStoredInAnotherOrder()
    {
        // 0 and 3 are of the same user.
        _messages[0].Seq = Seq(3);
        _messages[3].Seq = Seq(0);
        _room.Check([new(1, -1, default, true), new(2, -1, default, true), new(3, -1, default, true), Event(3, Seq(0)), Event(1), Event(2), Event(0, Seq(3))], 1, 4);

        Found(Fault.OutOfOrder, 1);
    }

    [Fact]
    public void Order_ShouldNotBeAskedFor_AcrossConnectionsOrRetries()
    {
        _messages[0].Seq = Seq(3);
        _messages[0].Attempts = 2;
        _messages[3].Seq = Seq(0);
        _room.Check([new(1, -1, default, true), new(2, -1, default, true), new(3, -1, default, true), Event(3, Seq(0)), Event(1), Event(2), Event(0, Seq(3))], 1, 4);

        Assert.Equal(0, _findings.Total);
    }

    [Fact]
    public void AckedButMissing_ShouldBeFound_WhenTheHistoryLacksAMessage()
    {
        _room.Check(History(0, 1, 2), 1, 4);

        Found(Fault.AckedButMissing, 1);
    }

    [Fact]
    public void AckedButMissing_ShouldBeFound_WhenAMessageStandsElsewhereThanAcknowledged()
    {
        _messages[2].Seq = 99;
        _room.Check(History(0, 1, 2), 1, 3);

        Found(Fault.AckedButMissing, 1);
    }

    [Fact]
    public void RefusedButStored_ShouldBeFound()
    {
        _messages[1].State = SendState.Refused;
        _room.Check(History(0, 1, 2), 1, 3);

        Found(Fault.RefusedButStored, 1);
    }

    [Fact]
    public void UnknownOutcome_ShouldBeNoFinding_StoredOrNot()
    {
        _messages[1].State = SendState.Unknown;
        _messages[3].State = SendState.Unknown;
        _room.Check(History(0, 1, 2), 1, 4);

        Assert.Equal(0, _findings.Total);
    }

    [Fact]
    public void Altered_ShouldBeFound_WhenATextIsNotWhatWasSent()
    {
        _reader.TakeLive(Event(0) with { IsIntact = false });

        Found(Fault.Altered, 1);
    }

    [Fact]
    public void Altered_ShouldBeFound_WhenTwoReadersGetDifferentMessagesUnderOneSeq()
    {
        var other = new ReaderLog(_room, "ben", _findings);
        other.Open(3);
        Live(0);
        other.TakeLive(Event(1, Seq(0)));

        Assert.Equal(1, _findings.Counts[Fault.Altered]);
    }

    [Fact]
    public void Hole_ShouldBeFound_InTheHistoryItself()
    {
        _room.Check(History(0, 2), 1, 1);

        Found(Fault.Lost, 1);
    }

    [Fact]
    public void Withheld_ShouldBeNoLoss_WhenTheServerSaysSo_AndLiveGoesOnBehindIt()
    {
        Live(0, 1);
        _reader.Lagged(Seq(4));
        Live(5);
        Assert.Equal(Seq(1), _reader.Applied);
        foreach (var k in new[] { 2, 3, 4 })
        {
            Assert.True(_reader.TakeStored(Event(k)));
        }

        _reader.CheckBrought(Seq(1), Seq(4));
        _reader.Finish(_room.Head);

        Assert.Equal(0, _findings.Total);
    }

    [Fact]
    public void Resume_ShouldOweWhatTheOldConnectionDidNotBring()
    {
        Live(0, 1);
        _reader.Detach();
        _reader.Attach();
        _reader.TakeStored(Event(2));
        _reader.TakeStored(Event(3));
        _reader.CheckBrought(Seq(1), Seq(3));
        _reader.Resumed(Seq(3));
        Live(4);
        _reader.Finish(_room.Head);

        Assert.Equal(0, _findings.Total);
    }

    [Fact]
    public void Lost_ShouldBeFound_WhenTheConnectionSkipsWhatFollowsAResume()
    {
        Live(0, 1);
        _reader.Detach();
        _reader.Attach();
        _reader.TakeStored(Event(2));
        _reader.Resumed(Seq(2));
        Live(4);
        _reader.Finish(_room.Head);

        Assert.True(_findings.Counts[Fault.Lost] > 0);
    }

    [Fact]
    public void Beacon_ShouldShowTheMissingEnd_AndALateLiveEventShouldStillBeTheFirst()
    {
        Live(0);
        _reader.Know(Seq(1));
        Assert.False(_reader.IsComplete);
        Assert.True(_reader.TakeLive(Event(1)));
        Assert.True(_reader.IsComplete);
        Assert.Equal(0, _findings.Total);
    }

    private static long Seq(int message) => message + 4;

    private RoomEvent Event(int message, long? seq = null) => new(seq ?? Seq(message), message, _messages[message].Cid, true);

    private void Live(params int[] messages)
    {
        foreach (var message in messages)
        {
            _reader.TakeLive(Event(message));
        }
    }

    /// <summary>Three joins and these messages.</summary>
    private List<RoomEvent> History(params int[] messages) =>
        [.. Enumerable.Range(1, 3).Select(seq => new RoomEvent(seq, RoomEvent.NoMessage, default, true)), .. messages.Select(message => Event(message))];

    private void Found(Fault fault, long count)
    {
        Assert.Equal(count, _findings.Counts[fault]);
        Assert.Equal(count, _findings.Total);
        Assert.Contains(_findings.First, found => found.Fault == fault && found.What.Contains("r_1", StringComparison.Ordinal));
    }
}
