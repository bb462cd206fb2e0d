using System.Net.Http.Headers;
using System.Net.Http.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Hosting;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Security;
using AkkaChat.Edge.Sockets;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Edge.Tests.Hosting;

/// <summary>
/// An edge in this process, of the whole product or of the accounts alone: a real Kestrel on a free port, with a data folder of its own.
/// </summary>
public sealed class ChatHost : IAsyncDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";
    private const string AnyHash = "no password has this hash";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly string NoPage = Path.Combine(Path.GetTempPath(), "akkachat-no-page");
    private static int _names;

    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly HttpClient _http;
    private Task? _stopping;

    private ChatHost(WebApplication app, string folder, RecordedLog log)
    {
        (_app, _folder, Log) = (app, folder, log);
        Url = new Uri(app.Urls.Single());
        var patience = TimeSpan.FromSeconds(30);
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, Expect100ContinueTimeout = patience })
        {
            BaseAddress = Url, Timeout = patience,
        };
    }

    public Uri Url { get; }

    public IServiceProvider Services => _app.Services;

    public RecordedLog Log { get; }

    /// <summary>The clock of a host of <see cref="StartAccountsAsync"/>.</summary>
    public ShiftedTime Time => (ShiftedTime)Services.GetRequiredService<TimeProvider>();

    /// <summary>The ends of sessions on a host of <see cref="StartAccountsAsync"/>.</summary>
    public RecordedSessionEvents Events => (RecordedSessionEvents)Services.GetRequiredService<ISessionEvents>();

    /// <summary>
    /// The whole product: the composition of Program.cs. The limits that many specs in a short time would meet are high unless a spec sets
    /// them.
    /// </summary>
    /// <param name="isReady">False where the host is not expected to become ready.</param>
    public static async Task<ChatHost> StartAsync(
        Dictionary<string, string?>? settings = null, TimeProvider? time = null, bool isReady = true)
    {
        var host = await StartAsync(
            new()
            {
                ["AkkaChat:Web:Root"] = NoPage,
                ["AkkaChat:Management:Port"] = "0",
                ["AkkaChat:Auth:RegistrationsPerAddressPerMinute"] = "100000",
                ["AkkaChat:Auth:LoginsPerAddressPerMinute"] = "100000",
                ["AkkaChat:Sockets:SendPerSecond"] = "100000",
                ["AkkaChat:Sockets:SendBurst"] = "100000",
                ["AkkaChat:Sockets:RequestsPerSecond"] = "100000",
                ["AkkaChat:Limits:RequestsPerSecond"] = "100000",
                ["AkkaChat:Limits:RoomsPerHour"] = "1000000",
                ["AkkaChat:Limits:MovesPerMinute"] = "100000",
                ["AkkaChat:Limits:ChangesPerMinute"] = "100000",
                ["AkkaChat:Limits:UnknownRoomsPerMinute"] = "100000",
                ["AkkaChat:Limits:MovesPerRoomPerMinute"] = "100000",
                // A socket of a spec says nothing by itself, and a slow machine is no reason to close it.
                ["AkkaChat:Sockets:Heartbeat"] = "00:05:00",
                ["AkkaChat:Sockets:DrainTime"] = "00:00:00.2",
                // Nor one to give up on a room that is at work.
                ["AkkaChat:Gateway:Patience"] = "00:01:00",
            },
            settings,
            LogLevel.Warning,
            builder =>
            {
                builder.Services.AddSingleton(time ?? TimeProvider.System);
                builder.AddChatEdge();
            },
            app => app.UseChatEdge());
        if (!isReady)
        {
            return host;
        }

        try
        {
            await Eventually.AssertAsync(
                async () => Assert.Equal(200, (await host.SendAsync("GET", "/health/ready")).Status), StartTimeout);

            // The first room of a process waits for much to start; on a busy machine longer than the gateway's patience.
            var first = await host.PersonAsync("first");
            await Eventually.AssertAsync(() => first.CreateRoomAsync(), StartTimeout);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The accounts alone, at once, with a clock that a test moves and everything logged. The proxy at 127.0.0.1 is known, so a test speaks
    /// as any client address and scheme through X-Forwarded-For and X-Forwarded-Proto.
    /// </summary>
    public static Task<ChatHost> StartAccountsAsync(Dictionary<string, string?>? settings = null) => StartAsync(
        new()
        {
            ["AkkaChat:Security:KnownProxies:0"] = "127.0.0.1",
            ["AkkaChat:Auth:SessionCacheDuration"] = "00:00:00",
        },
        settings,
        LogLevel.Trace,
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(new ShiftedTime());
            builder.Services.AddSingleton<ISessionEvents, RecordedSessionEvents>();
            builder.Services.AddAkkaChatAccounts(builder.Configuration);
            builder.Services.AddOpenApi();
        },
        app =>
        {
            app.UseAkkaChatAccounts();
            app.MapAccounts();
            app.MapOpenApi();
            app.MapGet("/origin", (HttpContext context, OriginPolicy policy) => policy.IsAllowed(context) ? "yes" : "no");
            app.MapGet("/throws", string () => throw new InvalidOperationException("a secret detail"));
        },
        app => app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None));

    private static async Task<ChatHost> StartAsync(
        Dictionary<string, string?> defaults,
        Dictionary<string, string?>? settings,
        LogLevel level,
        Action<WebApplicationBuilder> add,
        Action<WebApplication> use,
        Func<WebApplication, Task>? prepare = null)
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
            ["urls"] = AnyPort,
            ["AkkaChat:Database:DataFolder"] = folder,
        });
        builder.Configuration.AddInMemoryCollection(defaults);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        var log = new RecordedLog();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(level);
        add(builder);
        builder.WebHost.UseUrls(AnyPort);
        var app = builder.Build();
        use(app);
        try
        {
            await (prepare?.Invoke(app) ?? Task.CompletedTask);
            await app.StartAsync().WaitAsync(StartTimeout);
            return new ChatHost(app, folder, log);
        }
        catch
        {
            await app.DisposeAsync();
            await TestFolder.DeleteAsync(folder);
            throw;
        }
    }

    /// <summary>An account and a session that no login made, since hashing passwords is slow by design. Names are unique, unless one is exact.</summary>
    public async Task<Person> PersonAsync(string name = "ana", bool isExact = false)
    {
        var username = isExact ? name : $"{name}-{Interlocked.Increment(ref _names)}";
        var created = await Services.GetRequiredService<IAccountStore>().CreateAsync(
            new NewAccount(username, $"{username}@private.example", AnyHash, name, null), CancellationToken.None);
        return await LoginAsync(created.Account!);
    }

    /// <summary>Another session of an account that <see cref="PersonAsync"/> made.</summary>
    public async Task<Person> LoginAsync(Account account)
    {
        var grant = await Services.GetRequiredService<ISessionStore>().CreateAsync(account.Id, AnyHash, "tests", CancellationToken.None);
        return new Person(this, account, Services.GetRequiredService<AccessTokens>().Issue(account, grant!.Session));
    }

    /// <summary>A browser or program that keeps the cookies it is given.</summary>
    public EdgeClient Client(string address = "192.0.2.1", string scheme = "http") => new(Url, address, scheme);

    public async Task<Answer> SendAsync(string method, string path, object? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = body as HttpContent ?? JsonContent.Create(body);
            // A body may be refused before it is sent; writing on would break off with the connection instead of reading the refusal.
            request.Headers.ExpectContinue = body is HttpContent;
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await _http.SendAsync(request);
        return new Answer(response, await response.Content.ReadAsStringAsync());
    }

    public Task StopAsync() => _stopping ??= _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await _app.DisposeAsync();
        _http.Dispose();
        await TestFolder.DeleteAsync(_folder);
    }
}

