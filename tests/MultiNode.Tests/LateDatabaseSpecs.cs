using System.Net;
using System.Text.Json;
using AkkaChat.LocalCluster.Servers;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Nodes that are started before their database, as when a whole machine or cluster starts.</summary>
public sealed class LateDatabaseSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = TestFolder.Create("akkachat-late-");
    private readonly int _port = FreePort.Next();
    private ClusterNode? _node;
    private PostgresProcess? _postgres;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (_postgres is { IsRunning: true })
        {
            await _postgres.StopAsync();
        }
    }

    [Fact]
    public async Task Node_ShouldWaitAndSayForWhat_UntilTheDatabaseIsThere()
    {
        _node = StartNode(startTimeoutSeconds: 60);

        await Eventually.AssertAsync(
            async () => Assert.StartsWith("the start waits for PostgreSQL: ", (await UnreadyAsync("database")).GetString(), StringComparison.Ordinal), Patience);
        Assert.Equal("the actor system has not started yet", (await UnreadyAsync("cluster")).GetString());
        Assert.Contains("Waiting for PostgreSQL", _node.LogTail(), StringComparison.Ordinal);
        using (var http = new HttpClient())
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(_node.Url, "health/live"))).StatusCode);
        }

        _postgres = await PostgresProcess.StartAsync(new PostgresPlan(Path.Combine(_folder, "data"), _folder, "127.0.0.1", _port));

        await _node.ReadyAsync(Patience);
        await _node.StopAsync();
        Assert.Equal(0, _node.ExitCode);
    }

    [Fact]
    public async Task Node_ShouldEndWithWhatToCheck_WhenTheDatabaseDoesNotCome()
    {
        _node = StartNode(startTimeoutSeconds: 1);

        await _node.ExitAsync(Patience);

        Assert.Equal(1, _node.ExitCode);
        var log = _node.LogTail();
        Assert.Contains("PostgreSQL could not be used within 1 s (AkkaChat:Database:StartTimeoutSeconds)", log, StringComparison.Ordinal);
        Assert.Contains("Check AkkaChat:Database:ConnectionString", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    private ClusterNode StartNode(int startTimeoutSeconds)
    {
        var settings = new Dictionary<string, string>
        {
            ["AkkaChat__Database__Provider"] = "postgres",
            ["AkkaChat__Database__ConnectionString"] = $"Host=127.0.0.1;Port={_port};Database={PostgresProcess.Role};Username={PostgresProcess.Role}",
            ["AkkaChat__Database__StartTimeoutSeconds"] = $"{startTimeoutSeconds}",
            ["AkkaChat__Database__DataFolder"] = _folder,
        };
        var node = new ClusterNodes(ProductBuild.Current, Product.NewLogFolder("late"), settings)
            .Create([new NodePlan("room1", IsEdge: false, "127.0.0.1", FreePort.Next(), FreePort.Next())]).Single();
        node.Start();
        return node;
    }

    private async Task<JsonElement> UnreadyAsync(string check)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_node!.Url, "health/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("checks").GetProperty(check);
    }
}
