using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Tests.Relay;

internal static class Some
{
    public static readonly RoomId Room = new($"r_{new string('1', 32)}");

    public static readonly EdgeId Edge = new("e1");

    public static readonly UserRef Ana = User('a');

    public static readonly UserRef Ben = User('b');

    public static UserRef User(char c) => new(new UserId($"u_{new string(c, 32)}"), $"user-{c}", $"User {c}");

    public static MessagePosted Message(long seq) =>
        new(seq, DateTimeOffset.UnixEpoch, seq, Guid.CreateVersion7(), Ana, $"text {seq}", 0, []);

    public static IEnumerable<RoomEvent> Messages(long from, long to) => Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => Message(i));

    public static MemberLeft Left(long seq, UserRef user) => new(seq, DateTimeOffset.UnixEpoch, user, LeaveReason.Left);

    public static MemberJoined Joined(long seq, UserRef user) => new(seq, DateTimeOffset.UnixEpoch, user, MemberRole.Member);
}

/// <summary>A room's journal that the spec writes.</summary>
internal sealed class FakeLog : IRoomLog
{
    private readonly List<RoomEvent> _events = [];
    private int _reads;
    private int _failures;

    /// <summary>Reads begun so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Set to hold readings back until it completes.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public void FailNext(int times) => Interlocked.Exchange(ref _failures, times);

    public void Add(params IEnumerable<RoomEvent> events)
    {
        lock (_events)
        {
            _events.AddRange(events);
        }
    }

    public async Task<RoomEventPage?> ReadEventsAsync(
        RoomId room,
        long afterSeq,
        int limit,
        UserId? viewer = null,
        int maxBytes = IRoomLog.MaxEventBytes,
        CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        await Gate.WaitAsync(cancellationToken);
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new TimeoutException("as the spec wants");
        }

        lock (_events)
        {
            return new RoomEventPage([.. _events.Where(e => e.Seq > afterSeq).Take(limit)], Head());
        }
    }

    public Task<RoomHead?> GetHeadAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        lock (_events)
        {
            return Task.FromResult<RoomHead?>(Head());
        }
    }

    public Task<RoomMessagePage?> ReadMessagesAsync(
        RoomId room, MessageQuery query, int limit, UserId? viewer = null, long thread = 0, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<StoredMessage?> FindMessageAsync(RoomId room, long seq, UserId? viewer = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<StoredMessage>?> ListPinnedAsync(RoomId room, UserId? viewer = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<MessageFacts?> FindFactsAsync(RoomId room, long seq, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<StoredMessage?> FindByClientIdAsync(RoomId room, UserId author, Guid clientId, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private RoomHead Head() => _events.Count == 0 ? new RoomHead(0, 0) : new RoomHead(_events[^1].Seq, _events.OfType<MessagePosted>().LastOrDefault()?.N ?? 0);
}

/// <summary>Notes what it is told, and fails on what comes twice or out of order.</summary>
internal sealed class FakeSubscriber(UserId user) : IRoomSubscriber
{
    public UserId User => user;

    public ConcurrentQueue<string> Told { get; } = new();

    public ConcurrentQueue<long> Seqs { get; } = new();

    public ConcurrentQueue<JsonElement> Ephemeral { get; } = new();

    public long? AttachedAt { get; private set; }

    /// <summary>What <see cref="OnRemoved"/> answers.</summary>
    public bool IsGone { get; set; } = true;

    public void OnAttached(RoomId room, long seq)
    {
        AttachedAt = seq;
        Told.Enqueue($"attached {seq}");
    }

    public void OnRefused(RoomId room) => Told.Enqueue("refused");

    public void OnLost(RoomId room) => Told.Enqueue("lost");

    public void OnEvent(RoomId room, long seq, ReadOnlyMemory<byte> frame)
    {
        Seqs.Enqueue(seq);
        Told.Enqueue($"event {seq}");
    }

    public void OnEphemeral(RoomId room, ReadOnlyMemory<byte> frame) => Ephemeral.Enqueue(JsonElement.Parse(frame.Span));

    public bool OnRemoved(RoomId room, long seq)
    {
        Told.Enqueue($"removed {seq}");
        return IsGone;
    }
}

/// <summary>The server's end of a WebSocket whose peer reads when the spec lets it, and says nothing.</summary>
internal sealed class FakeWebSocket : WebSocket
{
    private readonly TaskCompletionSource<WebSocketReceiveResult> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<WebSocketReceiveResult> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile WebSocketState _state = WebSocketState.Open;
    private int _receipts;
    private int? _code;

    public ConcurrentQueue<JsonElement> Sent { get; } = new();

    /// <summary>Frames are taken once it completes.</summary>
    public TaskCompletionSource Reads { get; set; } = Reading();

    /// <summary>Where there is one, each frame takes one.</summary>
    public SemaphoreSlim? Permits { get; init; }

    public int? Code => _code;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _state;

    public override string? SubProtocol => null;

    public static TaskCompletionSource Reading()
    {
        var reads = new TaskCompletionSource();
        reads.SetResult();
        return reads;
    }

    public override void Abort()
    {
        _state = WebSocketState.Aborted;
        _closed.TrySetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
        Reads.TrySetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        _code = (int)closeStatus;
        _closed.TrySetResult(new WebSocketReceiveResult(0, WebSocketMessageType.Close, true));
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
    }

    /// <summary>The peer sends one frame, an empty one.</summary>
    public Task SayAsync()
    {
        _said.TrySetResult(new WebSocketReceiveResult(0, WebSocketMessageType.Text, true));
        return _said.Task;
    }

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
        Interlocked.Increment(ref _receipts) == 1 ? await await Task.WhenAny(_said.Task, _closed.Task) : await _closed.Task;

    public override async Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        await Reads.Task;
        if (Permits is not null)
        {
            await Permits.WaitAsync(cancellationToken);
        }

        Sent.Enqueue(JsonElement.Parse(buffer.AsSpan()));
    }
}
