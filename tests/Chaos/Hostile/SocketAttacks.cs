using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Hostile;

/// <summary>Hostile clients of the WebSocket protocol.</summary>
internal static class SocketAttacks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] Junk = Encoding.UTF8.GetBytes("""{"op":17,"id":[]}""");

    /// <summary>An address of the machine that nobody else connects from, so that its limits are the attack's own.</summary>
    private static readonly IPAddress OwnAddress = IPAddress.Parse("127.0.0.66");

    public static Task StormAsync(Target target, Answers answers, CancellationToken end) => Task.WhenAll(
        Enumerable.Range(0, target.Sizes.Parallel).Select(async _ =>
        {
            var rooms = new JsonObject();
            foreach (var room in target.Full)
            {
                rooms[room] = 0;
            }

            while (!end.IsCancellationRequested)
            {
                await TryAsync(answers, async () =>
                {
                    var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    await using var socket = await ChatSocket.ConnectAsync(target.Edge, target.Owner, ChatCredential.Bearer, frame =>
                    {
                        var ev = frame.GetProperty("ev").GetString();
                        if (ev is "sync.done")
                        {
                            synced.TrySetResult();
                        }
                        else if (ev is "room.reset")
                        {
                            answers.Count(ev);
                        }
                    });
                    await socket.RequestAsync("hello", d: new JsonObject { ["resume"] = new JsonObject { ["rooms"] = rooms.DeepClone() } }, timeout: Patience);
                    answers.Count("hello");
                    await Task.WhenAny(synced.Task, socket.Closed).WaitAsync(Patience, end);
                    answers.Count(synced.Task.IsCompleted ? "synced" : $"closed {socket.CloseCode}");
                }, end);
            }
        }));

    /// <summary>Opens as many as it may, and as soon as one is closed another.</summary>
    public static async Task WaitAsync(Target target, Answers answers, CancellationToken end)
    {
        using var invoker = new HttpMessageInvoker(FromOwnAddress());
        await Task.WhenAll(Enumerable.Range(0, target.Sizes.Waiting).Select(async i =>
        {
            // Not all in one moment: a machine has a queue of connections to accept.
            await Task.Delay(i / 4, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (!end.IsCancellationRequested)
            {
                await TryAsync(answers, async () =>
                {
                    await using var socket = await FrameSocket.ConnectAsync(target.Edge, Patience, by: invoker);
                    answers.Count("accepted");
                    socket.StartReading(_ => { });
                    await socket.Reading.WaitAsync(end);
                    answers.Count($"closed {socket.CloseCode}");
                }, end);
                await Task.Delay(TimeSpan.FromSeconds(1), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
    }

    public static Task JunkAsync(Target target, Answers answers, CancellationToken end) => Task.WhenAll(
        Enumerable.Range(0, target.Sizes.Parallel).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                await TryAsync(answers, async () =>
                {
                    await using var socket = await FrameSocket.ConnectAsync(
                        target.Edge, Patience, options => options.SetRequestHeader("Authorization", $"Bearer {target.Owner.AccessToken}"));
                    socket.StartReading(_ => { });
                    try
                    {
                        while (!socket.Reading.IsCompleted)
                        {
                            await socket.SendAsync(Junk, cancellationToken: end);
                            answers.Count("frames");
                        }
                    }
                    catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException)
                    {
                        // The server has closed it; the code comes with what is still to be read.
                    }

                    await socket.Reading.WaitAsync(Patience, end);
                    answers.Count($"closed {socket.CloseCode?.ToString(CultureInfo.InvariantCulture) ?? "without a code"}");
                }, end);
            }
        }));

    public static async Task FloodAsync(Target target, Answers answers, CancellationToken end)
    {
        using var flooder = await RestAttacks.AccountAsync(target.Edge);
        await Patiently.DoAsync(() => flooder.JoinAsync(target.Room));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                await TryAsync(answers, async () =>
                {
                    await using var socket = await ChatSocket.ConnectAsync(target.Edge, flooder, ChatCredential.Bearer, _ => { });
                    await socket.RequestAsync("hello");
                    while (socket.IsOpen && !end.IsCancellationRequested)
                    {
                        var frame = await socket.RequestFrameAsync(
                            "message.send", target.Room, new JsonObject { ["cid"] = Guid.CreateVersion7().ToString(), ["text"] = "flood" }, Patience);
                        answers.Count(frame.TryGetProperty("err", out var error) ? error.GetProperty("code").GetString()! : "ok");
                    }
                }, end);
            }
        }));
    }

    /// <summary>Members who take nothing off their sockets; whoever is closed comes back.</summary>
    public static async Task StallAsync(Target target, Answers answers, CancellationToken end)
    {
        using var reader = await RestAttacks.AccountAsync(target.Edge);
        await Patiently.DoAsync(() => reader.JoinAsync(target.Room));
        using var invoker = new HttpMessageInvoker(FromOwnAddress(receiveBuffer: 4_096));
        await Task.WhenAll(Enumerable.Range(0, target.Sizes.Parallel).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                await TryAsync(answers, async () =>
                {
                    await using var socket = await FrameSocket.ConnectAsync(
                        target.Edge, Patience, options => options.SetRequestHeader("Authorization", $"Bearer {reader.AccessToken}"), invoker);
                    await socket.SendAsync(Encoding.UTF8.GetBytes("""{"op":"hello","id":"1","d":{}}"""), cancellationToken: end);
                    answers.Count("stalled");
                    while (!end.IsCancellationRequested)
                    {
                        // A frame now and then, so that only the reading is amiss.
                        await Task.Delay(TimeSpan.FromSeconds(2), end);
                        await socket.SendAsync(Encoding.UTF8.GetBytes("""{"op":"ping"}"""), cancellationToken: end);
                    }
                }, end);
            }
        }));
    }

    private static SocketsHttpHandler FromOwnAddress(int? receiveBuffer = null) => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (receiveBuffer is { } bytes)
                {
                    socket.ReceiveBufferSize = bytes;
                }

                var server = (await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, AddressFamily.InterNetwork, cancellationToken))[0];
                if (IPAddress.IsLoopback(server))
                {
                    socket.Bind(new IPEndPoint(OwnAddress, 0));
                }

                await socket.ConnectAsync(server, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>One connection of an attack; however it ends, that is counted and nothing else.</summary>
    private static async Task TryAsync(Answers answers, Func<Task> connection, CancellationToken end)
    {
        try
        {
            await connection();
        }
        catch (Exception) when (end.IsCancellationRequested)
        {
            // the attack is over
        }
        catch (Exception e) when (e is WebSocketException or ChatException or ChatConnectionLostException or IOException or OperationCanceledException
            or TimeoutException or ObjectDisposedException or InvalidOperationException)
        {
            answers.Count((e as ChatException)?.Code ?? (e.Message.Contains("429", StringComparison.Ordinal) ? "429" : "broken"));
        }
    }
}

/// <summary>What a client does that is not hostile, at the rate that it may.</summary>
internal static class HostileSocket
{
    public static async Task SendAsync(ChatSocket socket, string room, string text)
    {
        var d = new JsonObject { ["cid"] = Guid.CreateVersion7().ToString(), ["text"] = text };
        while (true)
        {
            try
            {
                await socket.RequestAsync("message.send", room, d);
                return;
            }
            catch (ChatException e) when (e.Retryable)
            {
                await Task.Delay(Math.Max(e.RetryAfterMs, 50));
            }
        }
    }
}
