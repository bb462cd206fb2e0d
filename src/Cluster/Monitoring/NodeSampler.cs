using AkkaChat.Messages.Nodes;
using Microsoft.Extensions.Hosting;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>Measures the node every ten seconds, and when it is asked.</summary>
public sealed class NodeSampler : BackgroundService
{
    private readonly NodeHistory _history;
    private readonly ISocketCensus? _sockets;
    private readonly TimeProvider _time;
    private readonly NodeMeter _meter = new();
    private readonly Lock _lock = new();
    private NodeSample? _last;
    private (long At, TimeSpan Cpu) _before;

    public NodeSampler(NodeHistory history, TimeProvider time, IEnumerable<ISocketCensus> sockets)
    {
        (_history, _time, _sockets) = (history, time, sockets.SingleOrDefault());
        _before = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
    }

    /// <summary>The node at this moment; rates are those of the last sample.</summary>
    public NodeSample Now() => Measure() with
    {
        Cpu = _last?.Cpu ?? 0,
        SendsPerSecond = _last?.SendsPerSecond ?? 0,
        SendP99 = _last?.SendP99 ?? 0,
    };

    /// <summary>Adds a sample to the history: its rates are of the time since the last one.</summary>
    public void Sample()
    {
        lock (_lock)
        {
            var (at, cpu) = (_time.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var seconds = Math.Max(0.001, _time.GetElapsedTime(_before.At, at).TotalSeconds);
            var (sends, p99) = _meter.TakeSends();
            _last = Measure() with
            {
                Cpu = Math.Round((cpu - _before.Cpu).TotalSeconds / seconds, 3),
                SendsPerSecond = Math.Round(sends / seconds, 2),
                SendP99 = p99,
            };
            _before = (at, cpu);
            _history.Add(_last);
        }
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(NodeHistory.Interval, _time);
        try
        {
            do
            {
                Sample();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private NodeSample Measure()
    {
        var work = _meter.ReadWork();
        return new NodeSample(
            _time.GetUtcNow().ToUnixTimeSeconds(),
            Cpu: 0,
            Environment.WorkingSet,
            _sockets?.Count ?? 0,
            _sockets?.Queued ?? 0,
            _meter.Rooms,
            SendsPerSecond: 0,
            SendP99: 0,
            _meter.InFlight,
            _meter.WritesWaiting,
            work.GetValueOrDefault("waiting"),
            work.GetValueOrDefault("running"),
            work.GetValueOrDefault("dead"));
    }
}
