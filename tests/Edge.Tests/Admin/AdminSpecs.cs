using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Admin;

/// <summary>What owners of the installation see and do, and that nobody else does.</summary>
public abstract class AdminSpecs(ChatFixture chat)
{
    private static readonly (string Method, string Path)[] Endpoints =
    [
        ("GET", "nodes"), ("GET", "shards"), ("GET", "rooms"), ("GET", "sockets"), ("GET", "work"), ("POST", "work/999999999/retry"),
        ("DELETE", "work/999999999"), ("GET", "history"),
    ];

    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Admin_ShouldBeForOwnersOfTheInstallationOnly()
    {
        var (owner, person) = (await OwnerAsync(), await Host.PersonAsync());
        var room = await person.CreateRoomAsync();

        Assert.True((await owner.GetAsync("/api/auth/me")).Json.GetProperty("owner").GetBoolean());
        Assert.False((await person.GetAsync("/api/auth/me")).Json.GetProperty("owner").GetBoolean());
        foreach (var (method, path) in Endpoints)
        {
            RoomRestSpecs.AssertProblem(await Host.SendAsync(method, $"/api/admin/{path}"), 401, "unauthenticated");
            RoomRestSpecs.AssertProblem(await Host.SendAsync(method, $"/api/admin/{path}", null, person.Token), 403, "forbidden");
            var answer = await Host.SendAsync(method, $"/api/admin/{path}", null, owner.Token);
            Assert.Equal(path.Contains('9', StringComparison.Ordinal) ? 404 : 200, answer.Status);
        }

        // To own a room is not to own the installation, and the other way round.
        RoomRestSpecs.AssertProblem(await owner.PatchAsync($"/api/rooms/{room}", new { topic = "mine" }), 403, "forbidden");
        Assert.Equal(204, (await owner.PostAsync("/api/auth/logout")).Status);
        Assert.Equal(401, (await owner.GetAsync("/api/admin/nodes")).Status);
    }

    [Theory]
    [InlineData("rooms?limit=0", "limit")]
    [InlineData("rooms?limit=1001", "limit")]
    [InlineData("sockets?limit=501", "limit")]
    [InlineData("work?limit=201", "limit")]
    [InlineData("work?state=2", "state")]
    [InlineData("work?state=lost", "state")]
    [InlineData("work?cursor=-1", "cursor")]
    [InlineData("work?cursor=x", "cursor")]
    public async Task BadQuery_ShouldBeRefused(string query, string field)
    {
        var answer = await (await OwnerAsync()).GetAsync($"/api/admin/{query}");

        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal([field], answer.Errors);
    }

