using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <param name="Status">0 where there was no answer.</param>
/// <param name="Code">Of a refusal.</param>
/// <param name="Offset">Of an upload.</param>
internal sealed record FileAnswer(int Status, string Code, long? Offset, Uri? Location, byte[] Body, TimeSpan RetryAfter)
{
    public static readonly FileAnswer None = new(0, "lost", null, null, [], default);
}

/// <summary>The requests of docs/files.md: uploads by tus 1.0.0 and views of files. Each is made once, and every failure is an answer.</summary>
internal static class FileClient
{
    private const string BytesType = "application/offset+octet-stream";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lingering = TimeSpan.FromMilliseconds(100);

    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromSeconds(10),
    })
    {
        Timeout = Timeout,
    };

    /// <param name="room">Null: an avatar.</param>
    public static Task<FileAnswer> CreateAsync(ChatRest rest, Uri edge, string? room, FileContent content) => SendAsync(
        rest, edge, "POST", "api/uploads", null,
        ("Upload-Length", Text(content.Bytes.Length)),
        ("Upload-Metadata", $"filename {Base64(content.Name)},filetype {Base64(content.Type)},{(room is null ? $"purpose {Base64("avatar")}" : $"room {Base64(room)}")}"));

    public static Task<FileAnswer> StatusAsync(ChatRest rest, Uri edge, string file) => SendAsync(rest, edge, "HEAD", $"api/uploads/{file}", null);

    /// <param name="breakAfter">The connection breaks after so many of the bytes; null: it holds.</param>
    public static Task<FileAnswer> AppendAsync(ChatRest rest, Uri edge, string file, long offset, ReadOnlyMemory<byte> bytes, int? breakAfter) =>
        SendAsync(rest, edge, "PATCH", $"api/uploads/{file}", new BytesContent(bytes, breakAfter), ("Upload-Offset", Text(offset)));

    public static Task<FileAnswer> RemoveAsync(ChatRest rest, Uri edge, string file) => SendAsync(rest, edge, "DELETE", $"api/uploads/{file}", null);

    /// <summary>Asks where the file can be read: an answer with a <c>Location</c> is leave to read it.</summary>
    /// <param name="rest">Null: without credentials.</param>
    public static Task<FileAnswer> FindAsync(ChatRest? rest, Uri edge, string file, string form) =>
        SendAsync(rest, edge, "GET", $"api/files/{file}{(form == "original" ? "" : $"?thumb={form}")}", null);

    /// <summary>Reads at a URL that <see cref="FindAsync"/> gave, without credentials.</summary>
    public static Task<FileAnswer> ReadAsync(Uri edge, Uri location) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, location.IsAbsoluteUri ? location : new Uri(edge, location)));

    public static Task<FileAnswer> SetAvatarAsync(ChatRest rest, Uri edge, string? file) => SendAsync(
        rest, edge, "PATCH", "api/auth/me", System.Net.Http.Json.JsonContent.Create(new { avatar = file }));

    public static Task<FileAnswer> PeopleAsync(ChatRest rest, Uri edge, IEnumerable<string> users) =>
        SendAsync(rest, edge, "GET", $"api/users?ids={string.Join(',', users)}", null);

    private static Task<FileAnswer> SendAsync(
        ChatRest? rest, Uri edge, string method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(edge, path)) { Content = body };
        request.Headers.Authorization = rest is null ? null : new AuthenticationHeaderValue("Bearer", rest.AccessToken);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return SendAsync(request);
    }

    private static async Task<FileAnswer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            try
            {
                using var answer = await Http.SendAsync(request);
                var body = await answer.Content.ReadAsByteArrayAsync();
                return new FileAnswer(
                    (int)answer.StatusCode,
                    answer.StatusCode < HttpStatusCode.BadRequest ? "" : CodeOf(answer.StatusCode, body),
                    answer.Headers.TryGetValues("Upload-Offset", out var offset) ? long.Parse(offset.First(), CultureInfo.InvariantCulture) : null,
                    answer.Headers.Location,
                    body,
                    answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                return FileAnswer.None;
            }
        }
    }

    /// <summary>An S3 service's answers are XML, and those to HEAD have no body.</summary>
    private static string CodeOf(HttpStatusCode status, byte[] body)
    {
        try
        {
            return JsonElement.Parse(body).GetProperty("code").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return status switch
            {
                HttpStatusCode.NotFound => "not_found",
                HttpStatusCode.Forbidden => "forbidden",
                HttpStatusCode.Unauthorized => "unauthenticated",
                HttpStatusCode.Locked => "locked",
                _ => $"{(int)status}",
            };
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A body that can break off, as when a laptop is closed.</summary>
    private sealed class BytesContent : HttpContent
    {
        private readonly ReadOnlyMemory<byte> _bytes;
        private readonly int? _breakAfter;

        public BytesContent(ReadOnlyMemory<byte> bytes, int? breakAfter)
        {
            (_bytes, _breakAfter) = (bytes, breakAfter);
            Headers.ContentType = new MediaTypeHeaderValue(BytesType);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes[..Math.Min(_bytes.Length, _breakAfter ?? int.MaxValue)]);
            await stream.FlushAsync();
            if (_breakAfter is not null)
            {
                // What has been sent arrives before the end does.
                await Task.Delay(Lingering);
                throw new IOException("The connection is broken off.");
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
