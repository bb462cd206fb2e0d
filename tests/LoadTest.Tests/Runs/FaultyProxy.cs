using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AkkaChat.LoadTest.Tests.Runs;

internal enum ProxyFault
{
    Drop,
    Double,
    Swap,
}

/// <summary>
/// Stands between the load test and a server, and does to one live message of one connection what a server must never do. All else passes
/// as it is.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    /// <summary>Not the first, so that something came before it, and not the last.</summary>
    private const int Which = 12;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _server;
    private readonly ProxyFault _fault;
    private readonly Task _accepting;
    private int _seen;

    public FaultyProxy(Uri server, ProxyFault fault)
    {
        _server = server;
        _fault = fault;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public bool HasDoneIt => Volatile.Read(ref _seen) >= Which;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _end.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _end.Token);
                await Task.WhenAny(up, DownAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone; the other goes with it.
            }
        }
    }

    private async Task DownAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new List<byte>();
        var part = new byte[16 * 1024];
        var isSocket = false;
        byte[]? held = null;
        for (int read; (read = await from.ReadAsync(part, _end.Token)) > 0;)
        {
            buffer.AddRange(part.AsSpan(0, read));
            if (!isSocket && !IsUpgrade(buffer, out isSocket))
            {
                await to.WriteAsync(buffer.ToArray(), _end.Token);
                buffer.Clear();
                continue;
            }

            while (isSocket && TryTakeFrame(buffer, out var frame))
            {
                foreach (var passed in Pass(frame, ref held))
                {
                    await to.WriteAsync(passed, _end.Token);
                }
            }
        }
    }

    private List<byte[]> Pass(byte[] frame, ref byte[]? held)
    {
        if (held is { } before)
        {
            held = null;
            return [frame, before];
        }

        if (frame.AsSpan().IndexOf("\"ev\":\"message.created\""u8) < 0 || Interlocked.Increment(ref _seen) != Which)
        {
            return [frame];
        }

        switch (_fault)
        {
            case ProxyFault.Drop:
                return [];
            case ProxyFault.Double:
                return [frame, frame];
            default:
                held = frame;
                return [];
        }
    }

    /// <summary>True where the answer is a complete 101, which is passed on as a frame of its own; other answers are not looked at.</summary>
    private static bool IsUpgrade(List<byte> buffer, out bool isSocket)
    {
        var bytes = buffer.ToArray().AsSpan();
        isSocket = bytes.StartsWith("HTTP/1.1 101"u8) && bytes.IndexOf("\r\n\r\n"u8) >= 0;
        return isSocket || bytes.StartsWith("HTTP/1.1 101"u8);
    }

    /// <summary>A whole WebSocket frame of a server (unmasked), or the head of the 101.</summary>
    private static bool TryTakeFrame(List<byte> buffer, out byte[] frame)
    {
        frame = [];
        var bytes = buffer.ToArray().AsSpan();
        int length;
        if (bytes.StartsWith("HTTP/1.1 101"u8))
        {
            length = bytes.IndexOf("\r\n\r\n"u8) + 4;
        }
        else if (bytes.Length < 2)
        {
            return false;
        }
        else
        {
            var (head, payload) = (bytes[1] & 127) switch
            {
                126 => (4, bytes.Length < 4 ? int.MaxValue - 4 : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, bytes.Length < 10 ? int.MaxValue - 10 : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
                var few => (2, few),
            };
            length = head + payload;
        }

        if (bytes.Length < length)
        {
            return false;
        }

        frame = bytes[..length].ToArray();
        buffer.RemoveRange(0, length);
        return true;
    }
}
