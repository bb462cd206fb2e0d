using System.Buffers;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Driving;

/// <summary>
/// A user of the run: keeps a connection, sends what is due, follows its rooms, resumes and pulls as docs/protocol.md asks of a client.
/// What comes in is handled in <c>VirtualUser.Frames.cs</c>.
/// </summary>
internal sealed partial class VirtualUser
{
    private const int SoonMs = 500;
    private const int LongestPauseMs = 20_000;
    private const long NotBroken = -1;

    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(2);

    private readonly RunContext _context;
    private readonly ChatSockets _sockets;
    private readonly Outbox _outbox = new();
    private readonly ArrayBufferWriter<byte> _sending = new(512);
    private readonly double _beatShare = 0.5 + (Random.Shared.NextDouble() / 2);
    private TaskCompletionSource _reading = Resumed();
    private ChatSocket? _socket;
    private int _connection;
    private long _lastSent;
    private long _lastReceived;
    private long _brokenAt = NotBroken;
    private long _connectedAt;

    public VirtualUser(RunContext context, ChatSockets sockets, int index, Account account, IEnumerable<RoomRecord> rooms)
    {
        _context = context;
        _sockets = sockets;
        Account = account;
        IsSlow = context.Plan.IsSlow(index);
        _rooms = [.. rooms.Select(room => new Membership(room, new ReaderLog(room, account.Name, context.Findings)))];
        _roomsByPlan = _rooms.ToDictionary(room => room.Record.Index, room => room.Record.Id);
        _roomsById = _rooms.Select((room, i) => (room.Record.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Account Account { get; }

    /// <summary>Stops reading in the middle of the run, on purpose.</summary>
    public bool IsSlow { get; }

    /// <summary>Connected, and told everything that it had missed.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Broken on purpose, and not back yet.</summary>
    public bool IsReturning => Volatile.Read(ref _brokenAt) != NotBroken;

    /// <summary>Why the server wants no connection of this user any more; null if it has not said so.</summary>
    public string? OutBecause { get; private set; }

    public string LastFailure { get; private set; } = "it was not tried";

    /// <summary>Whether all that it sent has been answered.</summary>
    public bool IsSettled => _outbox.IsSettled;

    public void Send(int message) => _outbox.Add(message);

    /// <summary>Breaks the connection; it is made again at once.</summary>
    public void Break()
    {
        Volatile.Write(ref _brokenAt, _context.Clock.Now);
        _socket?.Abort();
    }

    /// <summary>Stops reading, as a device does whose network is slow.</summary>
    public void Stall() => _reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Unstall() => _reading.TrySetResult();

    /// <summary>A sign of life where nothing was sent for long, and an end where nothing came.</summary>
    public void Beat(long now)
    {
        if (!IsConnected)
        {
            return;
        }

        if (now - _lastReceived > _heartbeat + _heartbeat + 10_000_000 && _reading.Task.IsCompleted)
        {
            _socket?.Abort();
        }
        else if (now - _lastSent > _heartbeat * _beatShare)
        {
            _lastSent = now;
            _outbox.AddControl(Requests.Ping);
        }
    }

    /// <summary>Stays connected until the end, and then says goodbye.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        for (var failures = 0; !end.IsCancellationRequested && OutBecause is null;)
        {
            var wasConnected = false;
            int? code = null;
            try
            {
                await ConnectAndFollowAsync(end);
            }
            catch (ConnectionEndedException e)
            {
                wasConnected = IsConnected;
                code = e.Code;
                EndConnection(e, wasConnected);
            }
            catch (Exception) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A fault of the load test itself: the run fails for it, and what it found is reported all the same.
                OutBecause = $"the load test failed: {e}";
                EndConnection(new ConnectionEndedException("a fault of the load test"), IsConnected);
                return;
            }

            if (code is >= 4500 and <= 4999)
            {
                OutBecause = $"the server closed its connection with {code}";
                return;
            }

            failures = wasConnected ? 0 : failures + 1;
            try
            {
                if (code == 4401)
                {
                    await TokenAsync(renew: true, end);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(PauseMs(failures)), _context.Clock.Time, end);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ConnectionEndedException e)
            {
                LastFailure = e.Message;
            }
        }
    }

    private static TaskCompletionSource Resumed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    /// <summary>Full jitter; soon after a connection that had worked.</summary>
    private static int PauseMs(int failures) =>
        Random.Shared.Next(failures == 0 ? SoonMs : Math.Min(LongestPauseMs, SoonMs << Math.Min(failures, 6)));

    private async Task<string> TokenAsync(bool renew, CancellationToken end)
    {
        try
        {
            return await _context.Api.TokenAsync(Account, renew, end);
        }
        catch (UnusableServerException e)
        {
            throw new ConnectionEndedException(e.Message);
        }
    }

    private async Task ConnectAndFollowAsync(CancellationToken end)
    {
        var started = _context.Clock.Now;
        var token = await TokenAsync(renew: false, end);
        using var socket = await _sockets.ConnectAsync(token, IsSlow, end);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        _socket = socket;
        _connection++;
        _lastReceived = _lastSent = _context.Clock.Now;
        _connectStarted = started;
        byte[] hello;
        lock (_gate)
        {
            hello = CreateHello();
        }

        await socket.SendAsync(hello, end);
        var writing = WriteAsync(socket, over.Token);
        try
        {
            while (true)
            {
                await _reading.Task.WaitAsync(end);
                var frame = await socket.ReceiveAsync(end);
                var now = _lastReceived = _context.Clock.Now;
                Handle(frame.Span, now);
            }
        }
        finally
        {
            await over.CancelAsync();
            if (end.IsCancellationRequested)
            {
                using var patience = new CancellationTokenSource(GoodbyeTime);
                await Task.WhenAny(writing, Task.Delay(GoodbyeTime, _context.Clock.Time, patience.Token));
                await socket.CloseAsync(patience.Token);
            }

            // A write that waits for the peer to read ends with this.
            socket.Abort();
            await writing;
        }
    }

    private void EndConnection(ConnectionEndedException why, bool wasConnected)
    {
        LastFailure = why.Message;
        if (why.Message.Contains("Too many open files", StringComparison.Ordinal) || why.Message.Contains("Cannot assign requested address", StringComparison.Ordinal))
        {
            _context.Notices.Add(Limit.Files, why.Message);
        }

        if (why.Code == 4408)
        {
            _context.Notices.Add(Limit.SlowReader, why.Message);
        }

        if (wasConnected)
        {
            _context.Measurements.CountDisconnected(IsReturning ? null : why.Message);
        }

        lock (_gate)
        {
            IsConnected = false;
            _pulling.Clear();
            foreach (var room in _rooms)
            {
                room.Log.Detach();
            }
        }

        _outbox.ReturnAll();
    }

    private async Task WriteAsync(ChatSocket socket, CancellationToken over)
    {
        try
        {
            while (true)
            {
                while (_outbox.TryTakeControl(out var frame))
                {
                    await WriteAsync(socket, frame, over);
                }

                while (IsConnected && _outbox.TryTake(out var message))
                {
                    Prepare(message);
                    await WriteAsync(socket, _sending.WrittenMemory, over);
                }

                await _outbox.WaitAsync(over);
            }
        }
        catch (Exception e) when (e is ConnectionEndedException or OperationCanceledException)
        {
            // The reader sees the end too, and makes the next connection.
        }
    }

    private async ValueTask WriteAsync(ChatSocket socket, ReadOnlyMemory<byte> frame, CancellationToken over)
    {
        _lastSent = _context.Clock.Now;
        // Not cancelled in the middle: that would break a connection that is to be closed in order.
        over.ThrowIfCancellationRequested();
        await socket.SendAsync(frame, CancellationToken.None);
    }

    private void Prepare(int message)
    {
        ref var record = ref _context.Messages[message];
        var now = _context.Clock.Now;
        if (record.State == SendState.NotSent)
        {
            record.Cid = Guid.CreateVersion7(_context.Clock.Time.GetUtcNow() + _clockAhead);
            record.State = SendState.Unknown;
            record.Connection = _connection;
        }

        var due = _context.Plan.DueOf(message);
        _context.Measurements.CountSent(due, now, again: record.Attempts > 0, timed: due >= Volatile.Read(ref _connectedAt));
        record.Attempts = (byte)Math.Min(byte.MaxValue, record.Attempts + 1);
        Requests.Send(_sending, _context.Texts, message, RoomOf(message), record.Cid);
    }
}
