using AkkaChat.Messages.Nodes;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>The node's samples of the last hour, in memory: a restart begins anew. Thread-safe.</summary>
public sealed class NodeHistory
{
    public const int Capacity = 360;
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<NodeSample> _samples = new(Capacity);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<NodeSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Beyond the capacity the oldest goes.</summary>
    public void Add(NodeSample sample)
    {
        lock (_lock)
        {
            if (_samples.Count == Capacity)
            {
                _samples.Dequeue();
            }

            _samples.Enqueue(sample);
        }
    }
}
