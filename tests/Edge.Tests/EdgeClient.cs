using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Ids;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Edge.Tests;

/// <summary>One browser or program: its address, its scheme, and the cookies it holds.</summary>
public sealed class EdgeClient : IDisposable
{
    public const string Password = "zq8-wn4-rt6";

    private readonly HttpClient _http;

    public EdgeClient(Uri url, string address, string scheme)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
    }

    /// <summary>Name to value, as of the last answers; sent with every request of <see cref="SendAsync"/>.</summary>
    public Dictionary<string, string> Cookies { get; } = [];

    public async Task<Answer> SendAsync(
        string method, string path, object? body = null, string? bearer = null, bool csrf = true, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        }

        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }
        else if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        if (csrf)
        {
            request.Headers.Add("X-AkkaChat", "1");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        var answer = new Answer(response, await response.Content.ReadAsStringAsync());
        foreach (var cookie in answer.SetCookies)
        {
            var (name, value) = (cookie.Split('=')[0], cookie.Split('=', 2)[1].Split(';')[0]);
            if (value.Length > 0)
            {
                Cookies[name] = value;
            }
            else
            {
                Cookies.Remove(name);
            }
        }

        return answer;
    }

    public Task<Answer> RegisterAsync(string username, string password = Password) => SendAsync(
        "POST", "/api/auth/register", new { username, email = $"{username}@example.org", password }, headers: ("X-AkkaChat-Tokens", "1"));

    public Task<Answer> LoginAsync(string login, string password = Password) => SendAsync(
        "POST", "/api/auth/login", new { login, password }, headers: ("X-AkkaChat-Tokens", "1"));

    public void Dispose() => _http.Dispose();
}

public sealed class Answer(HttpResponseMessage response, string text)
{
    public int Status { get; } = (int)response.StatusCode;

    public string Text { get; } = text;

    public string? ContentType { get; } = response.Content.Headers.ContentType?.MediaType;

    public IReadOnlyDictionary<string, string> Headers { get; } =
        response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> SetCookies { get; } =
        response.Headers.TryGetValues("Set-Cookie", out var values) ? values.ToList() : [];

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Code => Json.GetProperty("code").GetString();

    public string AccessToken => Json.GetProperty("accessToken").GetString()!;

    public string RefreshToken => Json.GetProperty("refreshToken").GetString()!;

    public IEnumerable<string> Errors => Json.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order();
}

public sealed class RecordedSessionEvents : ISessionEvents
{
    public ConcurrentQueue<(SessionId Session, UserId User)> Ended { get; } = new();

    public void SessionEnded(SessionId session, UserId user) => Ended.Enqueue((session, user));
}

/// <summary>All that was logged, at every level, as text.</summary>
public sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
