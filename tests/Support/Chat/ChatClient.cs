using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaChat.Support.Chat;

/// <summary>What <c>message.send</c> was answered.</summary>
public sealed record Sent(long Seq, long N, string Id, bool Dup);

/// <summary>
/// A person at a device, written against docs/protocol.md and docs/rest.md alone: keeps a connection (to one node, or to the next of
/// several when it ends), applies each room's events by seq, repairs gaps, resumes, and sends again under the same cid until the outcome
/// is known. It keeps every frame for assertions, and in <see cref="Violations"/> what the server did against the protocol.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    public const string Password = "a sentence nobody guesses 7";

    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(20);
    private static int _names;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, RoomLog> _logs = [];
    private readonly ConcurrentDictionary<string, Task> _repairs = new();
    private readonly List<JsonElement> _frames = [];
    private readonly CancellationTokenSource _end = new();
    private readonly string _device = $"d_{Guid.NewGuid():N}";
    private Uri[] _nodes = [];
    private int _node;
    private Task _keeping = Task.CompletedTask;
    private TaskCompletionSource<ChatSocket> _connected = NewSignal<ChatSocket>();
    private ChatSocket? _socket;
    private TaskCompletionSource? _synced;
    private TimeSpan _clockAhead;
    private long _useq = -1;

    private ChatClient(ChatRest rest, string username)
    {
        Rest = rest;
        Username = username;
    }

    public ChatRest Rest { get; }

    public string Username { get; }

    public string UserId => Rest.UserId;

    public ChatCredential Credential { get; set; } = ChatCredential.Bearer;

    public string? Epoch { get; private set; }

    public JsonElement Hello { get; private set; }

    /// <summary>Connections made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Close codes of the connections that ended; null is a connection that broke.</summary>
    public ConcurrentQueue<int?> CloseCodes { get; } = new();

    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Every event frame received, in order.</summary>
    public IReadOnlyList<JsonElement> Frames
    {
        get
        {
            lock (_gate)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>A new person with an account, not connected yet.</summary>
    public static async Task<ChatClient> RegisterAsync(Uri node, string? name = null)
    {
        var username = $"{name ?? "user"}_{Environment.ProcessId:x}{Interlocked.Increment(ref _names):x}{Random.Shared.Next(0x1000):x}";
        var rest = new ChatRest(node);
        await rest.RegisterAsync(username, Password, name);
        return new ChatClient(rest, username);
    }

    /// <summary>The same person at another device.</summary>
    public async Task<ChatClient> OtherDeviceAsync(Uri? node = null)
    {
        var rest = new ChatRest(node ?? Rest.BaseUrl);
        await rest.LoginAsync(Username, Password);
        return new ChatClient(rest, Username);
    }

    /// <summary>
    /// Connects and keeps connected: when a connection ends, it goes to the next of <paramref name="nodes"/> and resumes. Returns once the
    /// server has sent what was missing.
    /// </summary>
    public async Task ConnectAsync(params Uri[] nodes)
    {
        _nodes = nodes.Length > 0 ? nodes : [Rest.BaseUrl];
        _node = 0;
        _keeping = Task.Run(KeepAsync);
        await SocketAsync(DefaultWait);
    }

    /// <summary>Ends the connection, and makes no other until <see cref="ConnectAsync"/>. What was applied stays, and is resumed from.</summary>
    public async Task DisconnectAsync()
    {
        ChatSocket? socket;
        lock (_gate)
        {
            _nodes = [];
            socket = _socket;
        }

        if (socket is not null)
        {
            await socket.DisposeAsync();
        }

        await _keeping;
    }

    /// <summary>Breaks the connection as a network does; the client reconnects by itself.</summary>
    public void Break() => _socket?.Abort();

    /// <summary>The connection, once it is synced.</summary>
    public async Task<ChatSocket> SocketAsync(TimeSpan? wait = null)
    {
        Task<ChatSocket> connected;
        lock (_gate)
        {
            connected = _connected.Task;
        }

        try
        {
            return await connected.WaitAsync(wait ?? DefaultWait);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Username} is not connected after {wait ?? DefaultWait} ({LastFailure}).");
        }
    }

    /// <summary>Why the last attempt to connect failed.</summary>
    public string LastFailure { get; private set; } = "no attempt failed";

    public string NewCid() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow() + _clockAhead).ToString();

    /// <summary>One attempt: the reply, <see cref="ChatException"/>, or <see cref="ChatConnectionLostException"/>.</summary>
    public async Task<Sent> SendOnceAsync(string room, string text, string cid)
    {
        var socket = await SocketAsync();
        var d = await socket.RequestAsync("message.send", room, new JsonObject { ["cid"] = cid, ["text"] = text });
        return new Sent(d.GetProperty("seq").GetInt64(), d.GetProperty("n").GetInt64(), d.GetProperty("id").GetString()!, d.GetProperty("dup").GetBoolean());
    }

    /// <summary>Sends, and while the outcome is not known or the server asks to wait, sends again under the same cid, on whatever connection there is.</summary>
    public async Task<Sent> SendAsync(string room, string text, string? cid = null, TimeSpan? patience = null)
    {
        cid ??= NewCid();
        var limit = patience ?? TimeSpan.FromSeconds(60);
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return await SendOnceAsync(room, text, cid);
            }
            catch (Exception e) when ((e is ChatConnectionLostException or TimeoutException or ChatException { Retryable: true })
                                      && TimeProvider.System.GetElapsedTime(started) < limit)
            {
                var wait = e is ChatException { RetryAfterMs: > 0 } error ? error.RetryAfterMs : 100;
                await Task.Delay(wait + Random.Shared.Next(100));
            }
        }
    }

    public async Task TypingAsync(string room) => await (await SocketAsync()).PostAsync("typing", room);

    public async Task<JsonElement> WatchPresenceAsync(string room) => await (await SocketAsync()).RequestAsync("presence.watch", room);

    public async Task<JsonElement> SetReadAsync(string room, long n) =>
        await (await SocketAsync()).RequestAsync("read.set", room, new JsonObject { ["n"] = n });

    /// <summary>The log of a room that the server has told this client of.</summary>
    public async Task<RoomLog> LogAsync(string room)
    {
        RoomLog? log = null;
        await Eventually.AssertAsync(
            () =>
            {
                lock (_gate)
                {
                    log = _logs.GetValueOrDefault(room)
                        ?? throw new InvalidOperationException($"{Username} was not told of {room} (no digest, no membership.added).");
                }
            },
            DefaultWait);
        return log!;
    }

    /// <summary>Waits until the log has reached <paramref name="seq"/>.</summary>
    public async Task<RoomLog> CaughtUpAsync(string room, long seq, TimeSpan? wait = null)
    {
        var log = await LogAsync(room);
        await Eventually.AssertAsync(
            () =>
            {
                if (log.Last < seq)
                {
                    throw new InvalidOperationException(
                        $"{Username} has applied {room} up to {log.Last} of {seq} (knows of {log.Head}, connections {Connections}, {LastFailure}).");
                }
            },
            wait ?? DefaultWait);
        return log;
    }

    /// <summary>Waits for an event that came, or comes, and answers it.</summary>
    public async Task<JsonElement> EventAsync(string ev, Func<JsonElement, bool> match, TimeSpan? wait = null)
    {
        JsonElement found = default;
        await Eventually.AssertAsync(
            () =>
            {
                found = Frames.FirstOrDefault(frame => NameOf(frame) == ev && match(frame));
                if (found.ValueKind == JsonValueKind.Undefined)
                {
                    throw new InvalidOperationException($"{Username} got no such {ev}.");
                }
            },
            wait ?? DefaultWait);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await DisconnectAsync();
        Rest.Dispose();
        _end.Dispose();
    }

    private static TaskCompletionSource<T> NewSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string? NameOf(JsonElement frame) => frame.TryGetProperty("ev", out var ev) ? ev.GetString() : null;

    private async Task KeepAsync()
    {
        for (var attempt = 0; _nodes.Length > 0 && !_end.IsCancellationRequested; attempt++)
        {
            var nodes = _nodes;
            if (nodes.Length == 0)
            {
                return;
            }

            var node = nodes[_node % nodes.Length];
            try
            {
                await using var socket = await ChatSocket.ConnectAsync(node, Rest, Credential, Take);
                lock (_gate)
                {
                    // Either DisconnectAsync sees this connection and closes it, or it was faster and there is to be none.
                    if (_nodes.Length == 0)
                    {
                        return;
                    }

                    _socket = socket;
                }

                Connections++;
                await SayHelloAsync(socket);
                Rest.BaseUrl = node;
                lock (_gate)
                {
                    _connected.TrySetResult(socket);
                }

                attempt = 0;
                await socket.Closed;
                CloseCodes.Enqueue(socket.CloseCode);
                lock (_gate)
                {
                    _connected = NewSignal<ChatSocket>();
                }

                LastFailure = $"{node} ended the connection with {socket.CloseCode?.ToString(CultureInfo.InvariantCulture) ?? "no close"}";
                if (socket.CloseCode is >= 4500 and <= 4999)
                {
                    return;
                }

                if (socket.CloseCode == 4401)
                {
                    await Rest.RefreshAsync();
                }
            }
            catch (Exception e) when (e is ChatConnectionLostException or ChatException or TimeoutException or HttpRequestException or RestException or TaskCanceledException)
            {
                LastFailure = $"{node}: {e.Message}";
            }

            _node++;
            await Task.Delay(Random.Shared.Next(50, Math.Min(1000, 100 << Math.Min(attempt, 4))));
        }
    }

    private async Task SayHelloAsync(ChatSocket socket)
    {
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _synced = synced;
        var d = new JsonObject { ["device"] = _device, ["client"] = "tests/1.0" };
        if (Credential == ChatCredential.Hello)
        {
            d["token"] = Rest.AccessToken;
        }

        lock (_gate)
        {
            if (Epoch is not null)
            {
                var rooms = new JsonObject(_logs.Select(log => KeyValuePair.Create<string, JsonNode?>(log.Key, log.Value.Last)));
                d["resume"] = new JsonObject { ["epoch"] = Epoch, ["user"] = _useq, ["rooms"] = rooms };
            }
        }

        var hello = await socket.RequestAsync("hello", d: d);
        Hello = hello;
        Epoch = hello.GetProperty("epoch").GetString();
        _useq = hello.GetProperty("userSeq").GetInt64();
        _clockAhead = hello.GetProperty("time").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        socket.Beat(TimeSpan.FromMilliseconds(hello.GetProperty("heartbeatMs").GetInt32()));
        await Task.WhenAny(synced.Task, socket.Closed).WaitAsync(DefaultWait);
        if (!synced.Task.IsCompleted)
        {
            throw new ChatConnectionLostException($"closed before sync.done (code {socket.CloseCode})");
        }
    }

    private void Take(JsonElement frame)
    {
        lock (_gate)
        {
            _frames.Add(frame);
            if (frame.TryGetProperty("useq", out var useq) && useq.ValueKind == JsonValueKind.Number)
            {
                TakeUserSeq(useq.GetInt64(), frame);
            }

            switch (NameOf(frame))
            {
                case "room.sync":
                    Apply(RoomOf(frame), frame.GetProperty("d"));
                    break;
                case "room.reset":
                    Open(RoomOf(frame), frame.GetProperty("d").GetProperty("head").GetInt64(), reset: true);
                    break;
                case "room.digest" or "room.head":
                    foreach (var room in frame.GetProperty("d").EnumerateArray())
                    {
                        Know(room.GetProperty("room").GetString()!, room.GetProperty("head").GetInt64());
                    }

                    break;
                case "room.lagged":
                    Know(RoomOf(frame), frame.GetProperty("d").GetProperty("head").GetInt64());
                    break;
                case "membership.added":
                    var added = frame.GetProperty("d").GetProperty("room");
                    Open(added.GetProperty("id").GetString()!, added.GetProperty("head").GetProperty("seq").GetInt64(), reset: false);
                    break;
                case "membership.removed":
                    _logs.Remove(frame.GetProperty("d").GetProperty("room").GetString()!);
                    break;
                case "sync.done":
                    _synced?.TrySetResult();
                    break;
                default:
                    if (frame.TryGetProperty("seq", out _))
                    {
                        TakeDurable(frame);
                    }

                    break;
            }
        }
    }

    private void TakeUserSeq(long useq, JsonElement frame)
    {
        if (_useq >= 0 && useq > _useq + 1)
        {
            Violations.Enqueue($"useq {useq} after {_useq}: {frame}");
        }

        _useq = Math.Max(_useq, useq);
    }

    private void TakeDurable(JsonElement frame)
    {
        if (!_logs.TryGetValue(RoomOf(frame), out var log))
        {
            Violations.Enqueue($"event of a room that this client was not told of: {frame}");
        }
        else if (!log.Offer(frame))
        {
            Repair(log);
        }
    }

    private void Open(string room, long head, bool reset)
    {
        if (!_logs.TryGetValue(room, out var log))
        {
            _logs[room] = new RoomLog(room, head);
        }
        else if (reset)
        {
            log.Reset(head);
        }
        else
        {
            Know(room, head);
        }
    }

    private void Know(string room, long head)
    {
        if (!_logs.TryGetValue(room, out var log))
        {
            _logs[room] = new RoomLog(room, head);
            return;
        }

        log.Know(head);
        if (!log.Complete)
        {
            Repair(log);
        }
    }

    private void Apply(string room, JsonElement page)
    {
        if (!_logs.TryGetValue(room, out var log))
        {
            Violations.Enqueue($"room.sync of a room that this client was not told of: {room}");
            return;
        }

        log.Know(page.GetProperty("head").GetInt64());
        foreach (var frame in page.GetProperty("events").EnumerateArray())
        {
            if (!log.Offer(frame))
            {
                Violations.Enqueue($"room.sync of {room} is not contiguous: after {log.Last} came {frame}");
                return;
            }
        }
    }

    private void Repair(RoomLog log)
    {
        // One pull at a time a room; what shows up meanwhile raises log.Head, and the pull goes on to that.
        if (!_repairs.TryGetValue(log.Room, out var running) || running.IsCompleted)
        {
            _repairs[log.Room] = Task.Run(() => RepairAsync(log));
        }
    }

    private async Task RepairAsync(RoomLog log)
    {
        try
        {
            while (!log.Complete && !_end.IsCancellationRequested)
            {
                var socket = await SocketAsync(TimeSpan.FromSeconds(60));
                var page = await socket.RequestAsync("room.sync", log.Room, new JsonObject { ["from"] = log.Last });
                lock (_gate)
                {
                    Apply(log.Room, page);
                }

                if (!log.Complete)
                {
                    await Task.Delay(20);
                }
            }
        }
        catch (ChatException e) when (e.Code is "forbidden" or "not_found")
        {
            // left meanwhile
        }
        catch (Exception e) when (e is ChatException or ChatConnectionLostException or TimeoutException)
        {
            if (!_end.IsCancellationRequested && _nodes.Length > 0)
            {
                await Task.Delay(200);
                _repairs[log.Room] = Task.Run(() => RepairAsync(log));
            }
        }
    }

    private static string RoomOf(JsonElement frame) => frame.GetProperty("room").GetString()!;
}
