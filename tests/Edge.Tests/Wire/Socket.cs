using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Contract;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Support.Chat;

namespace AkkaChat.Edge.Tests.Wire;

/// <summary>
/// One connection that does nothing by itself: no resume, no repair, no beat. It keeps every frame in the order of arrival and holds each,
/// and each request made through <see cref="RequestAsync"/>, to docs/asyncapi.yaml; what does not fit fails the spec when it ends.
/// </summary>
internal sealed class Socket : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FrameSocket _socket;
    private readonly Lock _lock = new();
    private readonly List<JsonElement> _frames = [];
    private readonly List<string> _violations = [];
    private readonly ConcurrentDictionary<string, string> _ops = new();
    private TaskCompletionSource _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ids;

    private Socket(FrameSocket socket) => _socket = socket;

    public string? Subprotocol => _socket.AcceptedSubprotocol;

    /// <summary>How many frames have come.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _frames.Count;
            }
        }
    }

    public bool IsOpen => !_socket.Reading.IsCompleted;

    public IReadOnlyList<JsonElement> Frames
    {
        get
        {
            lock (_lock)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>A connection on which nothing has been said.</summary>
    /// <param name="reads">False: what comes stays in the network until <see cref="StartReading"/>.</param>
    public static async Task<Socket> ConnectAsync(
        ChatHost host, string? token = null, Action<ClientWebSocketOptions>? configure = null, bool reads = true, HttpMessageInvoker? by = null)
    {
        var connection = new Socket(await FrameSocket.ConnectAsync(
            host.Url,
            Patience,
            options =>
            {
                options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
                if (token is not null)
                {
                    options.SetRequestHeader("Authorization", $"Bearer {token}");
                }

                configure?.Invoke(options);
            },
            by));
        if (reads)
        {
            connection.StartReading();
        }

        return connection;
    }

    /// <summary>Connected, greeted and brought up to date.</summary>
    public static async Task<Socket> OpenAsync(Person person, JsonObject? resume = null)
    {
        var socket = await ConnectAsync(person.Host, person.Token);
        await socket.HelloAsync(resume is null ? null : new JsonObject { ["resume"] = resume });
        await socket.EventAsync("sync.done");
        return socket;
    }

    public void StartReading() => _socket.StartReading(bytes => Take(Encoding.UTF8.GetString(bytes)));

    public Task<JsonElement> HelloAsync(JsonObject? d = null) => OkAsync("hello", null, d ?? []);

    /// <summary>The whole reply frame.</summary>
    public async Task<JsonElement> RequestAsync(string op, string? room = null, JsonNode? d = null, bool isChecked = true)
    {
        var id = await PostAsync(op, room, d, isChecked: isChecked);
        return await ReplyAsync(id);
    }

    /// <summary>The reply's <c>d</c>; fails where it is an error.</summary>
    public async Task<JsonElement> OkAsync(string op, string? room = null, JsonNode? d = null)
    {
        var reply = await RequestAsync(op, room, d);
        Assert.True(reply.TryGetProperty("d", out var answer), reply.ToString());
        return answer;
    }

    /// <summary>The error's code, and the error.</summary>
    public async Task<(string Code, JsonElement Error)> RefusedAsync(string op, string? room = null, JsonNode? d = null)
    {
        var reply = await RequestAsync(op, room, d, isChecked: false);
        Assert.True(reply.TryGetProperty("err", out var error), reply.ToString());
        return (error.GetProperty("code").GetString()!, error);
    }

    public Task<JsonElement> SayAsync(string room, string text, string? cid = null) =>
        OkAsync("message.send", room, new JsonObject { ["cid"] = cid ?? NewCid(), ["text"] = text });

    public static string NewCid(TimeSpan ago = default) =>
        Guid.CreateVersion7(TimeProvider.System.GetUtcNow() - ago).ToString();

    /// <summary>Sends many without waiting for one after the other; all must be acknowledged.</summary>
    public async Task SayManyAsync(string room, int count, Func<int, string>? text = null)
    {
        foreach (var part in Enumerable.Range(1, count).Chunk(200))
        {
            var ids = new List<string>();
            foreach (var i in part)
            {
                ids.Add(await PostAsync("message.send", room, new JsonObject { ["cid"] = NewCid(), ["text"] = text?.Invoke(i) ?? $"message {i}" }));
            }

            foreach (var id in ids)
            {
                var reply = await ReplyAsync(id);
                Assert.True(reply.TryGetProperty("ok", out _), reply.ToString());
            }
        }
    }

    /// <summary>Sends a request and answers its id.</summary>
    public async Task<string> PostAsync(string op, string? room = null, JsonNode? d = null, bool isSilent = false, bool isChecked = true)
    {
        var id = Interlocked.Increment(ref _ids).ToString(CultureInfo.InvariantCulture);
        var frame = new JsonObject { ["op"] = op };
        if (!isSilent)
        {
            frame["id"] = id;
            _ops[id] = op;
        }

        if (room is not null)
        {
            frame["room"] = room;
        }

        if (d is not null)
        {
            frame["d"] = d.DeepClone();
        }

        var text = frame.ToJsonString();
        if (isChecked && AsyncApi.Document.CheckRequest(op, text) is { Length: > 0 } wrong)
        {
            lock (_lock)
            {
                _violations.Add($"request: {wrong}");
            }
        }

        await SendAsync(text);
        return id;
    }

    public Task<JsonElement> ReplyAsync(string id) =>
        WaitAsync(frame => frame.TryGetProperty("re", out var re) && re.ValueKind == JsonValueKind.String && re.GetString() == id, $"reply {id}");

    public Task<JsonElement> EventAsync(string ev, Func<JsonElement, bool>? match = null, int from = 0) =>
        WaitAsync(frame => Name(frame) == ev && match?.Invoke(frame) != false, ev, from);

    /// <summary>The error that answers a frame whose id could not be read.</summary>
    public async Task<string> AnonymousErrorAsync(int from) =>
        (await WaitAsync(frame => frame.TryGetProperty("re", out var re) && re.ValueKind == JsonValueKind.Null, "error without id", from))
            .GetProperty("err").GetProperty("code").GetString()!;

    /// <summary>The message with this text.</summary>
    public Task<JsonElement> MessageAsync(string room, string text) => EventAsync(
        "message.created", frame => frame.GetProperty("room").GetString() == room && frame.GetProperty("d").GetProperty("text").GetString() == text);

    /// <summary>Durable events of a room that came live, in the order of arrival.</summary>
    public List<JsonElement> Durable(string room) => [.. Frames.Where(frame =>
        frame.TryGetProperty("seq", out _) && frame.GetProperty("room").GetString() == room)];

    /// <summary>
    /// Reads a room as a client must: applies events by seq, and pulls where the server says that it withheld some. Ends when
    /// <paramref name="to"/> is applied.
    /// </summary>
    public async Task ReachAsync(string room, long last, long to)
    {
        for (var next = 0; last < to; next++)
        {
            var at = next;
            var frame = await WaitAsync(_ => true, $"event {last + 1} of {room}", at);
            var isOfRoom = frame.TryGetProperty("room", out var of) && of.GetString() == room;
            if (isOfRoom && frame.TryGetProperty("seq", out var seq) && seq.GetInt64() == last + 1)
            {
                last++;
            }
            else if (isOfRoom && Name(frame) == "room.lagged")
            {
                for (var isComplete = false; !isComplete;)
                {
                    var page = await OkAsync("room.sync", room, new JsonObject { ["from"] = last });
                    foreach (var @event in page.GetProperty("events").EnumerateArray())
                    {
                        Assert.Equal(++last, @event.GetProperty("seq").GetInt64());
                    }

                    isComplete = page.GetProperty("complete").GetBoolean();
                }
            }
            else
            {
                Assert.False(isOfRoom && frame.TryGetProperty("seq", out seq) && seq.GetInt64() > last, $"a gap after {last}: {frame}");
            }
        }
    }

    public static string? Name(JsonElement frame) => frame.TryGetProperty("ev", out var ev) ? ev.GetString() : null;

    public async Task<JsonElement> WaitAsync(Func<JsonElement, bool> match, string what, int from = 0)
    {
        using var timeout = new CancellationTokenSource(Patience);
        for (var next = from; ;)
        {
            Task pulse;
            var isOver = _socket.Reading.IsCompleted;
            lock (_lock)
            {
                for (; next < _frames.Count; next++)
                {
                    if (match(_frames[next]))
                    {
                        return _frames[next];
                    }
                }

                pulse = _pulse.Task;
            }

            if (isOver)
            {
                Assert.Fail($"The connection ended ({_socket.CloseCode}) without: {what}");
            }

            try
            {
                await Task.WhenAny(pulse, _socket.Reading).WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Nothing came in {Patience} of: {what}. The last frames: {string.Join('\n', Frames.TakeLast(5))}");
            }
        }
    }

    /// <summary>
    /// Answers once all that the server had queued for this connection before the call has arrived: a ping's answer goes the same way.
    /// </summary>
    public async Task<int> DrainedAsync()
    {
        var from = Count;
        await PostAsync("ping", isSilent: true);
        await EventAsync("pong", from: from);
        return Count;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type = WebSocketMessageType.Text, bool isLast = true)
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _socket.SendAsync(bytes, type, isLast, timeout.Token);
    }

    /// <summary>Waits for the end and answers its code; null where the connection broke.</summary>
    public async Task<int?> ClosedAsync()
    {
        await _socket.Reading.WaitAsync(Patience);
        return _socket.CloseCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        Assert.True(_violations.Count == 0, string.Join('\n', _violations));
    }

    private void Take(string text)
    {
        var frame = JsonElement.Parse(text);
        TaskCompletionSource pulse;
        lock (_lock)
        {
            if (Violation(frame, text) is { Length: > 0 } wrong)
            {
                _violations.Add(wrong);
            }

            _frames.Add(frame);
            (pulse, _pulse) = (_pulse, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        pulse.TrySetResult();
    }

    private string Violation(JsonElement frame, string text)
    {
        if (Name(frame) is { } ev)
        {
            return AsyncApi.Document.CheckEvent(ev, text);
        }

        if (!frame.TryGetProperty("re", out var re))
        {
            return $"neither reply nor event: {text}";
        }

        var isError = frame.TryGetProperty("err", out _);
        var op = re.ValueKind == JsonValueKind.String ? _ops.GetValueOrDefault(re.GetString()!) : null;
        return isError || op is not null ? AsyncApi.Document.CheckReply(op, isError, text) : "";
    }
}
