using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.LoadTest.Limits;

namespace AkkaChat.LoadTest.Protocol;

/// <summary>The server cannot be reached, or does not do what a run needs of it; in words for the user.</summary>
internal sealed class UnusableServerException(string message) : Exception(message);

/// <summary>A user of the run and the tokens of its session.</summary>
internal sealed class Account
{
    public required string Name { get; init; }

    public string UserId { get; set; } = "";

    public string AccessToken { get; set; } = "";

    public string RefreshToken { get; set; } = "";

    /// <summary>Of the time provider.</summary>
    public long TokenSince { get; set; }

    public TimeSpan TokenLifetime { get; set; }

    public SemaphoreSlim Refreshing { get; } = new(1);
}

/// <summary>
/// The REST contract as far as a run needs it (docs/rest.md). It keeps to the server's limits: where the server asks to wait, it waits, and
/// notes the limit.
/// </summary>
internal sealed class ChatApi(Uri server, Notices notices, TimeProvider time) : IDisposable
{
    private const string Password = "a load test says nothing 4711";

    /// <summary>How long a server may be busy or unreachable. A server that limits the rate is waited for as long as it takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromSeconds(30),
        MaxConnectionsPerServer = 64,
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    public Uri Server { get; } = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");

    /// <summary>Finds out whether an AkkaChat server answers that can take a run.</summary>
    public async Task ProbeAsync(CancellationToken end)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Server, "health/ready"), end);
            var body = await response.Content.ReadAsStringAsync(end);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                throw new UnusableServerException($"{Server} is not ready: {Shorten(body)}");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new UnusableServerException($"{Server} does not look like an AkkaChat server: GET /health/ready answers {(int)response.StatusCode}.");
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !end.IsCancellationRequested))
        {
            throw new UnusableServerException($"{Server} cannot be reached: {e.GetBaseException().Message}. Is the server running, and the address right?");
        }
    }

    public async Task RegisterAsync(Account account, CancellationToken end)
    {
        var body = new JsonObject
        {
            ["username"] = account.Name,
            ["email"] = $"{account.Name}@load.invalid",
            ["password"] = Password,
            ["displayName"] = account.Name,
        };
        Take(account, await CallAsync(HttpMethod.Post, "api/auth/register", body, null, end));
    }

    /// <returns>The id of the new public room.</returns>
    public async Task<string> CreateRoomAsync(Account owner, string name, CancellationToken end)
    {
        var room = await CallAsync(HttpMethod.Post, "api/rooms", new JsonObject { ["name"] = name, ["visibility"] = "public" }, owner, end);
        return Parse(room).GetProperty("id").GetString()!;
    }

    public Task JoinAsync(Account account, string room, CancellationToken end) =>
        CallAsync(HttpMethod.Post, $"api/rooms/{room}/join", null, account, end);

    /// <summary>A page of a room's events above <paramref name="after"/>, as it came.</summary>
    public Task<byte[]> EventsAsync(Account account, string room, long after, CancellationToken end) =>
        CallAsync(HttpMethod.Get, $"api/rooms/{room}/events?after={after}&limit=1000", null, account, end);

    /// <summary>An access token that lasts a while.</summary>
    public async Task<string> TokenAsync(Account account, bool renew, CancellationToken end)
    {
        var known = account.AccessToken;
        await account.Refreshing.WaitAsync(end);
        try
        {
            var isOld = time.GetElapsedTime(account.TokenSince) > account.TokenLifetime - RefreshBefore;
            if (isOld || (renew && account.AccessToken == known))
            {
                var body = new JsonObject { ["refreshToken"] = account.RefreshToken };
                Take(account, await CallAsync(HttpMethod.Post, "api/auth/refresh", body, null, end));
            }

            return account.AccessToken;
        }
        finally
        {
            account.Refreshing.Release();
        }
    }

    public void Dispose() => _http.Dispose();

    private void Take(Account account, byte[] session)
    {
        var root = Parse(session);
        account.UserId = root.GetProperty("user").GetProperty("id").GetString()!;
        account.AccessToken = root.GetProperty("accessToken").GetString()!;
        account.RefreshToken = root.TryGetProperty("refreshToken", out var refresh) ? refresh.GetString() ?? "" : "";
        account.TokenLifetime = TimeSpan.FromSeconds(root.GetProperty("expiresIn").GetDouble());
        account.TokenSince = time.GetTimestamp();
    }

    private async Task<byte[]> CallAsync(HttpMethod method, string path, JsonObject? body, Account? account, CancellationToken end)
    {
        var started = time.GetTimestamp();
        for (var isRenewed = false; ;)
        {
            TimeSpan wait;
            string problem;
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(Server, path));
                request.Headers.Add("X-AkkaChat-Tokens", "1");
                if (account is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(account, renew: false, end));
                }

                if (body is not null)
                {
                    request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
                }

                using var response = await _http.SendAsync(request, end);
                var answer = await response.Content.ReadAsByteArrayAsync(end);
                if (response.IsSuccessStatusCode)
                {
                    return answer;
                }

                problem = $"{method} /{path.Split('?')[0]} answers {(int)response.StatusCode} {Shorten(System.Text.Encoding.UTF8.GetString(answer))}";
                if (response.StatusCode == HttpStatusCode.Unauthorized && account is not null && !isRenewed)
                {
                    isRenewed = true;
                    await TokenAsync(account, renew: true, end);
                    continue;
                }

                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout))
                {
                    throw new UnusableServerException($"{problem}.");
                }

                wait = WaitOf(response, answer);
                Note(path, response.StatusCode, problem);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    // The rate is within the limits by waiting; that is no failure of the server.
                    started = time.GetTimestamp();
                }
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !end.IsCancellationRequested))
            {
                problem = $"{method} /{path.Split('?')[0]}: {e.GetBaseException().Message}";
                wait = TimeSpan.FromMilliseconds(500);
            }

            if (time.GetElapsedTime(started) > Patience)
            {
                throw new UnusableServerException($"{problem}; given up after {Patience.TotalSeconds:0} s.");
            }

            await Task.Delay(wait + TimeSpan.FromMilliseconds(Random.Shared.Next(250)), time, end);
        }
    }

    private void Note(string path, HttpStatusCode status, string problem)
    {
        var limit = (path, status) switch
        {
            ("api/auth/register", HttpStatusCode.TooManyRequests) => Limit.Registrations,
            ("api/auth/register", _) => Limit.Hashing,
            ("api/auth/refresh", HttpStatusCode.TooManyRequests) => Limit.Refreshes,
            (_, HttpStatusCode.TooManyRequests) => Limit.Requests,
            _ => Limit.Busy,
        };
        notices.Add(limit, problem);
    }

    private static TimeSpan WaitOf(HttpResponseMessage response, byte[] answer)
    {
        try
        {
            var exact = FrameReader.Number(answer, "retryAfterMs"u8);
            if (exact > 0)
            {
                return TimeSpan.FromMilliseconds(Math.Min(exact, 60_000));
            }
        }
        catch (JsonException)
        {
            // A proxy answered, not the server.
        }

        return response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
    }

    private static JsonElement Parse(byte[] json) => JsonElement.Parse(json);

    private static string Shorten(string text) => text.Length <= 200 ? text : $"{text[..200]}…";
}
