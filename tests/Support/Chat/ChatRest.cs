using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaChat.Support.Chat;

/// <summary>An answer of the REST interface that was not a success, by its stable <c>code</c>.</summary>
public sealed class RestException(HttpStatusCode status, string code, string body) : Exception($"{(int)status} {code}: {body}")
{
    public HttpStatusCode Status { get; } = status;

    public string Code { get; } = code;
}

/// <summary>
/// One person's REST client, written against docs/rest.md alone. It holds the session: access and refresh token, and the cookies that
/// the server set, which only <see cref="CookieHeader"/> gives out. Requests carry the bearer token. Every call is bounded in time.
/// </summary>
public sealed class ChatRest : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWaitForQuota = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> _cookies = [];
    private readonly HttpClient _http;
    private string? _refreshToken;

    public ChatRest(Uri baseUrl)
    {
        BaseUrl = baseUrl;
        // No pooled connection outlives the node it led to by much, and no cookie is sent behind the test's back.
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            PooledConnectionLifetime = TimeSpan.FromSeconds(10),
        })
        {
            Timeout = CallTimeout,
        };
    }

    /// <summary>The node that the next call goes to; may be changed at any time.</summary>
    public Uri BaseUrl { get; set; }

    public string? AccessToken { get; private set; }

    public JsonElement User { get; private set; }

    public string UserId => User.GetProperty("id").GetString()!;

    public string CookieHeader => string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

    public async Task RegisterAsync(string username, string password, string? displayName = null)
    {
        var body = new JsonObject { ["username"] = username, ["email"] = $"{username}@example.org", ["password"] = password };
        if (displayName is not null)
        {
            body["displayName"] = displayName;
        }

        TakeSession(await CallAsync(HttpMethod.Post, "api/auth/register", body, anonymous: true));
    }

    public async Task LoginAsync(string login, string password) =>
        TakeSession(await CallAsync(
            HttpMethod.Post, "api/auth/login", new JsonObject { ["login"] = login, ["password"] = password }, anonymous: true));

    public async Task RefreshAsync() =>
        TakeSession(await CallAsync(HttpMethod.Post, "api/auth/refresh", new JsonObject { ["refreshToken"] = _refreshToken }, anonymous: true));

    public Task LogoutAsync() => CallAsync(HttpMethod.Post, "api/auth/logout");

    public Task<JsonElement> MeAsync() => CallAsync(HttpMethod.Get, "api/auth/me");

    public Task<JsonElement> CreateRoomAsync(string name, string visibility = "public", string? topic = null) =>
        CallAsync(HttpMethod.Post, "api/rooms", new JsonObject { ["name"] = name, ["topic"] = topic, ["visibility"] = visibility });

    public Task<JsonElement> JoinAsync(string room) => CallAsync(HttpMethod.Post, $"api/rooms/{room}/join");

    public Task LeaveAsync(string room) => CallAsync(HttpMethod.Post, $"api/rooms/{room}/leave");

    public Task<JsonElement> RoomAsync(string room) => CallAsync(HttpMethod.Get, $"api/rooms/{room}");

    public Task<JsonElement> RoomsAsync(string filter, string? search = null) =>
        CallAsync(HttpMethod.Get, $"api/rooms?filter={filter}" + (search is null ? "" : $"&search={Uri.EscapeDataString(search)}"));

    public Task<JsonElement> MembersAsync(string room) => CallAsync(HttpMethod.Get, $"api/rooms/{room}/members?limit=200");

    public Task<JsonElement> PresenceAsync(string room) => CallAsync(HttpMethod.Get, $"api/rooms/{room}/presence");

    /// <summary><paramref name="query"/> is one of <c>before=n</c>, <c>after=n</c>, <c>around=n</c>, or empty for the newest page.</summary>
    public Task<JsonElement> MessagesAsync(string room, string query = "") => CallAsync(HttpMethod.Get, $"api/rooms/{room}/messages?{query}");

    /// <summary>All durable events above <paramref name="after"/>, page by page until the head.</summary>
    public async Task<IReadOnlyList<JsonElement>> EventsAsync(string room, long after = 0)
    {
        var all = new List<JsonElement>();
        while (true)
        {
            var page = await CallAsync(HttpMethod.Get, $"api/rooms/{room}/events?after={after}&limit=1000");
            var items = page.GetProperty("items").EnumerateArray().ToList();
            all.AddRange(items);
            if (items.Count == 0 || items[^1].GetProperty("seq").GetInt64() >= page.GetProperty("head").GetProperty("seq").GetInt64())
            {
                return all;
            }

            after = items[^1].GetProperty("seq").GetInt64();
        }
    }

    /// <summary>One call; its JSON answer (undefined where there is no body), or <see cref="RestException"/>. A 429 is waited out.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonNode? body = null, bool anonymous = false)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            using var request = new HttpRequestMessage(method, new Uri(BaseUrl, path));
            request.Headers.Add("X-AkkaChat-Tokens", "1");
            if (!anonymous && AccessToken is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
            }

            if (body is not null)
            {
                request.Content = JsonContent.Create(body);
            }

            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
            {
                TakeCookies(response);
                return text.Length == 0 ? default : JsonElement.Parse(text);
            }

            var wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
            if (response.StatusCode != HttpStatusCode.TooManyRequests
                || TimeProvider.System.GetElapsedTime(started) + wait > LongestWaitForQuota)
            {
                throw new RestException(response.StatusCode, CodeOf(text), text);
            }

            await Task.Delay(wait);
        }
    }

    public void Dispose() => _http.Dispose();

    private static string CodeOf(string problem)
    {
        try
        {
            return JsonNode.Parse(problem)?["code"]?.GetValue<string>() ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private void TakeSession(JsonElement session)
    {
        AccessToken = session.GetProperty("accessToken").GetString();
        if (session.TryGetProperty("refreshToken", out var refresh) && refresh.ValueKind == JsonValueKind.String)
        {
            _refreshToken = refresh.GetString();
        }

        User = session.GetProperty("user");
    }

    private void TakeCookies(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            return;
        }

        foreach (var pair in lines.Select(line => line.Split(';', 2)[0].Split('=', 2)).Where(pair => pair.Length == 2))
        {
            _cookies[pair[0].Trim()] = pair[1];
        }
    }
}
