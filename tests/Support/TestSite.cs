using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AkkaChat.Support;

/// <summary>
/// A web site, on loopback unless a test asks for another address, that answers each path as a test says, to the byte: the answer is written to
/// the raw connection, which is closed after it.
/// </summary>
public sealed class TestSite : IAsyncDisposable
{
    private const int MaxHead = 16 * 1024;

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<string, Func<Stream, CancellationToken, Task>> _answers = new();
    private readonly Task _accepting;

    private TestSite(IPAddress address)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public static TestSite Start() => new(IPAddress.Loopback);

    /// <param name="others">Answers paths that have no answer of their own.</param>
    public static TestSite Start(IPAddress address, Func<string, Func<Stream, CancellationToken, Task>> others) => new(address) { Others = others };

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads of the requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    private Func<string, Func<Stream, CancellationToken, Task>>? Others { get; init; }

    public string Url(string path) => $"http://{_listener.LocalEndpoint}{path}";

    public int Count(string path) => Requests.Count(request => request.StartsWith($"GET {path} ", StringComparison.Ordinal));

    public void Answer(string path, Func<Stream, CancellationToken, Task> answer) => _answers[path] = answer;

    public void Answer(string path, byte[] body, string type = "text/html; charset=utf-8", string status = "200 OK", string headers = "") =>
        Answer(path, Of(body, type, status, headers));

    public static Func<Stream, CancellationToken, Task> Of(
        byte[] body, string type = "text/html; charset=utf-8", string status = "200 OK", string headers = "") => async (stream, stop) =>
        {
            await stream.WriteAsync(Head(status, $"Content-Type: {type}\r\nContent-Length: {body.Length}\r\n{headers}"), stop);
            await stream.WriteAsync(body, stop);
        };

    public void Html(string path, string html) => Answer(path, Encoding.UTF8.GetBytes(html));

    public void Redirect(string path, string location) => Answer(path, [], status: "302 Found", headers: $"Location: {location}\r\n");

    public static byte[] Head(string status, string headers) => Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n");

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = await ReadHeadAsync(stream);
                Requests.Enqueue(head);
                var path = head.Split(' ', 3).ElementAtOrDefault(1) ?? "";
                var answer = _answers.GetValueOrDefault(path) ?? Others?.Invoke(path) ?? Of([], status: "404 Not Found");
                await answer(stream, _stopped.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The other side has gone, or the test is over.
            }
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1024];
        while (head.Length < MaxHead && !head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _stopped.Token);
            if (read == 0)
            {
                break;
            }

            head.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return head.ToString();
    }
}