/// <summary>Somebody with a session; what they do over REST carries its token.</summary>
public sealed class Person(ChatHost host, Account account, string token)
{
    public ChatHost Host => host;

    public Account Account => account;

    public string Id => account.Id.Value;

    public string Username => account.Username;

    public string Token => token;

    public Task<Answer> GetAsync(string path) => host.SendAsync("GET", path, null, token);

    public Task<Answer> PostAsync(string path, object? body = null) => host.SendAsync("POST", path, body, token);

    public Task<Answer> PutAsync(string path, object? body = null) => host.SendAsync("PUT", path, body, token);

    public Task<Answer> PatchAsync(string path, object body) => host.SendAsync("PATCH", path, body, token);

    public Task<Answer> DeleteAsync(string path) => host.SendAsync("DELETE", path, null, token);

    /// <summary>Joins as by an invitation: a private room too.</summary>
    public async Task JoinInvitedAsync(string room)
    {
        var reply = await host.Services.GetRequiredService<RoomGateway>().AskAsync(new RoomProtocol.JoinRoom(
            new RoomId(room), new UserRef(account.Id, account.Username, account.DisplayName), Invited: true));
        Assert.IsType<RoomProtocol.ChangeAck>(reply);
        await host.Services.GetRequiredService<IRoomConsumers>().CatchUpAsync(new RoomId(room), CancellationToken.None);
    }

    /// <summary>A new room of this person's.</summary>
    public async Task<string> CreateRoomAsync(string name = "a room", string visibility = "public", string? topic = null)
    {
        var answer = await PostAsync("/api/rooms", new { name, topic, visibility });
        Assert.True(answer.Status == 201, answer.Text);
        return answer.Json.GetProperty("id").GetString()!;
    }

    public async Task JoinAsync(string room)
    {
        var answer = await PostAsync($"/api/rooms/{room}/join");
        Assert.True(answer.Status == 200, answer.Text);
    }

    public async Task LeaveAsync(string room)
    {
        var answer = await PostAsync($"/api/rooms/{room}/leave");
        Assert.True(answer.Status == 204, answer.Text);
    }

    /// <summary>
    /// Posts many messages past the sockets, in the order of their numbers from 1: one socket's sends wait for each other's commits, and
    /// these share them.
    /// </summary>
    public async Task FillAsync(string room, int count, Func<int, string>? text = null)
    {
        var gateway = host.Services.GetRequiredService<RoomGateway>();
        var author = new UserRef(account.Id, account.Username, account.DisplayName);
        var replies = await Task.WhenAll(Enumerable.Range(1, count).Select(i => gateway.AskAsync(new RoomProtocol.PostMessage(
            new RoomId(room), author, Guid.CreateVersion7(), text?.Invoke(i) ?? $"message {i}", ReplyToSeq: 0))));
        Assert.All(replies, reply => Assert.IsType<RoomProtocol.PostAck>(reply));
    }

    public Task<Person> OtherSessionAsync() => host.LoginAsync(account);
}
