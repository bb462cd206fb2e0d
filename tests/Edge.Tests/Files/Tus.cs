using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AkkaChat.Edge.Tests.Hosting;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>The requests of tus, each as a client makes it; a spec changes what it is about.</summary>
internal static class Tus
{
    public const string BytesType = "application/offset+octet-stream";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    public static string Metadata(params (string Key, string Value)[] pairs) =>
        string.Join(',', pairs.Select(pair => $"{pair.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value))}"));

    /// <summary>Headers that are null are left out.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        this Person person, string method, string path, HttpContent? body = null, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(person.Host.Url, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
        var all = new Dictionary<string, string?> { ["Tus-Resumable"] = "1.0.0" };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        foreach (var (name, value) in all.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
    }

    /// <summary>A new upload to a room, for a message.</summary>
    public static Task<HttpResponseMessage> CreateAsync(
        this Person person, string room, long length, string name = "a.txt", string type = "text/plain", HttpContent? body = null) =>
        person.CreateAsync(length, [("filename", name), ("filetype", type), ("room", room)], body);

    public static Task<HttpResponseMessage> CreateAsync(
        this Person person, long length, (string Key, string Value)[] metadata, HttpContent? body = null) =>
        person.SendAsync("POST", "/api/uploads", body, ("Upload-Length", Text(length)), ("Upload-Metadata", Metadata(metadata)));

    public static Task<HttpResponseMessage> PatchAsync(this Person person, string path, long offset, byte[] bytes, params (string Name, string? Value)[] headers) =>
        person.SendAsync("PATCH", path, Body(bytes), [("Upload-Offset", Text(offset)), .. headers]);

    public static HttpContent Body(byte[] bytes, string? type = BytesType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return content;
    }

    /// <summary>The path of a new upload.</summary>
    public static async Task<string> BeginAsync(this Person person, string room, long length, string name = "a.txt", string type = "text/plain")
    {
        using var answer = await person.CreateAsync(room, length, name, type);
        return await PathAsync(answer);
    }

    /// <summary>A whole file; its id.</summary>
    public static async Task<string> UploadAsync(this Person person, string room, byte[] bytes, string name = "a.txt", string type = "text/plain")
    {
        using var begun = await person.CreateAsync(room, bytes.Length, name, type);
        return await person.FillAsync(begun, bytes);
    }

    public static async Task<string> UploadAsync(this Person person, byte[] bytes, params (string Key, string Value)[] metadata)
    {
        using var begun = await person.CreateAsync(bytes.Length, metadata);
        return await person.FillAsync(begun, bytes);
    }

    public static async Task<long> OffsetAsync(this Person person, string path)
    {
        using var answer = await person.SendAsync("HEAD", path);
        await AssertStatusAsync(200, answer);
        return long.Parse(answer.Header("Upload-Offset")!, CultureInfo.InvariantCulture);
    }

    /// <summary>Follows the redirect of a file, with no credentials, as a browser does to another origin.</summary>
    public static async Task<HttpResponseMessage> ViewAsync(this Person person, string id, string query = "", string? range = null)
    {
        using var answer = await person.SendAsync("GET", $"/api/files/{id}{query}");
        await AssertStatusAsync(302, answer);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(person.Host.Url, answer.Headers.Location!));
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        return await Http.SendAsync(request);
    }

    public static string? Header(this HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    public static async Task AssertStatusAsync(int status, HttpResponseMessage answer, string? code = null)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {status}: {text}");
        if (code is not null)
        {
            Assert.Equal(code, System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
        }
    }

    public static async Task AssertContentAsync(byte[] expected, HttpResponseMessage answer)
    {
        var content = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(content.AsSpan().SequenceEqual(expected), $"{(int)answer.StatusCode} with {content.Length} bytes that are not the {expected.Length} expected: {Encoding.UTF8.GetString(content[..Math.Min(content.Length, 1000)])}");
    }

    private static async Task<string> PathAsync(HttpResponseMessage begun)
    {
        await AssertStatusAsync(201, begun);
        return begun.Headers.Location!.ToString();
    }

    private static async Task<string> FillAsync(this Person person, HttpResponseMessage begun, byte[] bytes)
    {
        var path = await PathAsync(begun);
        using var answer = await person.PatchAsync(path, 0, bytes);
        await AssertStatusAsync(204, answer);
        return path.Split('/')[^1];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A body of unknown length in two parts, the second when the gate opens.</summary>
internal sealed class GatedContent : HttpContent
{
    private readonly byte[] _first;
    private readonly byte[] _second;
    private readonly Task _gate;
    private readonly TaskCompletionSource _begun = new();

    public GatedContent(byte[] first, byte[] second, Task gate)
    {
        (_first, _second, _gate) = (first, second, gate);
        Headers.ContentType = new(Tus.BytesType);
    }

    public Task Begun => _begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_first);
        await stream.FlushAsync();
        _begun.SetResult();
        await _gate;
        await stream.WriteAsync(_second);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
