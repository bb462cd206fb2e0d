using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Ingestion;

/// <summary>The order of one connection's sends, against rooms and a network that the spec plays.</summary>
public sealed class SendPipelineSpecs
{
    private const int Window = 8;

    private static readonly RoomId[] Rooms = [Some.Room, new($"r_{new string('2', 32)}")];

    private readonly VirtualTime _time = new();
    private readonly FakeRooms _rooms;
    private readonly ConnectionSends _connection;
    private readonly List<(PostMessage Command, Task<IReply> Answer)> _sends = [];

    public SendPipelineSpecs()
    {
        // What a reply or a timer sets off runs at once, on the spec's own thread.
        SynchronizationContext.SetSynchronizationContext(null);
        _rooms = new FakeRooms(_time);
        _connection = new ConnectionSends(_rooms, _time, Window);
    }

    private FakeRooms.FakeRoom Room => _rooms[Some.Room];

    [Fact]
    public void Sends_ShouldBeUnderWayTogether_WhenNothingIsAnswered()
    {
        SendMany(Window + 2);

        Assert.Equal(_sends.Take(Window).Select(send => send.Command.ClientId), Room.OnTheWay.Select(attempt => attempt.Command.ClientId));
        var orders = Room.OnTheWay.Select(attempt => attempt.Command.Order!).ToList();
        Assert.Equal([0, .. orders.SkipLast(1).Select(order => order.Number)], orders.Select(order => order.Follows));
        DeliverAll();
        Room.Commit();
        Assert.Equal(2, Room.OnTheWay.Count);
    }

    [Fact]
    public void Send_ShouldGoAgainBeforeTheOnesBehindIt_WhenItIsLost()
    {
        SendMany(3);
        Room.OnTheWay.RemoveAt(0);
        DeliverAll();
        Assert.All(_sends, send => Assert.False(send.Answer.IsCompleted));

        Settle();

        AssertInOrder();
        Assert.All(_sends, send => Assert.IsType<PostAck>(Reply(send.Answer)));
    }

    [Fact]
    public void Sends_ShouldGoOneByOneAndThenFaster_WhenTheOrderWasBroken()
    {
        SendMany(Window);
        Room.OnTheWay.RemoveAt(0);
        DeliverAll();
        Wait(TimeSpan.FromSeconds(3.2));

        for (var width = 1; width <= 4; width *= 2)
        {
            Assert.Equal(width, Room.OnTheWay.Count);
            DeliverAll();
            Room.Commit();
        }
    }

    [Fact]
    public void Sends_ShouldGoOn_WhenOneIsRefused()
    {
        SendMany(2);
        Room.Refuses = NackCode.Invalid;
        Room.Deliver(Room.OnTheWay, 0);
        Room.Refuses = null;

        Settle();

        Assert.Equal(NackCode.Invalid, Assert.IsType<Nack>(Reply(_sends[0].Answer)).Code);
        Assert.IsType<PostAck>(Reply(_sends[1].Answer));
    }

    [Fact]
    public void Sends_ShouldAllBeUnavailable_WhenTheRoomIsAwayForLong()
    {
        SendMany(Window);
        for (var seconds = 0; seconds < 14; seconds++)
        {
            Room.OnTheWay.Clear();
            Wait(TimeSpan.FromSeconds(1));
        }

        Assert.All(_sends, send => Assert.Equal(NackCode.Unavailable, Assert.IsType<Nack>(Reply(send.Answer)).Code));
    }

    [Fact]
    public void Order_ShouldBeKept_WhateverBecomesOfTheAttempts() =>
        Gen.Select(Gen.Int[0, 31], Gen.Int[0, 1000]).Array[10, 150].ForAll(
            steps =>
            {
                var spec = new SendPipelineSpecs();
                foreach (var (kind, n) in steps)
                {
                    spec.Step(kind, n);
                }

                spec.Settle();
                spec.AssertInOrder();
            },
            cases: 10_000);

    private static IReply Reply(Task<IReply> answer) => answer.IsCompleted ? answer.GetAwaiter().GetResult() : throw new InvalidOperationException();

    private void Step(int kind, int n)
    {
        var room = _rooms[Rooms[n % Rooms.Length]];
        switch (kind)
        {
            case < 9:
                SendMany(1, Rooms[n % Rooms.Length]);
                break;
            case < 16:
                room.Deliver(room.OnTheWay, 0);
                break;
            case < 18:
                room.Deliver(room.OnTheWay, 0, room.Delayed.Add);
                break;
            case < 20:
                room.Deliver(room.Delayed, n);
                break;
            case 20:
                room.Deliver(room.OnTheWay, 0, _ => { });
                break;
            case < 24:
                room.Commit();
                break;
            case 24:
                room.StartAgain(saysSo: n % 3 == 0);
                break;
            case 25:
                room.Refuses = (n % 4) switch { 0 => NackCode.Busy, 1 => NackCode.Forbidden, _ => null };
                break;
            case 26:
                room.LooksUp = !room.LooksUp;
                break;
            case 27:
                room.EndLookUp(hasWorked: n % 3 > 0);
                break;
            case 28:
                room.IsHeard = !room.IsHeard;
                break;
            default:
                Wait(TimeSpan.FromMilliseconds(n * 4));
                break;
        }
    }

    private void SendMany(int count, RoomId? room = null)
    {
        for (var i = 0; i < count; i++)
        {
            var command = new PostMessage(room ?? Some.Room, Some.Ana, Guid.CreateVersion7(), "hi", 0);
            _sends.Add((command, _connection.AskAsync(command)));
        }
    }

    private void DeliverAll()
    {
        foreach (var room in Rooms.Select(room => _rooms[room]))
        {
            for (var left = room.OnTheWay.Count; left > 0; left--)
            {
                room.Deliver(room.OnTheWay, 0);
            }
        }
    }

    private void Wait(TimeSpan time)
    {
        _time.Advance(time);
        _rooms.TimeOut();
        _time.Advance(TimeSpan.FromMilliseconds(260));
    }

    /// <summary>All is well again: every send must get its answer, and what is still on some way may arrive whenever it will.</summary>
    private void Settle()
    {
        foreach (var room in Rooms.Select(room => _rooms[room]))
        {
            (room.Refuses, room.LooksUp, room.IsHeard) = (null, false, true);
        }

        for (var rounds = 0; _sends.Any(send => !send.Answer.IsCompleted); rounds++)
        {
            Assert.True(rounds < 500, "A send is not answered.");
            DeliverAll();
            foreach (var room in Rooms.Select(room => _rooms[room]))
            {
                room.Deliver(room.Delayed, rounds);
                room.EndLookUp(hasWorked: true);
                room.Commit();
            }

            Wait(TimeSpan.FromMilliseconds(500));
        }
    }

    private void AssertInOrder()
    {
        foreach (var room in Rooms)
        {
            var sends = _sends.Where(send => send.Command.Room == room).ToList();
            var seqs = sends.Select(send => Reply(send.Answer)).OfType<PostAck>().Select(ack => ack.Seq).ToList();
            Assert.Equal(seqs.Order(), seqs);
            Assert.Distinct(seqs);
            var refused = sends.Where(send => Reply(send.Answer) is Nack { Code: NackCode.Busy });
            Assert.All(refused, send => Assert.False(_rooms[room].Has(send.Command.ClientId)));
            Assert.DoesNotContain(sends, send => Reply(send.Answer) is Nack { Code: NackCode.OutOfOrder });
        }
    }
}
