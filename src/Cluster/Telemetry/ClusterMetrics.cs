using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Telemetry;
using Microsoft.Extensions.Hosting;

namespace AkkaChat.Cluster.Telemetry;

/// <summary>
/// Measures the cluster as the node sees it: members when the metric is read, shards by asking the region every few seconds.
/// </summary>
internal sealed class ClusterMetrics : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly RunningSystem _running;
    private readonly TimeProvider _time;
    private readonly ObservableGauge<long> _members;
    private readonly ObservableGauge<long> _shards;
    private HashSet<string> _hosted = [];

    public ClusterMetrics(RunningSystem running, TimeProvider time)
    {
        (_running, _time) = (running, time);
        _members = ChatMetrics.Gauge(
            "akkachat.cluster.members", "{node}", "Members of the cluster as this node sees them, by status and reachability.", Members);
        _shards = ChatMetrics.Gauge(
            "akkachat.shards.active", "{shard}", "Shards that the node hosts.", () => [new Measurement<long>(Volatile.Read(ref _hosted).Count)]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_shards.Enabled && _running.System is { } system)
                {
                    await ObserveAsync(system);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private async Task ObserveAsync(ActorSystem system)
    {
        try
        {
            var state = await ActorRegistry.For(system).Get<RoomRegion>().Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Timeout);
            HashSet<string> now = [.. state.Shards.Select(shard => shard.ShardId)];
            ChatMetrics.ShardsGained.Add(now.Except(_hosted).Count());
            Volatile.Write(ref _hosted, now);
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException)
        {
            // A region that is starting or stopping does not answer.
        }
    }

    private IEnumerable<Measurement<long>> Members()
    {
        if (_running.System is not { } system || AkkaCluster.Get(system) is { IsTerminated: true })
        {
            return [];
        }

        var state = AkkaCluster.Get(system).State;
        return state.Members
            .GroupBy(member => (Status: member.Status.ToString().ToLowerInvariant(), Reachable: !state.Unreachable.Contains(member)))
            .Select(group => new Measurement<long>(group.Count(), new("status", group.Key.Status), new("reachable", group.Key.Reachable ? "yes" : "no")));
    }
}
