using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Sockets;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>One socket's rooms against a relay that the spec plays.</summary>
public sealed class SessionRoomsSpecs : TestKit
{
    private readonly FakeLog _log = new();
    private readonly FakeWebSocket _socket = new();
    private readonly ClientConnection _connection;
    private readonly TestProbe _relay;
    private readonly SessionRooms _rooms;
    private Task _running = Task.CompletedTask;

    public SessionRoomsSpecs()
        : base(RoomRelaySpecs.Quiet)
    {
        var options = new SocketOptions { MaxQueuedFrames = 16 };
        _connection = new ClientConnection(_socket, options, TimeProvider.System);
        _relay = CreateTestProbe();
        _rooms = new SessionRooms(Some.Ben.Id, _connection, _relay, _log, TimeProvider.System);
    }

    [Fact]
    public async Task Events_ShouldGoThrough_WhenTheRelayIsAtTheClientsPlace()
    {
        Read();
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 5);
        Deliver(6, 7);
        await SeesAsync(6, 7);
        Assert.Equal(0, _log.Reads);
    }

    [Fact]
    public async Task Events_ShouldBeReadUpToTheRelaysPlace_WhenItAttachesLate()
    {
        Read();
        var gate = new TaskCompletionSource();
        _log.Gate = gate.Task;
        _log.Add(Some.Messages(1, 9));
        await AddAsync(5);

        _rooms.OnAttached(Some.Room, 8);
        Deliver(9, 12);
        Assert.Empty(_socket.Sent);
        gate.SetResult();

        await SeesAsync(6, 12);
    }

    [Fact]
    public async Task Events_ShouldNotComeTwice_WhenTheRelayIsBehindTheClient()
    {
        Read();
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 3);
        Deliver(4, 7);
        await SeesAsync(6, 7);
    }

    [Fact]
    public async Task Events_ShouldAllCome_WhenMoreArrivesThanIsHeld()
    {
        // The queue must take them, as a good reader's does.
        var options = new SocketOptions { MaxQueuedFrames = 10_000, MaxQueuedBytes = 100_000_000 };
        using var connection = new ClientConnection(_socket, options, TimeProvider.System);
        _ = connection.RunAsync(_ => ValueTask.CompletedTask, () => { });
        var rooms = new SessionRooms(Some.Ben.Id, connection, _relay, _log, TimeProvider.System);
        var gate = new TaskCompletionSource();
        _log.Gate = gate.Task;
        rooms.Add(Some.Room, 0);
        _log.Add(Some.Messages(1, 3000));

        rooms.OnAttached(Some.Room, 10);
        for (long seq = 11; seq <= 3000; seq++)
        {
            rooms.OnEvent(Some.Room, seq, ClientFrames.Event(Some.Room, Some.Message(seq)));
        }

        gate.SetResult();
        await SeesAsync(1, 3000);
        connection.Abort();
    }

    [Fact]
    public async Task CatchUp_ShouldTryAgain_WhenTheJournalCannotBeRead()
    {
        Read();
        _log.Add(Some.Messages(1, 7));
        _log.FailNext(1);
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 7);
        await SeesAsync(6, 7);
    }

    [Fact]
    public async Task Client_ShouldBeToldThatItLagged_WhenItsQueueWasFull()
    {
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 5);
        Deliver(6, 105);
        _rooms.NotifyLagged();
        Read();

        await SeesAsync(6, 21);
        _rooms.NotifyLagged();
        Deliver(106, 106);

        await Eventually.AssertAsync(() => Assert.Equal(18, _socket.Sent.Count));
        var lagged = _socket.Sent.ElementAt(16);
        Assert.Equal("room.lagged", lagged.GetProperty("ev").GetString());
        Assert.Equal(105, lagged.GetProperty("d").GetProperty("head").GetInt64());
        Assert.Equal(106, _socket.Sent.ElementAt(17).GetProperty("seq").GetInt64());
    }

    /// <summary>A reader who is always a little behind would never be told, if that needed an empty queue.</summary>
    [Fact]
    public async Task Client_ShouldBeToldThatItLagged_OnceItsQueueIsBelowHalf()
    {
        using var permits = new SemaphoreSlim(0);
        await using var slow = new Slow(permits, _relay, _log);
        slow.Rooms.Add(Some.Room, 5);
        slow.Rooms.OnAttached(Some.Room, 5);
        slow.Deliver(Some.Room, 6, 6);
        await slow.ReadAsync(0, left: 0); // it is being sent
        slow.Deliver(Some.Room, 7, 105);

        await slow.ReadAsync(8, left: 8);
        slow.Rooms.NotifyLagged();
        Assert.Equal(8, slow.Connection.Queued);
        await slow.ReadAsync(1, left: 7);
        slow.Rooms.NotifyLagged();
        Assert.Equal(8, slow.Connection.Queued);

        await slow.ReadAsync(9, left: 0);
        await Eventually.AssertAsync(() => Assert.Equal(18, slow.Socket.Sent.Count));
        Assert.Equal("room.lagged", slow.Socket.Sent.Last().GetProperty("ev").GetString());
    }

    [Fact]
    public async Task Client_ShouldBeToldOfAllItsRooms_WhenMoreHaveLaggedThanItsQueueHolds()
    {
        const int Rooms = 40;
        using var permits = new SemaphoreSlim(0);
        await using var slow = new Slow(permits, _relay, _log);
        for (var i = 0; i < Rooms; i++)
        {
            slow.Rooms.Add(Room(i), 5);
            slow.Rooms.OnAttached(Room(i), 5);
            slow.Deliver(Room(i), 6, 25);
        }

        permits.Release(1_000);
        await Eventually.AssertAsync(() =>
        {
            slow.Rooms.NotifyLagged();
            Assert.Equal(Rooms, slow.Socket.Sent.Count(frame => frame.GetProperty("ev").GetString() == "room.lagged"));
        });

        Assert.False(slow.Connection.Ended.IsCancellationRequested);
        static Messages.Ids.RoomId Room(int i) => new($"r_{i:x32}");
    }

    [Fact]
    public async Task Delivery_ShouldEndWithTheOwnLeaving_WhenItIsMetWhileCatchingUp()
    {
        Read();
        _log.Add(Some.Messages(1, 6));
        _log.Add(Some.Left(7, Some.Ben));
        _log.Add(Some.Messages(8, 9));
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 6);
        Deliver(10, 11);

        await SeesAsync(6, 7);
        await _relay.ExpectMsgAsync<RelayHub.Detach>();
        Deliver(12, 12);
        await SeesAsync(6, 7);
        Assert.False(_rooms.Contains(Some.Room));
    }

    [Fact]
    public async Task Delivery_ShouldEndWithWhatIsHeld_WhenTheRelaySaysRemovedMeanwhile()
    {
        Read();
        var gate = new TaskCompletionSource();
        _log.Gate = gate.Task;
        _log.Add(Some.Messages(1, 6));
        await AddAsync(5);
        _rooms.OnAttached(Some.Room, 6);
        _rooms.OnEvent(Some.Room, 7, ClientFrames.Event(Some.Room, Some.Left(7, Some.Ben)));
        Assert.True(_rooms.OnRemoved(Some.Room, 7));
        gate.SetResult();

        await SeesAsync(6, 7);
        await Eventually.AssertAsync(() => Assert.False(_rooms.Contains(Some.Room)));
    }

    [Fact]
    public async Task Delivery_ShouldGoOn_WhenTheEventOfAnEarlierLeavingComesLate()
    {
        Read();
        await AddAsync(8);
        _rooms.OnAttached(Some.Room, 6);
        _rooms.OnEvent(Some.Room, 7, ClientFrames.Event(Some.Room, Some.Left(7, Some.Ben)));

        Assert.False(_rooms.OnRemoved(Some.Room, 7));

        Deliver(8, 9);
        await SeesAsync(9, 9);
        _rooms.OnEvent(Some.Room, 10, ClientFrames.Event(Some.Room, Some.Left(10, Some.Ben)));
        Assert.True(_rooms.OnRemoved(Some.Room, 10));
        Assert.False(_rooms.Contains(Some.Room));
    }

    [Fact]
    public async Task Rooms_ShouldDetachAndDropWhatComesLate_WhenTheConnectionEnds()
    {
        Read();
        await AddAsync(5);
        _rooms.End();
        await _relay.ExpectMsgAsync<RelayHub.Detach>();
        _rooms.OnAttached(Some.Room, 5);
        await _relay.ExpectMsgAsync<RelayHub.Detach>();
        Deliver(6, 6);
        _rooms.OnEphemeral(Some.Room, ClientFrames.Pong);
        _rooms.Add(Some.Room, 6);
        await _relay.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        Assert.Empty(_socket.Sent);
    }

    protected override void AfterAll()
    {
        _connection.Abort();
        _running.WaitAsync(Eventually.DefaultTimeout).GetAwaiter().GetResult();
        _connection.Dispose();
        base.AfterAll();
    }

    private void Read() => _running = _connection.RunAsync(_ => ValueTask.CompletedTask, () => { });

    private async Task AddAsync(long last)
    {
        _rooms.Add(Some.Room, last);
        Assert.Same(_rooms, (await _relay.ExpectMsgAsync<RelayHub.Attach>()).Subscriber);
    }

    private void Deliver(long from, long to)
    {
        for (var seq = from; seq <= to; seq++)
        {
            _rooms.OnEvent(Some.Room, seq, ClientFrames.Event(Some.Room, Some.Message(seq)));
        }
    }

    private async Task SeesAsync(long from, long to)
    {
        await Eventually.AssertAsync(() => Assert.Equal((int)(to - from + 1), _socket.Sent.Count));
        Assert.Equal(
            Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => (long)i), _socket.Sent.Select(frame => frame.GetProperty("seq").GetInt64()));
    }

    /// <summary>A socket with a queue of 16 frames, whose peer takes one for each permit.</summary>
    private sealed class Slow : IAsyncDisposable
    {
        private readonly SemaphoreSlim _permits;
        private readonly Task _running;

        public Slow(SemaphoreSlim permits, TestProbe relay, FakeLog log)
        {
            _permits = permits;
            Socket = new FakeWebSocket { Permits = permits };
            Connection = new ClientConnection(Socket, new SocketOptions { MaxQueuedFrames = 16 }, TimeProvider.System);
            Rooms = new SessionRooms(Some.Ben.Id, Connection, relay, log, TimeProvider.System);
            _running = Connection.RunAsync(_ => ValueTask.CompletedTask, () => { });
        }

        public FakeWebSocket Socket { get; }

        public ClientConnection Connection { get; }

        public SessionRooms Rooms { get; }

        public void Deliver(Messages.Ids.RoomId room, long from, long to)
        {
            for (var seq = from; seq <= to; seq++)
            {
                Rooms.OnEvent(room, seq, ClientFrames.Event(room, Some.Message(seq)));
            }
        }

        /// <summary>The peer takes some frames; then so many are queued, besides the one that is being sent.</summary>
        public async Task ReadAsync(int frames, int left)
        {
            if (frames > 0)
            {
                _permits.Release(frames);
            }

            await Eventually.AssertAsync(() => Assert.Equal(left, Connection.Queued));
        }

        public async ValueTask DisposeAsync()
        {
            _permits.Release(1_000);
            Connection.Abort();
            await _running.WaitAsync(Eventually.DefaultTimeout);
            Connection.Dispose();
        }
    }
}
