using Akka.Actor;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class GroupCommitSpecs
{
    private static readonly RoomOptions Options = new() { MaxBatchEvents = 4, MaxBatchBytes = 430, MaxPending = 12 };

    /// <summary>-1: the write in flight commits. Else a decision of that many events, with texts of that length.</summary>
    private static readonly Gen<(int Events, int Chars)[]> Steps =
        Gen.Select(Gen.Frequency((4, -1), (3, 0), (6, 1), (1, 2)), Gen.Int[0, 45]).Array[0, 60];

    [Fact]
    public void Replies_ShouldLeaveOnceInOrder_AndOnlyAfterTheirEvents() => Steps.ForAll(
        steps =>
        {
            var run = new Run();
            foreach (var (events, chars) in steps)
            {
                if (events < 0)
                {
                    run.Commit();
                }
                else
                {
                    run.Decide(events, chars);
                }
            }

            run.Drain();
        },
        cases: 20_000);

    [Fact]
    public void TryAdd_ShouldRefuse_WhenNothingIsUnderWayAndNothingIsToBeWritten()
    {
        var commit = new GroupCommit(Options);
        Assert.False(commit.TryAdd(Decision.Unchanged(new ChangeAck(1, false)), new Asker(Nobody.Instance, null), RoomState.Empty));
        Assert.Equal(0, commit.Pending);
        Assert.True(commit.IsIdle);
    }

    [Fact]
    public void Abandon_ShouldNameEveryoneWhoWaits_WhetherInFlightOrNot()
    {
        var run = new Run();
        for (var i = 0; i < 11; i++)
        {
            run.Decide(i % 3, 10);
        }

        Assert.Equal(run.GroupCommit.Pending, run.GroupCommit.Abandon().Count);
        Assert.True(run.GroupCommit.Pending > 5);
    }

    [Fact]
    public void TryAdd_ShouldBoundTheRow_WhateverItsEventsAre()
    {
        var options = new RoomOptions();
        var commit = new GroupCommit(options);
        var topic = new string('t', 16 * 1024);
        for (var seq = 1; seq <= 64; seq++)
        {
            RoomEvent made = new RoomCreated(seq, Start, "", topic, RoomVisibility.Public, Ana);
            commit.TryAdd(Decision.Change(new ChangeAck(seq, true), made), new Asker(Nobody.Instance, null), RoomState.Empty);
        }

        var rows = 0;
        for (; commit.StartNext() is { } row; rows++)
        {
            Assert.InRange(row.Events.Sum(RoomEventCatalogue.SizeOf), 1, options.MaxBatchBytes);
            commit.Complete();
        }

        Assert.Equal(5, rows);
    }

    [Fact]
    public void Complete_ShouldThrow_WhenNothingIsInFlight() =>
        Assert.Throws<InvalidOperationException>(() => new GroupCommit(Options).Complete());

    /// <summary>The room's use of it, and what must hold at each step.</summary>
    private sealed class Run
    {
        private readonly Dictionary<long, long> _mustBeCommitted = []; // by the number of the reply
        private RoomState _state = RoomState.Empty.Apply(new RoomCreated(1, Start, "", "", RoomVisibility.Public, Ana));
        private long _decided;
        private long _answered;
        private long _committed = 1;
        private CommitBatch? _inFlight;

        public GroupCommit GroupCommit { get; } = new(Options);

        public void Decide(int events, int chars)
        {
            if (GroupCommit.IsFull)
            {
                Assert.True(GroupCommit.Pending >= Options.MaxPending);
                return;
            }

            var number = ++_decided;
            var made = Enumerable.Range(1, events)
                .Select(i => (RoomEvent)new MessagePosted(_state.Seq + i, Start, _state.N + i, Guid.NewGuid(), Ana, new string('x', chars), 0, []))
                .ToArray();
            _state = _state.Apply(made);
            _mustBeCommitted[number] = _state.Seq;
            var nothingUnderWay = _inFlight is null;
            var added = GroupCommit.TryAdd(new Decision(new ChangeAck(number, true), [.. made]), new Asker(Nobody.Instance, null), _state);
            Assert.Equal(events > 0 || !nothingUnderWay, added);
            if (!added)
            {
                Answer(number);
            }

            StartNext();
            Assert.Equal(_decided - _answered, GroupCommit.Pending);
        }

        public void Commit()
        {
            if (_inFlight is null)
            {
                Assert.True(GroupCommit.IsIdle);
                return;
            }

            var batch = GroupCommit.Complete();
            Assert.Same(_inFlight, batch);
            Assert.Equal(batch.Events.Select((_, i) => _committed + 1 + i), batch.Events.Select(e => e.Seq));
            _committed = batch.Events[^1].Seq;
            Assert.Equal(_committed, batch.StateAfter.Seq);
            foreach (var (_, reply) in batch.Replies)
            {
                Answer(((ChangeAck)reply).Seq);
            }

            _inFlight = null;
            StartNext();
        }

        public void Drain()
        {
            while (_inFlight is not null)
            {
                Commit();
            }

            Assert.Equal(_decided, _answered);
            Assert.Equal(_state.Seq, _committed);
            Assert.Equal(0, GroupCommit.Pending);
            Assert.True(GroupCommit.IsIdle);
            Assert.Empty(GroupCommit.Abandon());
        }

        private void Answer(long number)
        {
            Assert.Equal(++_answered, number);
            Assert.True(_mustBeCommitted[number] <= _committed, $"reply {number} left before its events");
        }

        private void StartNext()
        {
            var wasInFlight = _inFlight;
            if (GroupCommit.StartNext() is not { } batch)
            {
                Assert.True(wasInFlight is not null || GroupCommit.IsIdle);
                return;
            }

            Assert.Null(wasInFlight);
            Assert.NotEmpty(batch.Events);
            // The last decision may bring more than one event, and one alone may be too long.
            Assert.InRange(batch.Events.Count, 1, Options.MaxBatchEvents + 1);
            Assert.True(batch.Events.Sum(RoomEventCatalogue.SizeOf) <= Options.MaxBatchBytes || batch.Events.Count <= 2);
            _inFlight = batch;
        }
    }
}
