using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>
/// One person at one device, who follows docs/protocol.md to the letter and writes down all that happens: keeps a connection to whichever
/// edge lives, resumes, applies each room by seq and pulls what is missing.
/// </summary>
internal sealed partial class ChaosUser(
    ClientSettings settings, string username, Random random, HistoryWriter history, ClientCounters counters, KnownFiles known,
    KnownThreads threads, Moderator moderator)
    : IDisposable
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(9);

    private readonly Lock _gate = new();
    private readonly Lock _order = new();
    private readonly Dictionary<string, RoomCopy> _rooms = [];
    private readonly Dictionary<string, long> _attach = [];
    private readonly ManualResetEventSlim _reading = new(true);
    private ChatSocket? _socket;
    private volatile bool _isUp;
    private volatile bool _wantsDown;
    private volatile bool _ended;
    private string? _epoch;
    private long _userSeq = -1;
    private long _lastHeard;
    private TimeSpan _clockAhead;
    private int _connection;
    private int _edge = random.Next(settings.Edges.Count);
    private TaskCompletionSource _synced = new();

    public ChatRest Rest { get; } = new(settings.Edges[0]);

    public string Id => Rest.UserId;

    public bool IsUp => _isUp;

    public Task RegisterAsync() => Rest.RegisterAsync(username, ChatClient.Password);

    /// <summary>Keeps connected until <see cref="EndAsync"/>.</summary>
    public async Task ConnectAsync()
    {
        var isDialling = false;
        for (var failures = 0; !_ended;)
        {
            if (_wantsDown)
            {
                isDialling = false;
                await Task.Delay(100);
                continue;
            }

            if (!isDialling)
            {
                history.Write(Note(Op.Dial));
                isDialling = true;
            }

            var edge = settings.Edges[_edge++ % settings.Edges.Count];
            if (await StayAsync(edge))
            {
                failures = 0;
                isDialling = false;
            }

            await Task.Delay(random.Next(50, Math.Min(2_000, 200 << Math.Min(failures++, 4))));
        }
    }

    /// <summary>Says goodbye, and stays away until <see cref="ComeBack"/>.</summary>
    public async Task GoAwayAsync()
    {
        _wantsDown = true;
        if (_socket is { } socket)
        {
            await socket.DisposeAsync();
        }
    }

    public void ComeBack() => _wantsDown = false;

    /// <summary>Breaks the connection as a network does.</summary>
    public void Break() => _socket?.Abort();

    /// <summary>Takes nothing off the socket for a while.</summary>
    public async Task StallAsync(TimeSpan time)
    {
        for (var started = Clock.Now; !_isUp && Clock.Now - started < Clock.Of(HelloTimeout);)
        {
            await Task.Delay(100);
        }

        _reading.Reset();
        history.Write(Note(Op.StallBegin));
        await Task.Delay(time);
        history.Write(Note(Op.StallEnd));
        Interlocked.Exchange(ref _lastHeard, Clock.Now);
        _reading.Set();
    }

    public void Dispose()
    {
        _reading.Dispose();
        Rest.Dispose();
    }

    public async Task EndAsync()
    {
        _ended = true;
        await GoAwayAsync();
    }

    /// <summary>Writes where each log stands, if this user is connected.</summary>
    public void WriteFinal()
    {
        lock (_gate)
        {
            if (!_isUp)
            {
                history.Write(Note(Op.Breach) with { Code = "not connected at the end" });
                return;
            }

            foreach (var (room, copy) in _rooms)
            {
                history.Write(Note(Op.Final, room) with { Seq = copy.Last });
            }
        }
    }

    private Entry Note(Op op, string? room = null) => new() { Time = Clock.Now, Op = op, User = Id, Room = room, Connection = _connection };

    /// <summary>One connection, from its beginning to its end. True where it came to be synced.</summary>
    private async Task<bool> StayAsync(Uri edge)
    {
        var wasUp = false;
        try
        {
            Interlocked.Exchange(ref _lastHeard, Clock.Now);
            _connection++;
            _synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var socket = await ChatSocket.ConnectAsync(edge, Rest, ChatCredential.Bearer, Take);
            _socket = socket;
            await SayHelloAsync(socket);
            history.Write(Note(Op.Connect) with { Code = edge.Host + ":" + edge.Port });
            _isUp = wasUp = true;
            while (socket.IsOpen)
            {
                await Task.WhenAny(socket.Closed, Task.Delay(Beat));
                if (_reading.IsSet && Clock.Now - Interlocked.Read(ref _lastHeard) > Clock.Of(DeadAfter))
                {
                    socket.Abort();
                }
                else if (socket.IsOpen)
                {
                    await socket.PostAsync("ping");
                }
            }

            End(socket.CloseCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "broken");
        }
        catch (Exception e) when (e is ChatConnectionLostException or ChatException or TimeoutException)
        {
            End(wasUp ? "broken" : "refused");
            if (e is ChatException { Code: "unauthenticated" } || e.Message.Contains("401", StringComparison.Ordinal))
            {
                await LogInAsync();
            }
        }

        return wasUp;
    }

    private void End(string code)
    {
        if (_isUp)
        {
            _isUp = false;
            history.Write(Note(Op.Close) with { Code = _wantsDown ? "bye" : code });
        }
    }

    private async Task LogInAsync()
    {
        try
        {
            await Rest.LoginAsync(username, ChatClient.Password);
        }
        catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
        {
            // the next attempt to connect asks again
        }
    }

    private async Task SayHelloAsync(ChatSocket socket)
    {
        var d = new JsonObject { ["device"] = "d_" + username, ["client"] = "chaos/1.0" };
        lock (_gate)
        {
            _attach.Clear();
            if (_epoch is not null)
            {
                var rooms = new JsonObject();
                foreach (var (room, copy) in _rooms)
                {
                    rooms[room] = copy.Last;
                }

                d["resume"] = new JsonObject { ["epoch"] = _epoch, ["user"] = _userSeq, ["rooms"] = rooms };
            }
        }

        var hello = await socket.RequestAsync("hello", d: d, timeout: HelloTimeout);
        _epoch = hello.GetProperty("epoch").GetString();
        _userSeq = hello.GetProperty("userSeq").GetInt64();
        _clockAhead = hello.GetProperty("time").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        await Task.WhenAny(_synced.Task, socket.Closed).WaitAsync(HelloTimeout);
        if (!_synced.Task.IsCompleted)
        {
            throw new ChatConnectionLostException("closed before sync.done");
        }
    }

    private void Take(JsonElement frame)
    {
        // A stalled reader blocks here, and with it the socket.
        _reading.Wait();
        Interlocked.Exchange(ref _lastHeard, Clock.Now);
        var d = frame.TryGetProperty("d", out var data) ? data : default;
        lock (_gate)
        {
            switch (frame.GetProperty("ev").GetString())
            {
                case "room.sync":
                    TakePage(frame.GetProperty("room").GetString()!, d, Op.Resume);
                    break;
                case "room.reset":
                    Open(frame.GetProperty("room").GetString()!, d.GetProperty("head").GetInt64());
                    break;
                case "room.digest":
                    foreach (var room in d.EnumerateArray())
                    {
                        TakeDigest(room.GetProperty("room").GetString()!, room.GetProperty("head").GetInt64());
                    }

                    break;
                case "room.head":
                    foreach (var room in d.EnumerateArray())
                    {
                        Know(room.GetProperty("room").GetString()!, room.GetProperty("head").GetInt64());
                    }

                    break;
                case "room.lagged":
                    var lagged = frame.GetProperty("room").GetString()!;
                    history.Write(Note(Op.Lagged, lagged) with { Seq = d.GetProperty("head").GetInt64() });
                    Know(lagged, d.GetProperty("head").GetInt64());
                    break;
                case "membership.added":
                    TakeAdded(d.GetProperty("room"));
                    break;
                case "membership.removed":
                    var gone = d.GetProperty("room").GetString()!;
                    if (_rooms.Remove(gone))
                    {
                        history.Write(Note(Op.Removed, gone));
                    }

                    break;
                case "sync.done":
                    foreach (var (room, seq) in _attach)
                    {
                        history.Write(Note(Op.Attach, room) with { Seq = seq });
                    }

                    _synced.TrySetResult();
                    break;
                default:
                    if (frame.TryGetProperty("seq", out _))
                    {
                        TakeLive(frame);
                    }

                    break;
            }

            if (frame.TryGetProperty("useq", out var useq) && useq.ValueKind == JsonValueKind.Number)
            {
                TakeUserSeq(useq.GetInt64());
            }
        }
    }

    private void TakeUserSeq(long useq)
    {
        if (_userSeq >= 0 && useq > _userSeq + 1)
        {
            // The protocol's remedy is a new hello.
            _socket?.Abort();
        }

        _userSeq = Math.Max(_userSeq, useq);
    }

    private void TakeDigest(string room, long head)
    {
        if (!_rooms.ContainsKey(room))
        {
            Open(room, head);
        }

        _attach.TryAdd(room, head);
        Know(room, head);
    }

    private void TakeAdded(JsonElement room)
    {
        var id = room.GetProperty("id").GetString()!;
        var head = room.GetProperty("head").GetProperty("seq").GetInt64();
        if (!_rooms.ContainsKey(id))
        {
            Open(id, head);
            history.Write(Note(Op.Attach, id) with { Seq = head });
        }

        Know(id, head);
    }

    private void Open(string room, long head)
    {
        _rooms[room] = new RoomCopy(head);
        _attach[room] = head;
        history.Write(Note(Op.Open, room) with { Seq = head });
    }

    private void TakeLive(JsonElement frame)
    {
        var room = frame.GetProperty("room").GetString()!;
        if (!_rooms.TryGetValue(room, out var copy))
        {
            history.Write(Describe(Op.Live, room, frame));
            return;
        }

        var applied = copy.Apply(frame.GetProperty("seq").GetInt64());
        foreach (var image in LogEvents.Of(frame).Images?.Split(' ') ?? [])
        {
            known.Add(new KnownFile(image, room, IsImage: true, IsReduced: true));
        }

        history.Write(Describe(Op.Live, room, frame) with { Applied = applied });
        counters.Delivered(applied);
        Pull(room, copy);
    }

    private bool TakePage(string room, JsonElement page, Op how)
    {
        if (!_rooms.TryGetValue(room, out var copy))
        {
            return false;
        }

        foreach (var frame in page.GetProperty("events").EnumerateArray())
        {
            var applied = copy.Apply(frame.GetProperty("seq").GetInt64());
            history.Write(Describe(how, room, frame) with { Applied = applied });
            counters.Delivered(applied);
        }

        if (how == Op.Resume)
        {
            _attach[room] = page.GetProperty("to").GetInt64();
        }

        Know(room, page.GetProperty("head").GetInt64());
        return true;
    }

    private void Know(string room, long head)
    {
        if (_rooms.TryGetValue(room, out var copy))
        {
            copy.Know(head);
            Pull(room, copy);
        }
    }

    private void Pull(string room, RoomCopy copy)
    {
        if (copy.IsBehind && !copy.IsPulling && _isUp)
        {
            copy.IsPulling = true;
            _ = Task.Run(() => PullAsync(room, copy));
        }
    }

    private async Task PullAsync(string room, RoomCopy copy)
    {
        try
        {
            while (_isUp && _socket is { } socket)
            {
                var page = await socket.RequestAsync("room.sync", room, new JsonObject { ["from"] = copy.Last }, TimeSpan.FromSeconds(8));
                lock (_gate)
                {
                    if (!_rooms.TryGetValue(room, out var now) || now != copy || !TakePage(room, page, Op.Sync) || !copy.IsBehind)
                    {
                        return;
                    }
                }

                await Task.Delay(50);
            }
        }
        catch (Exception e) when (e is ChatException or ChatConnectionLostException)
        {
            // not a member any more, or another connection resumes
        }
        finally
        {
            copy.IsPulling = false;
        }
    }

    private Entry Describe(Op op, string room, JsonElement frame)
    {
        var e = LogEvents.Of(frame);
        return Note(op, room) with { Seq = e.Seq, Event = e.Kind, By = e.By, Cid = e.Cid, Hash = e.Hash };
    }

    private static int SizeOf(string text) => Encoding.UTF8.GetByteCount(text);
}
