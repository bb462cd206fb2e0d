using System.Text;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Accounts;

public sealed class AccountEndpointsSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Accounts_ShouldServeTheWholeLife_WhenABrowserUsesThem(string provider)
    {
        await using var host = await StartAsync(provider);
        using var browser = host.Client();

        var registered = await browser.SendAsync("POST", "/api/auth/register", new
        {
            username = "Ana", email = "ana@example.org", password = EdgeClient.Password, displayName = "  Ana B ", locale = "pt-BR",
        });
        Assert.Equal(201, registered.Status);
        Assert.Equal(900, registered.Json.GetProperty("expiresIn").GetInt32());
        Assert.False(registered.Json.TryGetProperty("refreshToken", out _));
        Assert.Equal(
            ["avatar", "createdAt", "displayName", "email", "id", "locale", "owner", "status", "username"],
            registered.Json.GetProperty("user").EnumerateObject().Select(p => p.Name).Order());

        var me = await browser.SendAsync("GET", "/api/auth/me");
        Assert.Equal(200, me.Status);
        Assert.EndsWith("Z", me.Json.GetProperty("createdAt").GetString(), StringComparison.Ordinal);
        Assert.Equal("Ana B", me.Json.GetProperty("displayName").GetString());

        var patched = await browser.SendAsync("PATCH", "/api/auth/me", new { displayName = "Ana 👩‍🚀" });
        Assert.Equal("Ana 👩‍🚀", patched.Json.GetProperty("displayName").GetString());
        Assert.Equal("pt-BR", patched.Json.GetProperty("locale").GetString());

        var refreshed = await browser.SendAsync("POST", "/api/auth/refresh");
        Assert.Equal(200, refreshed.Status);
        Assert.Equal(200, (await browser.SendAsync("GET", "/api/auth/me")).Status);

        var token = refreshed.AccessToken;
        Assert.Equal(204, (await browser.SendAsync("POST", "/api/auth/logout")).Status);
        Assert.DoesNotContain("akkachat-access", browser.Cookies.Keys);
        Assert.Single(host.Events.Ended);
        Assert.Equal(401, (await browser.SendAsync("GET", "/api/auth/me", bearer: token)).Status);
        Assert.Equal(204, (await browser.SendAsync("POST", "/api/auth/logout")).Status);

        Assert.Equal(200, (await browser.LoginAsync("ANA")).Status);
        Assert.Equal(200, (await browser.LoginAsync("Ana@Example.ORG")).Status);
    }

    [Fact]
    public async Task Register_ShouldNameEachBadField_WhenTheBodyIsNotValid()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();

        var answer = await client.SendAsync("POST", "/api/auth/register", new
        {
            username = "a b", email = "nowhere", password = "password123", displayName = "\u202eevil", locale = "no such locale",
        });

        Assert.Equal(400, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal("invalid", answer.Code);
        Assert.Equal(["displayName", "email", "locale", "password", "username"], answer.Errors);
        Assert.Equal(["email", "password", "username"], (await client.SendAsync("POST", "/api/auth/register", new { })).Errors);
    }

    [Theory]
    [InlineData("not json", "application/json", 400, "invalid")]
    [InlineData("null", "application/json", 400, "invalid")]
    [InlineData("[]", "application/json", 400, "invalid")]
    [InlineData("{}", "text/plain", 415, "invalid")]
    [InlineData("big", "application/json", 413, "too_large")]
    public async Task Register_ShouldAnswerAProblem_WhenTheBodyIsNoAccount(string body, string type, int status, string code)
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        var text = body == "big" ? $"{{\"username\":\"{new string('x', 20_000)}\"}}" : body;
        using var content = new StringContent(text, Encoding.UTF8, type);

        var answer = await client.SendAsync("POST", "/api/auth/register", content);

        Assert.Equal(status, answer.Status);
        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task Register_ShouldSayWhichNameIsTaken_WhenOneIs()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        await client.RegisterAsync("ana");

        var username = await client.RegisterAsync("ANA");
        var email = await client.SendAsync(
            "POST", "/api/auth/register", new { username = "other", email = "ANA@example.org", password = EdgeClient.Password });

        Assert.Equal((409, "username_taken"), (username.Status, username.Code));
        Assert.Equal((409, "email_taken"), (email.Status, email.Code));
    }

    [Fact]
    public async Task Login_ShouldAnswerAlike_WhenTheUserIsKnownOrNot()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        await client.RegisterAsync("ana");
        client.Cookies.Clear();

        var known = await client.LoginAsync("ana", "wrong password");
        var unknown = await client.LoginAsync("bob", "wrong password");

        Assert.Equal((401, "bad_credentials"), (known.Status, known.Code));
        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(known.Text, unknown.Text);
        Assert.Equal(known.Headers.Keys.Order(), unknown.Headers.Keys.Order());
        Assert.Empty(known.SetCookies);
    }

    [Fact]
    public async Task Login_ShouldTakeAsLong_WhenTheUserIsUnknown()
    {
        await using var host = await ChatHost.StartAccountsAsync(new() { ["AkkaChat:Auth:LoginsPerAccountAndAddressPerMinute"] = "1000" });
        using var client = host.Client();
        await client.RegisterAsync("ana");
        await client.LoginAsync("bob", "warm up 1");

        // In turns, so that the machine's load falls on both alike.
        var known = new List<double>();
        var unknown = new List<double>();
        for (var i = 0; i < 15; i++)
        {
            known.Add(await TimeAsync("ana"));
            unknown.Add(await TimeAsync("bob"));
        }

        Assert.InRange(unknown.Order().ElementAt(7) / known.Order().ElementAt(7), 0.5, 2.0);

        async Task<double> TimeAsync(string login)
        {
            var started = TimeProvider.System.GetTimestamp();
            await client.LoginAsync(login, "wrong password");
            return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    [Fact]
    public async Task Login_ShouldHashAnew_WhenTheParametersHaveChanged()
    {
        var folder = Directory.CreateTempSubdirectory("akkachat-rehash-").FullName;
        var settings = new Dictionary<string, string?> { ["AkkaChat:Database:DataFolder"] = folder };
        await using (var old = await ChatHost.StartAccountsAsync(new(settings) { ["AkkaChat:Passwords:MemoryKibibytes"] = "8192" }))
        {
            using var client = old.Client();
            await client.RegisterAsync("ana");
            Assert.Contains("$m=8192,", await HashAsync(old), StringComparison.Ordinal);
        }

        await using (var host = await ChatHost.StartAccountsAsync(settings))
        {
            using var client = host.Client();
            Assert.Equal(200, (await client.LoginAsync("ana")).Status);
            Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", await HashAsync(host), StringComparison.Ordinal);
            Assert.Equal(200, (await client.LoginAsync("ana")).Status);
        }

        await TestFolder.DeleteAsync(folder);

        static async Task<string> HashAsync(ChatHost host)
        {
            var store = (Persistence.Accounts.IAccountStore)host.Services.GetService(typeof(Persistence.Accounts.IAccountStore))!;
            return (await store.FindCredentialsAsync("ana", CancellationToken.None))!.PasswordHash;
        }
    }

    [Fact]
    public async Task ChangePassword_ShouldEndOnlyTheOtherSessions_WhenTheCurrentOneIsRight()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var mine = host.Client();
        using var other = host.Client();
        await mine.RegisterAsync("ana");
        await other.LoginAsync("ana");

        var wrong = await mine.SendAsync("PUT", "/api/auth/password", new { current = "wrong", @new = "quite-another-1" });
        var weak = await mine.SendAsync("PUT", "/api/auth/password", new { current = EdgeClient.Password, @new = "password123" });
        var right = await mine.SendAsync("PUT", "/api/auth/password", new { current = EdgeClient.Password, @new = "quite-another-1" });

        Assert.Equal((403, "bad_credentials"), (wrong.Status, wrong.Code));
        Assert.Equal((400, "invalid"), (weak.Status, weak.Code));
        Assert.Equal(["new"], weak.Errors);
        Assert.Equal(204, right.Status);
        Assert.Single(host.Events.Ended);
        Assert.Equal(200, (await mine.SendAsync("GET", "/api/auth/me")).Status);
        Assert.Equal(401, (await other.SendAsync("GET", "/api/auth/me")).Status);
        Assert.Equal(401, (await other.SendAsync("POST", "/api/auth/refresh")).Status);
        Assert.Equal(401, (await other.LoginAsync("ana")).Status);
        Assert.Equal(200, (await other.LoginAsync("ana", "quite-another-1")).Status);
    }

    [Fact]
    public async Task Refresh_ShouldEndTheSessionAndTell_WhenAnOldTokenComesBack()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        var first = await client.RegisterAsync("ana");
        client.Cookies.Clear();
        var second = await RefreshAsync(first.RefreshToken);
        host.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(401, (await RefreshAsync(first.RefreshToken)).Status);
        Assert.Equal(401, (await RefreshAsync(second.RefreshToken)).Status);
        Assert.Equal(401, (await client.SendAsync("GET", "/api/auth/me", bearer: second.AccessToken)).Status);
        Assert.Single(host.Events.Ended);

        Task<Answer> RefreshAsync(string refreshToken)
        {
            client.Cookies.Clear();
            return client.SendAsync("POST", "/api/auth/refresh", new { refreshToken }, headers: ("X-AkkaChat-Tokens", "1"));
        }
    }

    [Fact]
    public async Task Refresh_ShouldServeAll_WhenTabsRefreshAtOnce()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var browser = host.Client();
        await browser.RegisterAsync("ana");
        var tabs = Enumerable.Range(0, 6).Select(_ => host.Client()).ToList();
        tabs.ForEach(t => t.Cookies["akkachat-refresh"] = browser.Cookies["akkachat-refresh"]);

        var answers = await Task.WhenAll(tabs.Select(t => t.SendAsync("POST", "/api/auth/refresh")));

        Assert.All(answers, a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await tabs[2].SendAsync("POST", "/api/auth/refresh")).Status);
        tabs.ForEach(t => t.Dispose());
    }

    [Theory]
    [InlineData("http", "akkachat-access", "akkachat-refresh", false)]
    [InlineData("https", "__Host-akkachat-access", "__Secure-akkachat-refresh", true)]
    public async Task Cookies_ShouldHaveTheirFlags_WhenSet(string scheme, string access, string refresh, bool secure)
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var browser = host.Client(scheme: scheme);

        var answer = await browser.RegisterAsync("ana");

        foreach (var cookie in answer.SetCookies)
        {
            var parts = cookie.Split("; ").Select(p => p.ToLowerInvariant()).ToList();
            Assert.Contains("httponly", parts);
            Assert.Contains("samesite=lax", parts);
            Assert.Equal(secure, parts.Contains("secure"));
            Assert.DoesNotContain(parts, p => p.StartsWith("domain", StringComparison.Ordinal));
            Assert.Contains(parts, p => p.StartsWith("max-age=", StringComparison.Ordinal));
            var isAccess = cookie.StartsWith(access + "=", StringComparison.Ordinal);
            Assert.Contains(isAccess ? "path=/" : "path=/api/auth", parts);
        }

        Assert.Contains(answer.SetCookies, c => c.StartsWith(access + "=", StringComparison.Ordinal));
        Assert.Contains(answer.SetCookies, c => c.StartsWith(refresh + "=", StringComparison.Ordinal));
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal(200, (await browser.SendAsync("GET", "/api/auth/me")).Status);
        using var otherScheme = host.Client(scheme: secure ? "http" : "https");
        otherScheme.Cookies[access] = browser.Cookies[access];
        Assert.Equal(401, (await otherScheme.SendAsync("GET", "/api/auth/me")).Status);
    }

    [Fact]
    public async Task Login_ShouldSlowGuessesAndLetTheOwnerIn_WhenAThousandComeFromElsewhere()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var owner = host.Client("198.51.100.7");
        await owner.RegisterAsync("ana");

        var statuses = new List<int>();
        for (var i = 0; i < 1000; i++)
        {
            using var attacker = host.Client($"203.0.113.{i % 100}");
            var guess = await attacker.LoginAsync("ana", $"guess number {i}");
            statuses.Add(guess.Status);
            Assert.True(guess.Status != 429 || guess.Headers.ContainsKey("Retry-After"));
        }

        Assert.True(statuses.Count(s => s == 401) < 200, $"{statuses.Count(s => s == 401)} of 1000 guesses were looked at.");
        Assert.DoesNotContain(200, statuses);
        Assert.Equal(200, (await owner.LoginAsync("ana")).Status);
    }

    /// <summary>Many people have one address: those who have logged in before must not pay for the guesses of one of them.</summary>
    [Fact]
    public async Task Login_ShouldLetAKnownDeviceIn_WhenItsAddressHasUsedUpItsLogins()
    {
        await using var host = await ChatHost.StartAccountsAsync(new() { ["AkkaChat:Auth:LoginsPerAddressPerMinute"] = "3" });
        using var owner = host.Client();
        await owner.RegisterAsync("ana");
        using var neighbour = host.Client();
        for (var i = 0; i < 4; i++)
        {
            await neighbour.LoginAsync($"nobody{i}", "wrong password");
        }

        Assert.Equal(429, (await neighbour.LoginAsync("ana")).Status);
        Assert.Equal(200, (await owner.LoginAsync("ana")).Status);

        // A cookie of one's own making opens nothing, nor does that of another account.
        neighbour.Cookies["akkachat-device"] = "made.up";
        Assert.Equal(429, (await neighbour.LoginAsync("ana")).Status);
        Assert.Equal(429, (await owner.LoginAsync("nobody")).Status);
    }

    [Fact]
    public async Task Login_ShouldLimitAlike_WhenTheUserIsUnknown()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        await client.RegisterAsync("ana");
        client.Cookies.Clear();

        var known = await CodesAsync("ana");
        var unknown = await CodesAsync("bob");

        Assert.Equal(known, unknown);
        Assert.Contains("rate_limited", known);

        async Task<List<string?>> CodesAsync(string login)
        {
            var codes = new List<string?>();
            for (var i = 0; i < 12; i++)
            {
                codes.Add((await client.LoginAsync(login, "wrong password")).Code);
            }

            return codes;
        }
    }

    [Fact]
    public async Task Login_ShouldCountTheConnection_WhenTheProxyIsNotKnown()
    {
        await using var host = await ChatHost.StartAccountsAsync(new() { ["AkkaChat:Security:KnownProxies:0"] = "192.0.2.99" });
        var codes = new List<string?>();
        for (var i = 0; i < 12; i++)
        {
            using var spoofer = host.Client($"203.0.113.{i}");
            codes.Add((await spoofer.LoginAsync("ana", "wrong password")).Code);
        }

        Assert.Contains("rate_limited", codes);
    }

    [Fact]
    public async Task Register_ShouldServeALoadTest_WhenAHundredAccountsComeFromOneAddress()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var one = host.Client();
            return (await one.RegisterAsync($"user{i}")).Status;
        }));

        Assert.All(answers, s => Assert.Equal(201, s));
    }

    [Fact]
    public async Task Login_ShouldAnswerBusy_WhenMoreHashesWaitThanMay()
    {
        await using var host = await ChatHost.StartAccountsAsync(new()
        {
            ["AkkaChat:Passwords:Threads"] = "1", ["AkkaChat:Passwords:QueueLength"] = "1",
        });

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var client = host.Client();
            return await client.LoginAsync($"user{i}", "some password");
        }));

        Assert.Contains(answers, a => a.Status == 401);
        Assert.Contains(answers, a => a.Status == 503 && a.Code == "busy" && a.Json.GetProperty("retryAfterMs").GetInt64() > 0);
    }

    [Fact]
    public async Task Requests_ShouldBeUnavailableAndNotUnauthenticated_WhenTheDatabaseIsGone()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var host = await ChatHost.StartAccountsAsync(new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = await server.CreateDatabaseAsync(),
        });
        using var client = host.Client();
        await client.RegisterAsync("ana");
        if (Environment.GetEnvironmentVariable(PostgresServer.Variable) is { Length: > 0 })
        {
            return; // a server that is not ours is not stopped
        }

        await server.DisposeAsync();

        var me = await client.SendAsync("GET", "/api/auth/me");
        Assert.Equal((503, "unavailable"), (me.Status, me.Code));
        Assert.Equal(200, (await client.SendAsync("GET", "/origin")).Status);
        Assert.Equal((503, "unavailable"), ((await client.LoginAsync("ana")).Status, (await client.LoginAsync("ana")).Code));
    }

    [Fact]
    public async Task Log_ShouldHoldNoSecret_WhenEverythingIsLogged()
    {
        await using var host = await ChatHost.StartAccountsAsync(
            new() { ["environment"] = "Production", ["AkkaChat:Auth:AllowGeneratedKey"] = "true" });
        using var client = host.Client();
        var registered = await client.RegisterAsync("ana");
        await client.LoginAsync("ana", "canary-password-1");
        await client.SendAsync("GET", "/api/auth/me", bearer: registered.AccessToken);
        await client.SendAsync("POST", "/api/auth/refresh");

        var log = host.Log.Text;

        Assert.Contains("started", log, StringComparison.Ordinal);
        foreach (var secret in new[]
        {
            EdgeClient.Password, "canary-password-1", registered.AccessToken, registered.RefreshToken, "$argon2id",
        })
        {
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Errors_ShouldBeProblemsWithoutDetail_WhenAHandlerThrowsOrIsMissing()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();

        var thrown = await client.SendAsync("GET", "/throws");
        var missing = await client.SendAsync("GET", "/api/nothing");

        Assert.Equal((500, "internal"), (thrown.Status, thrown.Code));
        Assert.DoesNotContain("secret", thrown.Text, StringComparison.Ordinal);
        Assert.Equal((404, "not_found"), (missing.Status, missing.Code));
    }

    [Fact]
    public async Task OpenApi_ShouldNameEveryOperation_WhenAsked()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();

        var paths = (await client.SendAsync("GET", "/openapi/v1.json")).Json.GetProperty("paths");

        var operations = paths.EnumerateObject()
            .Where(p => p.Name.StartsWith("/api/auth/", StringComparison.Ordinal))
            .SelectMany(p => p.Value.EnumerateObject())
            .Select(o => o.Value.GetProperty("operationId").GetString())
            .Order();
        Assert.Equal(["changePassword", "getMe", "login", "logout", "refresh", "register", "updateMe"], operations);
        Assert.True(paths.GetProperty("/api/auth/register").GetProperty("post").GetProperty("responses").TryGetProperty("409", out _));
    }

    private async Task<ChatHost> StartAsync(string provider) => provider == "sqlite"
        ? await ChatHost.StartAccountsAsync()
        : await ChatHost.StartAccountsAsync(new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = await postgres.CreateDatabaseAsync(),
        });
}
