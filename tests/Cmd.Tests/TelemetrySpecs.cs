using System.Globalization;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>What the nodes of a live cluster tell Prometheus and a collector.</summary>
[Collection(PbmCollection.Name)]
public sealed class TelemetrySpecs(PbmCluster cluster) : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Metrics_ShouldCountASend_OnTheEdgeAndTheRoomsNode()
    {
        var before = await SentAsync();

        await cluster.Ana.SendAsync(cluster.Room, "one more");

        await Eventually.AssertAsync(async () => Assert.Equal(before + 1, await SentAsync()), Soon);
        var edge = await MetricsAsync(cluster.Edge1);
        var rooms = string.Concat(await Task.WhenAll(cluster.Cluster.Rooms.Select(MetricsAsync)));
        Assert.Contains("akkachat_delivery_latency_seconds_bucket", edge, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_bucket", edge, StringComparison.Ordinal);
        Assert.Contains("akkachat_commit_duration_seconds_bucket", rooms, StringComparison.Ordinal);
        Assert.Contains("akkachat_journal_write_duration_seconds_bucket", rooms, StringComparison.Ordinal);
        Assert.Contains("db_client_operation_duration_seconds_bucket", rooms, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_cpu_time_seconds_total", rooms, StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.Room, edge + rooms, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_ShouldTellTheMembersAndTheShards()
    {
        await cluster.Ana.SendAsync(cluster.Room, "so that a shard is somewhere");
        await Eventually.AssertAsync(
            async () =>
            {
                var edge = Values(await MetricsAsync(cluster.Edge1), "akkachat_cluster_members");
                Assert.Equal(4, edge.Sum());
                var shards = await Task.WhenAll(cluster.Cluster.Rooms.Select(MetricsAsync));
                Assert.True(shards.SelectMany(node => Values(node, "akkachat_shards_active")).Sum() >= 1);
            },
            Soon);
    }

    /// <summary>Not even at the level at which everything is logged.</summary>
    [Fact]
    public async Task Logs_ShouldHoldNoBodiesAndNoTokens()
    {
        var nodes = cluster.Cluster.Rooms.Concat(cluster.Cluster.Edges).ToList();
        var text = $"nobody-else-reads-this-{Guid.NewGuid():N}";
        try
        {
            foreach (var node in nodes)
            {
                Assert.Equal(0, (await Pbm.RunAsync(node, "log level -l trace")).ExitCode);
            }

            await cluster.Ana.SendAsync(cluster.Room, text);
            await cluster.Bento.EventAsync("message.created", frame => frame.GetProperty("d").GetProperty("text").GetString() == text);
            // What came after it is logged too: so is what came before.
            await Eventually.AssertAsync(
                async () =>
                {
                    await Pbm.RunAsync(cluster.Edge1, "cluster leader");
                    Assert.Contains("An operator runs cluster leader", await File.ReadAllTextAsync(cluster.Edge1.LogFile), StringComparison.Ordinal);
                },
                Soon);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await Pbm.RunAsync(node, "log level -l default");
            }
        }

        foreach (var node in nodes)
        {
            var log = await File.ReadAllTextAsync(node.LogFile);
            Assert.NotEmpty(log);
            foreach (var secret in new[] { text, cluster.Ana.Rest.AccessToken! })
            {
                var at = log.IndexOf(secret, StringComparison.Ordinal);
                Assert.True(at < 0, $"{node.Name} logs it: {(at < 0 ? "" : log[Math.Max(0, at - 300)..Math.Min(log.Length, at + 100)])}");
            }
        }
    }

    /// <summary>From the sender's socket over the room's commit to the edges of both who are in the room, over the nodes' borders.</summary>
    [Fact]
    public async Task Trace_ShouldGoFromTheSocketToTheCommitToTheDeliveries()
    {
        await using var carla = await ChatClient.RegisterAsync(cluster.Edge2.Url, "carla");
        await carla.ConnectAsync(cluster.Edge2.Url);
        await carla.Rest.JoinAsync(cluster.Room);
        await carla.LogAsync(cluster.Room);

        await cluster.Ana.SendAsync(cluster.Room, "traced");

        await Eventually.AssertAsync(
            () =>
            {
                var traces = cluster.Collector.Spans.GroupBy(span => span.Trace).Select(trace => trace.ToLookup(span => span.Name));
                Assert.Contains(traces, trace =>
                    trace["send message"].ToList() is [{ Parent: "" } send]
                    && trace["commit message"].ToList() is [var commit] && commit.Parent == send.Id && commit.Node != send.Node
                    && trace["deliver message"].ToList() is { Count: 2 } deliveries
                    && deliveries.All(delivery => delivery.Parent == commit.Id)
                    && deliveries.Select(delivery => delivery.Node).Distinct().Count() == 2
                    && deliveries.Any(delivery => delivery.Node == send.Node));
            },
            Soon);
    }

    private static async Task<string> MetricsAsync(NodeProcess node)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(node.Management!, "metrics"));
    }

    private static IEnumerable<double> Values(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));

    private async Task<double> SentAsync() => Values(await MetricsAsync(cluster.Edge1), "akkachat_send_duration_seconds_count").Sum();
}
