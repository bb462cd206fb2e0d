using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AkkaChat.Cmd;

/// <summary>The node's catalogue.</summary>
internal sealed record Catalogue(string? Node, string Version, IReadOnlyList<Palette> Palettes);

internal sealed record Palette(string Name, string Summary, IReadOnlyList<Command> Commands);

internal sealed record Command(string Name, string Summary, IReadOnlyList<Switch> Switches);

internal sealed record Switch(string Name, string Value, string Summary, bool Required);

/// <summary>A line of a response.</summary>
/// <param name="Data">Null for remarks for people.</param>
internal sealed record Row(string Text, JsonElement? Data);

/// <summary>A command failed: the reason and the exit code.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>The node's management port, as docs/pbm.md describes it.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;

    public NodeClient(Uri node, string? token)
    {
        Node = node;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = false })
        {
            BaseAddress = node,
            // The response of a command that follows something has no end.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Uri Node { get; }

    public void Dispose() => _http.Dispose();

    /// <exception cref="CommandFailedException">The node cannot be reached, or refuses.</exception>
    public async Task<Catalogue> GetCatalogueAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/pbm"), cancellationToken);
        try
        {
            return await answer.Content.ReadFromJsonAsync<Catalogue>(Json, cancellationToken) ?? throw NotANode();
        }
        catch (JsonException)
        {
            throw NotANode();
        }
    }

    /// <summary>Yields rows as they arrive.</summary>
    /// <exception cref="CommandFailedException">The command failed or did not finish.</exception>
    public async IAsyncEnumerable<Row> RunAsync(
        string palette,
        string command,
        IReadOnlyDictionary<string, string> switches,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // With a length: the node reads no body without one.
        var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { switches }, Json));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/pbm/{Uri.EscapeDataString(palette)}/{Uri.EscapeDataString(command)}");
        request.Content = body;
        using var answer = await SendAsync(request, cancellationToken);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(lines, cancellationToken) is { } line)
        {
            var parsed = Parse(line);
            if (parsed.End is { } end)
            {
                if (end.ExitCode != ExitCodes.Done)
                {
                    throw new CommandFailedException(end.ExitCode, end.Message ?? "");
                }

                yield break;
            }

            yield return parsed.Row ?? throw NotANode();
        }

        throw new CommandFailedException(ExitCodes.Unreachable, $"{Node.Authority} ended the response early.");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandFailedException(ExitCodes.Unreachable, $"{Node.Authority} cannot be reached: {e.Message}");
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ReadRefusalAsync(answer, cancellationToken);
        }
    }

    private async Task<CommandFailedException> ReadRefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            if (await answer.Content.ReadFromJsonAsync<End>(Json, cancellationToken) is { Message: { } message } refusal)
            {
                return new CommandFailedException(refusal.ExitCode, message);
            }
        }
        catch (JsonException)
        {
            // The response is not from a node.
        }

        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? new CommandFailedException(ExitCodes.Unauthorised, "A token is needed.")
            : NotANode();
    }

    private async Task<string?> ReadLineAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandFailedException(ExitCodes.Unreachable, $"The connection to {Node.Authority} broke: {e.Message}");
        }
    }

    private Line Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, Json) ?? throw NotANode();
        }
        catch (JsonException)
        {
            throw NotANode();
        }
    }

    private CommandFailedException NotANode() => new(ExitCodes.Unreachable, $"{Node.Authority} is not the management port of a node.");

    private sealed record Line(Row? Row, End? End);

    private sealed record End(int ExitCode, string? Message);
}
