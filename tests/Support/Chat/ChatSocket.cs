using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaChat.Support.Chat;

/// <summary>How a connection says who it is; the three ways of docs/protocol.md.</summary>
public enum ChatCredential
{
    /// <summary>Authorization header on the handshake.</summary>
    Bearer,

    /// <summary>The login's cookies, and the Origin of the server itself.</summary>
    Cookie,

    /// <summary><c>token</c> inside hello.</summary>
    Hello,
}

/// <summary>The error of a reply.</summary>
public sealed class ChatException(string code, string message, bool retryable, int retryAfterMs) : Exception($"{code}: {message}")
{
    public string Code { get; } = code;

    public bool Retryable { get; } = retryable;

    /// <summary>0 where the server named none.</summary>
    public int RetryAfterMs { get; } = retryAfterMs;
}

/// <summary>The connection ended, or nothing came in time: the outcome of a request in flight is not known.</summary>
public sealed class ChatConnectionLostException(string message) : Exception(message);

/// <summary>
/// One WebSocket connection of <c>akkachat.v1+json</c>: requests with their replies, and events handed to the owner in the order in
/// which they came. It beats as the protocol asks, and takes the connection for dead by the protocol's own rule.
/// </summary>
public sealed class ChatSocket : IAsyncDisposable
{
    public const string Subprotocol = "akkachat.v1+json";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket _socket;
    private readonly Action<JsonElement> _onEvent;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private int _ids;
    private long _lastSent = TimeProvider.System.GetTimestamp();
    private long _lastReceived = TimeProvider.System.GetTimestamp();

    private ChatSocket(ClientWebSocket socket, Action<JsonElement> onEvent)
    {
        _socket = socket;
        _onEvent = onEvent;
    }

    /// <summary>Completes when the connection has ended, in whatever way.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The server's close code; null while open or where the connection broke without one.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public bool IsOpen => !_closed.Task.IsCompleted;

    public static async Task<ChatSocket> ConnectAsync(
        Uri baseUrl, ChatRest rest, ChatCredential credential, Action<JsonElement> onEvent, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        switch (credential)
        {
            case ChatCredential.Bearer:
                socket.Options.SetRequestHeader("Authorization", $"Bearer {rest.AccessToken}");
                break;
            case ChatCredential.Cookie:
                socket.Options.SetRequestHeader("Cookie", rest.CookieHeader);
                socket.Options.SetRequestHeader("Origin", baseUrl.GetLeftPart(UriPartial.Authority));
                break;
        }

        configure?.Invoke(socket.Options);
        var url = new UriBuilder(new Uri(baseUrl, "ws")) { Scheme = baseUrl.Scheme == "https" ? "wss" : "ws" }.Uri;
        using var timeout = new CancellationTokenSource(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(url, timeout.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or HttpRequestException)
        {
            socket.Dispose();
            throw new ChatConnectionLostException($"{url}: {e.Message}");
        }

        var connection = new ChatSocket(socket, onEvent);
        connection._reading = Task.Run(connection.ReadAsync);
        return connection;
    }

    /// <summary>Starts the beat that hello asked for.</summary>
    public void Beat(TimeSpan heartbeat) => _ = BeatAsync(heartbeat);

    /// <summary>Sends a request and answers the reply's <c>d</c>; an error is thrown.</summary>
    public async Task<JsonElement> RequestAsync(string op, string? room = null, JsonNode? d = null, TimeSpan? timeout = null)
    {
        var reply = await RequestFrameAsync(op, room, d, timeout);
        if (reply.TryGetProperty("err", out var error))
        {
            throw new ChatException(
                error.GetProperty("code").GetString()!,
                error.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "",
                error.GetProperty("retryable").GetBoolean(),
                error.TryGetProperty("retryAfterMs", out var wait) && wait.ValueKind == JsonValueKind.Number ? wait.GetInt32() : 0);
        }

        return reply.TryGetProperty("d", out var answer) ? answer : default;
    }

    /// <summary>Sends a request and answers the whole reply frame, error or not.</summary>
    public async Task<JsonElement> RequestFrameAsync(string op, string? room = null, JsonNode? d = null, TimeSpan? timeout = null)
    {
        var id = $"{Interlocked.Increment(ref _ids)}";
        var reply = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = reply;
        try
        {
            await SendAsync(Frame(op, room, d, id));
            if (!IsOpen)
            {
                throw new ChatConnectionLostException("closed before the reply");
            }

            return await reply.Task.WaitAsync(timeout ?? ReplyTimeout);
        }
        catch (TimeoutException)
        {
            throw new ChatConnectionLostException($"no reply to {op} in {timeout ?? ReplyTimeout}");
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a frame that asks for no reply.</summary>
    public Task PostAsync(string op, string? room = null, JsonNode? d = null) => SendAsync(Frame(op, room, d, null));

    /// <summary>Sends a text frame as it is.</summary>
    public async Task SendAsync(string text)
    {
        await _writing.WaitAsync();
        try
        {
            Interlocked.Exchange(ref _lastSent, TimeProvider.System.GetTimestamp());
            await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _end.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            throw new ChatConnectionLostException(e.Message);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Breaks the connection without a word, as a network does.</summary>
    public void Abort()
    {
        _socket.Abort();
        _end.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                await _reading.WaitAsync(patience.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // it was ending already
            }
        }

        Abort();
        await _reading;
        // The rest is left to the collector: a sender may still be between its check and its write.
        _socket.Dispose();
    }

    private static string Frame(string op, string? room, JsonNode? d, string? id)
    {
        var frame = new JsonObject { ["op"] = op };
        if (id is not null)
        {
            frame["id"] = id;
        }

        if (room is not null)
        {
            frame["room"] = room;
        }

        if (d is not null)
        {
            frame["d"] = d.DeepClone();
        }

        return frame.ToJsonString();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        using var frame = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
                Interlocked.Exchange(ref _lastReceived, TimeProvider.System.GetTimestamp());
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                frame.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonElement.Parse(frame.ToArray()));
                    frame.SetLength(0);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the connection is gone; Closed says so
        }
        finally
        {
            _closed.TrySetResult();
            foreach (var waiting in _pending.Values)
            {
                waiting.TrySetException(new ChatConnectionLostException($"the connection ended (code {CloseCode})"));
            }
        }
    }

    private void Take(JsonElement frame)
    {
        if (!frame.TryGetProperty("re", out var id))
        {
            _onEvent(frame);
        }
        else if (id.ValueKind == JsonValueKind.String && _pending.TryGetValue(id.GetString()!, out var waiting))
        {
            waiting.TrySetResult(frame);
        }
    }

    private async Task BeatAsync(TimeSpan heartbeat)
    {
        try
        {
            while (IsOpen)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _end.Token);
                if (TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _lastReceived)) > heartbeat + heartbeat + TimeSpan.FromSeconds(10))
                {
                    Abort();
                }
                else if (TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _lastSent)) > heartbeat)
                {
                    await PostAsync("ping");
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChatConnectionLostException or ObjectDisposedException)
        {
            // the connection is gone
        }
    }
}
