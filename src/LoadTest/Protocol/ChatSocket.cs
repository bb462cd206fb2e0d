using System.Net.Sockets;
using System.Net.WebSockets;

namespace AkkaChat.LoadTest.Protocol;

/// <summary>How a connection could not be made, or ended; in words for the report.</summary>
internal sealed class ConnectionEndedException(string reason, int? code = null) : Exception(reason)
{
    /// <summary>Null if the connection broke without a close frame.</summary>
    public int? Code { get; } = code;
}

/// <summary>Makes the connections of a run. Those of slow readers get a small receive buffer, so that the server feels them soon.</summary>
internal sealed class ChatSockets(Uri server) : IDisposable
{
    private const int SmallBuffer = 8 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly Uri _url = new UriBuilder(new Uri(server, "ws")) { Scheme = server.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
    private readonly HttpMessageInvoker _usual = new(new SocketsHttpHandler());
    private readonly HttpMessageInvoker _small = new(new SocketsHttpHandler { ConnectCallback = ConnectSmallAsync });

    public async Task<ChatSocket> ConnectAsync(string accessToken, bool isSlow, CancellationToken end)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Requests.Subprotocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {accessToken}");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(end);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(_url, isSlow ? _small : _usual, timeout.Token);
            return new ChatSocket(socket);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException || (e is OperationCanceledException && !end.IsCancellationRequested))
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw new ConnectionEndedException(
                status is > 0 and not 101 ? $"handshake answered {status}"
                : e is OperationCanceledException ? $"no handshake in {ConnectTimeout.TotalSeconds:0} s"
                : e.GetBaseException().Message);
        }
    }

    public void Dispose()
    {
        _usual.Dispose();
        _small.Dispose();
    }

    private static async ValueTask<Stream> ConnectSmallAsync(SocketsHttpConnectionContext context, CancellationToken end)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = SmallBuffer };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, end);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>One connection: whole frames in, whole frames out. One reader and one writer at a time.</summary>
internal sealed class ChatSocket(ClientWebSocket socket) : IDisposable
{
    private const int FirstBuffer = 4 * 1024;

    private byte[] _buffer = new byte[FirstBuffer];

    /// <summary>The next frame, valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken end)
    {
        var length = 0;
        try
        {
            while (true)
            {
                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                }

                var part = await socket.ReceiveAsync(_buffer.AsMemory(length), end);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    var code = (int?)socket.CloseStatus;
                    throw new ConnectionEndedException($"closed with {code}", code);
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    return _buffer.AsMemory(0, length);
                }
            }
        }
        catch (Exception e) when (IsEnd(e) && !end.IsCancellationRequested)
        {
            throw new ConnectionEndedException("broken");
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken end)
    {
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, end);
        }
        catch (Exception e) when (IsEnd(e) && !end.IsCancellationRequested)
        {
            throw new ConnectionEndedException("broken");
        }
    }

    /// <summary>An abort surfaces as one or another of these.</summary>
    private static bool IsEnd(Exception e) => e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    /// <summary>Says goodbye. Nobody writes any more.</summary>
    public async Task CloseAsync(CancellationToken end)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, end);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // It had ended already.
        }
    }

    /// <summary>Breaks the connection, as a network does.</summary>
    public void Abort() => socket.Abort();

    public void Dispose() => socket.Dispose();
}
