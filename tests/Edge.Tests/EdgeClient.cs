using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Security;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Edge.Tests;

/// <summary>
/// The accounts behind a real Kestrel on a free port. The proxy at 127.0.0.1 is known, so a test speaks as any client address and
/// scheme through X-Forwarded-For and X-Forwarded-Proto.
/// </summary>
public sealed class EdgeHost : IAsyncDisposable
{
    public const string Password = "zq8-wn4-rt6";

    private readonly WebApplication _app;
    private readonly string _folder;

    private EdgeHost(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        Url = new Uri(app.Urls.Single());
    }

    public Uri Url { get; }

    public IServiceProvider Services => _app.Services;

    public ManualTime Time => (ManualTime)_app.Services.GetRequiredService<TimeProvider>();

    public RecordedLog Log => _app.Services.GetRequiredService<RecordedLog>();

    public RecordedSessionEvents Events => (RecordedSessionEvents)_app.Services.GetRequiredService<ISessionEvents>();

    public static async Task<EdgeHost> StartAsync(Dictionary<string, string?>? settings = null, ManualTime? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("akkachat-edge-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = settings?.GetValueOrDefault("environment") ?? "Development",
            ContentRootPath = folder,
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AkkaChat:Database:DataFolder"] = folder,
            ["AkkaChat:Security:KnownProxies:0"] = "127.0.0.1",
            ["AkkaChat:Auth:SessionCacheDuration"] = "00:00:00",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var log = new RecordedLog();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton<TimeProvider>(time ?? new ManualTime());
        builder.Services.AddSingleton<ISessionEvents, RecordedSessionEvents>();
        builder.Services.AddAkkaChatAccounts(builder.Configuration);
        builder.Services.AddOpenApi();
        var app = builder.Build();
        app.UseAkkaChatAccounts();
        app.MapAccounts();
        app.MapOpenApi();
        app.MapGet("/origin", (HttpContext context, OriginPolicy policy) => policy.IsAllowed(context) ? "yes" : "no");
        app.MapGet("/throws", string () => throw new InvalidOperationException("a secret detail"));
        try
        {
            await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
            await app.StartAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return new EdgeHost(app, folder);
    }

    /// <summary>A client that keeps no cookies of its own: each test says what is sent.</summary>
    public EdgeClient Client(string address = "192.0.2.1", string scheme = "http") => new(Url, address, scheme);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One browser or program: its address, its scheme, and the cookies it holds.</summary>
public sealed class EdgeClient : IDisposable
{
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

    public Task<Answer> RegisterAsync(string username, string password = EdgeHost.Password) => SendAsync(
        "POST", "/api/auth/register", new { username, email = $"{username}@example.org", password }, headers: ("X-AkkaChat-Tokens", "1"));

    public Task<Answer> LoginAsync(string login, string password = EdgeHost.Password) => SendAsync(
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
