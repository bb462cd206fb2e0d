using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace AkkaChat.Cmd.Tests;

/// <param name="Node">The instance that sent it.</param>
/// <param name="Parent">Empty where it has none.</param>
public sealed record Span(string Trace, string Id, string Parent, string Name, string Node);

/// <summary>A collector of OTLP over HTTP that keeps the spans it is sent.</summary>
public sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<Span> _spans = new();

    public Collector()
    {
        Url = $"http://127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"{Url}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public IReadOnlyCollection<Span> Spans => _spans;

    public int MetricExports { get; private set; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    Read(body.ToArray());
                }
                else if (context.Request.Url.AbsolutePath == "/v1/metrics")
                {
                    MetricExports++;
                }

                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    /// <summary>ExportTraceServiceRequest: resource spans (1) of a resource (1) and scope spans (2), which hold spans (2).</summary>
    private void Read(byte[] request)
    {
        foreach (var ofResource in Fields(request, 1))
        {
            var node = Fields(ofResource, 1).SelectMany(resource => Fields(resource, 1))
                .Where(attribute => Text(attribute, 1) == "service.instance.id")
                .Select(attribute => Text(Fields(attribute, 2).Single(), 1))
                .Single();
            foreach (var span in Fields(ofResource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                _spans.Enqueue(new Span(Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), node));
            }
        }
    }

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault() ?? []);

    private static string Hex(byte[] message, int field) => Convert.ToHexString(Fields(message, field).FirstOrDefault() ?? []);

    /// <summary>The values of a field whose wire type is a length and bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    if ((int)(key >> 3) == field)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        byte next;
        do
        {
            next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            shift += 7;
        }
        while (next >= 0x80);
        return value;
    }
}
