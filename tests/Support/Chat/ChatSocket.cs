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
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(15);

    private readonly FrameSocket _socket;
    private readonly Action<JsonElement> _onEvent;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _ending = Task.CompletedTask;
    private int _ids;

    private ChatSocket(FrameSocket socket, Action<JsonElement> onEvent)
    {
        _socket = socket;
        _onEvent = onEvent;
    }

    /// <summary>Completes when the connection has ended, in whatever way.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The server's close code; null while open or where the connection broke without one.</summary>
    public int? CloseCode => _socket.CloseCode;

    public bool IsOpen => !_closed.Task.IsCompleted;

    public static async Task<ChatSocket> ConnectAsync(
        Uri baseUrl, ChatRest rest, ChatCredential credential, Action<JsonElement> onEvent, Action<ClientWebSocketOptions>? configure = null)
    {
        try
        {
            var socket = await FrameSocket.ConnectAsync(baseUrl, ConnectTimeout, options =>
            {
                switch (credential)
                {
                    case ChatCredential.Bearer:
                        options.SetRequestHeader("Authorization", $"Bearer {rest.AccessToken}");
                        break;
                    case ChatCredential.Cookie:
                        options.SetRequestHeader("Cookie", rest.CookieHeader);
                        options.SetRequestHeader("Origin", baseUrl.GetLeftPart(UriPartial.Authority));
                        break;
                }

                configure?.Invoke(options);
            });
            var connection = new ChatSocket(socket, onEvent);
            socket.StartReading(connection.Take);
            connection._ending = connection.EndAsync();
            return connection;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or HttpRequestException)
        {
            throw new ChatConnectionLostException($"{FrameSocket.UrlOf(baseUrl)}: {e.Message}");
        }
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
        try
        {
            await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            throw new ChatConnectionLostException(e.Message);
        }
    }

    /// <summary>Breaks the connection without a word, as a network does.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        await _ending;
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

    private async Task EndAsync()
    {
        await _socket.Reading;
        _closed.TrySetResult();
        foreach (var waiting in _pending.Values)
        {
            waiting.TrySetException(new ChatConnectionLostException($"the connection ended (code {CloseCode})"));
        }
    }

    private void Take(byte[] bytes)
    {
        var frame = JsonElement.Parse(bytes);
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
                await Task.WhenAny(Closed, Task.Delay(TimeSpan.FromSeconds(1)));
                if (_socket.SinceReceived > heartbeat + heartbeat + TimeSpan.FromSeconds(10))
                {
                    Abort();
                }
                else if (_socket.SinceSent > heartbeat)
                {
                    await PostAsync("ping");
                }
            }
        }
        catch (ChatConnectionLostException)
        {
            // the connection is gone
        }
    }
}
