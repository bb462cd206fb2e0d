using System.Net.WebSockets;

namespace AkkaChat.Support.Chat;

/// <summary>
/// One WebSocket connection of <c>akkachat.v1+json</c> that does nothing by itself: whole frames in and out, and the closing handshake. What
/// the frames mean is the owner's concern.
/// </summary>
public sealed class FrameSocket : IAsyncDisposable
{
    public const string Subprotocol = "akkachat.v1+json";

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private long _lastSent = TimeProvider.System.GetTimestamp();
    private long _lastReceived = TimeProvider.System.GetTimestamp();

    private FrameSocket(ClientWebSocket socket) => _socket = socket;

    /// <summary>Completes when the connection has ended, in whatever way, and never faults.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    public string? AcceptedSubprotocol => _socket.SubProtocol;

    /// <summary>The server's close code; null while open or where the connection broke without one.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public TimeSpan SinceSent => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _lastSent));

    public TimeSpan SinceReceived => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _lastReceived));

    /// <exception cref="WebSocketException">The server refused.</exception>
    /// <exception cref="OperationCanceledException">It did not answer in time.</exception>
    public static async Task<FrameSocket> ConnectAsync(
        Uri baseUrl, TimeSpan timeout, Action<ClientWebSocketOptions>? configure = null, HttpMessageInvoker? by = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        configure?.Invoke(socket.Options);
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await socket.ConnectAsync(UrlOf(baseUrl), by, patience.Token);
            return new FrameSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Uri UrlOf(Uri baseUrl) => new UriBuilder(new Uri(baseUrl, "ws")) { Scheme = baseUrl.Scheme == "https" ? "wss" : "ws" }.Uri;

    /// <summary>Starts reading; until then what comes stays in the network. Frames are handed over one at a time, in order.</summary>
    public void StartReading(Action<byte[]> onFrame) => Reading = Task.Run(() => ReadAsync(onFrame));

    public async Task SendAsync(
        ReadOnlyMemory<byte> bytes,
        WebSocketMessageType type = WebSocketMessageType.Text,
        bool isLast = true,
        CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            Interlocked.Exchange(ref _lastSent, TimeProvider.System.GetTimestamp());
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
            await _socket.SendAsync(bytes, type, isLast, either.Token);
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
        if (_socket.State == WebSocketState.Open && !Reading.IsCompleted)
        {
            using var patience = new CancellationTokenSource(CloseTimeout);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                await Reading.WaitAsync(patience.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
            {
                // it was ending already
            }
        }

        Abort();
        await Reading;
        // The rest is left to the collector: a sender may still be between its check and its write.
        _socket.Dispose();
    }

    private async Task ReadAsync(Action<byte[]> onFrame)
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
                    using var patience = new CancellationTokenSource(CloseTimeout);
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                    return;
                }

                frame.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    onFrame(frame.ToArray());
                    frame.SetLength(0);
                }
            }
        }
        catch (Exception e)
            when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // the connection is gone; CloseCode says how
        }
    }
}
