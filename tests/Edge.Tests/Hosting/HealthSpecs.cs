using AkkaChat.Cluster.Nodes;
using AkkaChat.Edge.Relay;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Hosting;

[Collection(OnPostgres.Name)]
public sealed class HealthSpecs(PostgresChat chat)
{
    [Fact]
    public async Task Health_ShouldBeGood_WhenTheNodeRuns()
    {
        var (live, ready) = (await chat.Host.SendAsync("GET", "/health/live"), await chat.Host.SendAsync("GET", "/health/ready"));

        Assert.Equal((200, "live"), (live.Status, live.Json.GetProperty("status").GetString()));
        Assert.Equal((200, "ready"), (ready.Status, ready.Json.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Probe_ShouldTellAGoodAnswerFromABadOneAndFromNone()
    {
        var unused = new UriBuilder(chat.Host.Url) { Port = 1 }.Uri;

        Assert.Equal(0, await HealthProbe.TryRunAsync(["health", new Uri(chat.Host.Url, "/health/live").ToString()]));
        Assert.Equal(1, await HealthProbe.TryRunAsync(["health", new Uri(chat.Host.Url, "/api/auth/me").ToString()]));
        Assert.Equal(1, await HealthProbe.TryRunAsync(["health", unused.ToString()]));
        Assert.Equal(1, await HealthProbe.TryRunAsync(["health", "no address"]));
        Assert.Null(await HealthProbe.TryRunAsync([]));
        Assert.Null(await HealthProbe.TryRunAsync(["--AkkaChat:Sockets:SendBurst=3"]));
    }

    [Fact]
    public async Task Ready_ShouldSayWhyAndNeverCome_WhenTheDatabaseMayLoseCommits()
    {
        var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        // What the operator sets for the sessions wins over what they set for themselves.
        var connectionString = $"{await postgres.CreateDatabaseAsync()};Options=-c synchronous_commit=off";
        await using var host = await ChatHost.StartAsync(
            new()
            {
                ["AkkaChat:Database:Provider"] = "postgres",
                ["AkkaChat:Database:ConnectionString"] = connectionString,
            },
            isReady: false);

        // Everything else has become ready: the database is the one reason left.
        var readiness = host.Services.GetRequiredService<EdgeReadiness>();
        await Eventually.AssertAsync(() => Assert.True(readiness.IsReady), TimeSpan.FromSeconds(60));
        await Eventually.AssertAsync(async () =>
        {
            var ready = await host.SendAsync("GET", "/health/ready");
            Assert.Equal(503, ready.Status);
            Assert.Equal("unready", ready.Json.GetProperty("status").GetString());
            var reason = Assert.Single(ready.Json.GetProperty("checks").EnumerateObject());
            Assert.Equal("database", reason.Name);
            Assert.Contains("synchronous_commit", reason.Value.GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(200, (await host.SendAsync("GET", "/health/live")).Status);
    }

    [Fact]
    public async Task Ready_ShouldFollowTheDatabase_WhileTheNodeRuns()
    {
        var postgres = await PostgresServer.StartAsync();
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var host = await ChatHost.StartAsync(new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = connectionString,
        });

        await SetAsync("synchronous_commit = off");
        await SetAsync("full_page_writes = off");
        await UnreadyAsync("full_page_writes");
        Assert.DoesNotContain("synchronous_commit", (await host.SendAsync("GET", "/health/ready")).Text, StringComparison.Ordinal);
        await SetAsync("full_page_writes = on");
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await host.SendAsync("GET", "/health/ready")).Status), TimeSpan.FromSeconds(30));
        await postgres.DisposeAsync();
        await UnreadyAsync("The database");

        Task UnreadyAsync(string why) => Eventually.AssertAsync(
            async () =>
            {
                var ready = await host.SendAsync("GET", "/health/ready");
                Assert.Equal(503, ready.Status);
                Assert.Contains(why, ready.Json.GetProperty("checks").GetProperty("database").GetString(), StringComparison.Ordinal);
            },
            TimeSpan.FromSeconds(30));

        async Task SetAsync(string setting)
        {
            await using var connection = new Npgsql.NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            foreach (var sql in new[] { $"ALTER SYSTEM SET {setting}", "SELECT pg_reload_conf()" })
            {
                await using var command = connection.CreateCommand();
                command.CommandText = sql;
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    [Fact]
    public void Readiness_ShouldNameWhatIsMissing_WhenTheEdgeStarts()
    {
        var readiness = new EdgeReadiness();
        Assert.Equal("no room node has answered through this edge's topic yet", readiness.Reason);
        readiness.RoomsReachable();
        Assert.Null(readiness.Reason);
        readiness.Drain();
        Assert.Equal("an operator drains the node", readiness.Reason);
        readiness.Resume();
        Assert.Null(readiness.Reason);
        readiness.Stop();
        Assert.Equal("the node is shutting down", readiness.Reason);
    }
}

/// <summary>A host that has a page to serve.</summary>
public sealed class PagedChat : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("akkachat-page-").FullName;

    public ChatHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_root, "assets"));
        await File.WriteAllTextAsync(Path.Combine(_root, "index.html"), "<!doctype html><title>AkkaChat</title>");
        await File.WriteAllTextAsync(Path.Combine(_root, "assets", "app-1a2b.js"), "export {};");
        Host = await ChatHost.StartAsync(new() { ["AkkaChat:Web:Root"] = _root });
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await TestFolder.DeleteAsync(_root);
    }
}

public sealed class WebAppSpecs(PagedChat chat) : IClassFixture<PagedChat>
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Answers_ShouldCarryTheSecurityHeaders_WhateverTheyAre()
    {
        foreach (var (path, status, type) in new[]
        {
            ("/index.html", 200, "text/html"), ("/rooms/r_1", 200, "text/html"), ("/assets/app-1a2b.js", 200, "text/javascript"),
            ("/assets/none.js", 404, "application/problem+json"), ("/api/rooms", 401, "application/problem+json"),
            ("/api/none", 404, "application/problem+json"), ("/health/live", 200, "application/json"), ("/openapi/v1.json", 200, "application/json"),
            ("/ws", 426, "application/problem+json"),
        })
        {
            var answer = await Host.SendAsync("GET", path);
            Assert.True((answer.Status, answer.ContentType) == (status, type), $"{path}: {answer.Status} {answer.ContentType}");
            var policy = answer.Headers["Content-Security-Policy"];
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            foreach (var directive in new[] { "default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'" })
            {
                Assert.Contains(directive, policy.Split(';', StringSplitOptions.TrimEntries));
            }

            Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
            Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
            Assert.Equal("DENY", answer.Headers["X-Frame-Options"]);
            Assert.Equal("same-origin", answer.Headers["Cross-Origin-Opener-Policy"]);
            Assert.Equal("same-origin", answer.Headers["Cross-Origin-Resource-Policy"]);
            Assert.False(answer.Headers.ContainsKey("Server"));
            Assert.False(answer.Headers.ContainsKey("Strict-Transport-Security"), "the connection is not secure");
        }
    }

    [Fact]
    public async Task Page_ShouldBeAskedForAnewAndItsAssetsKept_WhenServed()
    {
        Assert.Equal("no-cache", (await Host.SendAsync("GET", "/rooms/r_1")).Headers["Cache-Control"]);
        Assert.Equal("public, max-age=31536000, immutable", (await Host.SendAsync("GET", "/assets/app-1a2b.js")).Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/cluster")]
    [InlineData("/cluster/members")]
    [InlineData("/../appsettings.json")]
    [InlineData("/assets/..%2f..%2fappsettings.json")]
    public async Task OperatorsAddresses_ShouldNotBeOnThePublicPort_WhenThePageIsServed(string path)
    {
        var answer = await Host.SendAsync("GET", path);

        // An address that nobody has is the page's own, or none.
        Assert.True(
            (answer.Status == 200 && answer.Text.Contains("<title>AkkaChat</title>", StringComparison.Ordinal)) || answer.Status is 400 or 404,
            $"{path}: {answer.Status} {answer.Text}");
    }
}