    [Fact]
    public async Task Nodes_ShouldSayHowTheyAre()
    {
        var (owner, ana) = (await OwnerAsync(), await Host.PersonAsync("ana"));
        var room = await ana.CreateRoomAsync("Observed", "private");
        await using var socket = await Socket.OpenAsync(ana);
        await socket.SayAsync(room, "hello");

        var node = Assert.Single((await owner.GetAsync("/api/admin/nodes")).Json.GetProperty("items").EnumerateArray());

        Assert.StartsWith("akka.tcp://chat@", node.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.Equal(("up", true, true, true), (
            node.GetProperty("status").GetString(), node.GetProperty("reachable").GetBoolean(), node.GetProperty("leader").GetBoolean(),
            node.GetProperty("coordinator").GetBoolean()));
        Assert.Equal(["edge", "room"], node.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        var report = node.GetProperty("report");
        Assert.True(report.GetProperty("sockets").GetInt32() >= 1);
        Assert.True(report.GetProperty("memoryBytes").GetInt64() > 10_000_000);
        var shards = (await owner.GetAsync("/api/admin/shards")).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(node.GetProperty("shards").GetInt32(), shards.Count);
        // As the tables have it, which follow the journal.
        var found = default(System.Text.Json.JsonElement);
        await Eventually.AssertAsync(async () =>
        {
            found = Assert.Single((await owner.GetAsync("/api/admin/rooms?search=observed&limit=1")).Json.GetProperty("items").EnumerateArray());
            Assert.Equal((room, "Observed", "private", 1, 1), (
                found.GetProperty("id").GetString(), found.GetProperty("name").GetString(), found.GetProperty("visibility").GetString(),
                found.GetProperty("members").GetInt32(), found.GetProperty("messages").GetInt32()));
        });
        Assert.Equal(node.GetProperty("address").GetString(), found.GetProperty("node").GetString());
        Assert.Contains(shards, shard => shard.GetProperty("shard").GetString() == found.GetProperty("shard").GetString() && shard.GetProperty("rooms").GetInt32() >= 1);
    }

    [Fact]
    public async Task Sockets_ShouldBeListed_LongestOpenFirst()
    {
        var (owner, ana) = (await OwnerAsync(), await Host.PersonAsync("ana"));
        await ana.CreateRoomAsync();
        await using var first = await Socket.OpenAsync(ana);
        await using var silent = await Socket.ConnectAsync(Host);

        var sockets = (await owner.GetAsync("/api/admin/sockets?limit=500")).Json.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(sockets.Select(socket => socket.GetProperty("openSeconds").GetDouble()).OrderDescending(), sockets.Select(socket => socket.GetProperty("openSeconds").GetDouble()));
        var own = Assert.Single(sockets, socket => socket.GetProperty("user").GetString() == ana.Id);
        Assert.Equal((ana.Username, 1, 0), (own.GetProperty("username").GetString(), own.GetProperty("rooms").GetInt32(), own.GetProperty("queued").GetInt32()));
        Assert.Contains(sockets, socket => socket.GetProperty("user").ValueKind == System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task Work_ShouldBeListedRetriedAndDropped()
    {
        // A kind that nothing runs, so that it stays as it is.
        const string Kind = "spec.admin";
        var owner = await OwnerAsync();
        var queue = Host.Services.GetRequiredService<WorkQueue>();
        var database = Host.Services.GetRequiredService<IDatabase>();
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                await queue.AddAsync(connection, transaction, [new NewWork(Kind, "a", "1"), new NewWork(Kind, "b", "2"), new NewWork(Kind, "c", "3")]);
                return await connection.ExecuteAsync(
                    "UPDATE work SET state = 2, attempts = 4, last_error = 'it broke' WHERE kind = @Kind AND key <> 'c'", new { Kind }, transaction);
            },
            CancellationToken.None);

        var page = (await owner.GetAsync($"/api/admin/work?kind={Kind}&state=dead&limit=1")).Json;
        var a = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal((Kind, "a", "dead", 4, "it broke"), (
            a.GetProperty("kind").GetString(), a.GetProperty("key").GetString(), a.GetProperty("state").GetString(), a.GetProperty("attempts").GetInt32(),
            a.GetProperty("lastError").GetString()));
        Assert.False(a.TryGetProperty("payload", out _));
        var next = (await owner.GetAsync($"/api/admin/work?kind={Kind}&state=dead&limit=1&cursor={page.GetProperty("nextCursor").GetString()}")).Json;
        var b = Assert.Single(next.GetProperty("items").EnumerateArray());
        var depths = page.GetProperty("depths").EnumerateArray().Where(depth => depth.GetProperty("kind").GetString() == Kind)
            .Select(depth => (depth.GetProperty("state").GetString(), depth.GetProperty("count").GetInt32()));
        Assert.Equal([("waiting", 1), ("dead", 2)], depths);

        Assert.Equal(204, (await owner.PostAsync($"/api/admin/work/{a.GetProperty("id").GetString()}/retry")).Status);
        Assert.Equal(204, (await Host.SendAsync("DELETE", $"/api/admin/work/{b.GetProperty("id").GetString()}", null, owner.Token)).Status);
        RoomRestSpecs.AssertProblem(await Host.SendAsync("DELETE", $"/api/admin/work/{b.GetProperty("id").GetString()}", null, owner.Token), 404, "not_found");
        RoomRestSpecs.AssertProblem(await owner.PostAsync("/api/admin/work/x/retry"), 404, "not_found");
        var left = (await owner.GetAsync($"/api/admin/work?kind={Kind}")).Json.GetProperty("items").EnumerateArray()
            .Select(item => (item.GetProperty("key").GetString(), item.GetProperty("state").GetString(), item.GetProperty("attempts").GetInt32()));
        Assert.Equal([("a", "waiting", 0), ("c", "waiting", 0)], left);
    }

    [Fact]
    public async Task History_ShouldHoldWhatWasMeasured()
    {
        var owner = await OwnerAsync();
        await using var socket = await Socket.OpenAsync(await Host.PersonAsync());
        Host.Services.GetRequiredService<Cluster.Monitoring.NodeSampler>().Sample();

        var history = (await owner.GetAsync("/api/admin/history")).Json;

        Assert.Equal(10, history.GetProperty("stepSeconds").GetInt32());
        foreach (var line in history.GetProperty("total").EnumerateObject().Select(line => line.Value))
        {
            Assert.Equal(360, line.GetArrayLength());
        }

        var sockets = history.GetProperty("total").GetProperty("sockets");
        Assert.True(sockets[359].GetDouble() >= 1 || sockets[358].GetDouble() >= 1, sockets.ToString());
        Assert.Equal(360, Assert.Single(history.GetProperty("nodes").EnumerateArray()).GetProperty("memoryBytes").GetArrayLength());
    }

    private async Task<Person> OwnerAsync()
    {
        var accounts = Host.Services.GetRequiredService<IAccountStore>();
        return await accounts.FindCredentialsAsync(ChatFixture.Owner, CancellationToken.None) is { } known
            ? await Host.LoginAsync(known.Account)
            : await Host.PersonAsync(ChatFixture.Owner, isExact: true);
    }
}

[Collection(OnSqlite.Name)]
public sealed class AdminOnSqliteSpecs(SqliteChat chat) : AdminSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class AdminOnPostgresSpecs(PostgresChat chat) : AdminSpecs(chat);
