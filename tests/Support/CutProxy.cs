using System.Net;
using System.Net.Sockets;

namespace AkkaChat.Support;

/// <summary>
/// Passes TCP connections on to <see cref="Target"/>. Once exactly as many bytes as agreed have gone there, over all connections, it holds the
/// connection until <see cref="Cut"/> breaks it; later connections pass.
/// </summary>
public sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private long _left;

    public CutProxy(Uri target, long holdAfter)
    {
        (Target, _left) = (target, holdAfter);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Target { get; set; }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Completes when a connection is held.</summary>
    public Task Held => _held.Task;

    public void Cut() => _cut.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_ended.Token);
            _ = PassAsync(client);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync("127.0.0.1", Target.Port, _ended.Token);
                var back = server.GetStream().CopyToAsync(client.GetStream(), _ended.Token);
                var forward = ForwardAsync(client.GetStream(), server.GetStream());
                if (await Task.WhenAny(back, forward) == back && back.IsCompletedSuccessfully)
                {
                    // The server has answered and closed, maybe before it had read all. Closing with unread bytes resets the connection, and the
                    // client would lose the answer.
                    client.Client.Shutdown(SocketShutdown.Send);
                    await forward.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    await client.GetStream().CopyToAsync(Stream.Null, _ended.Token);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // Either side is gone, and then so is the other.
            }
        }
    }

    private async Task ForwardAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer.AsMemory(0, Room(buffer.Length)), _ended.Token) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
            if (Interlocked.Add(ref _left, -read) <= 0 && _held.TrySetResult())
            {
                await _cut.Task;
                return;
            }
        }
    }

    /// <summary>How much may be read at once: no more than may still pass before a connection is held.</summary>
    private int Room(int length) => Interlocked.Read(ref _left) is > 0 and var left ? (int)Math.Min(left, length) : length;
}
