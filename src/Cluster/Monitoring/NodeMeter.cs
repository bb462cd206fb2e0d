using System.Diagnostics.Metrics;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>
/// Listens to five of the node's instruments (docs/telemetry.md) for the page of owners: a few additions per message, whether or not anything
/// is exported.
/// </summary>
internal sealed class NodeMeter : IDisposable
{
    private const string WorkDepth = "akkachat.work.depth";

    private readonly MeterListener _listener = new();
    private readonly long[] _durations = new long[DurationBuckets.Count];
    private readonly Dictionary<string, long> _work = [];
    private long _inFlight;
    private long _rooms;
    private long _writes;

    public NodeMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument == ChatMetrics.SendDuration || instrument == ChatMetrics.SendsInFlight || instrument == ChatMetrics.Rooms
                || instrument == ChatMetrics.JournalWaiting || instrument.Name == WorkDepth)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Interlocked.Increment(ref _durations[DurationBuckets.IndexOf(seconds)]));
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.Start();
    }

    public long InFlight => Math.Max(0, Volatile.Read(ref _inFlight));

    public long Rooms => Math.Max(0, Volatile.Read(ref _rooms));

    public long WritesWaiting => Math.Max(0, Volatile.Read(ref _writes));

    /// <summary>Durable work that is not done, by state, as the node last read it from the database.</summary>
    public IReadOnlyDictionary<string, long> ReadWork()
    {
        lock (_work)
        {
            _work.Clear();
            _listener.RecordObservableInstruments();
            return new Dictionary<string, long>(_work);
        }
    }

    /// <summary>How many sends were answered since the last call, and the 99th percentile of their durations in seconds.</summary>
    public (long Count, double P99) TakeSends()
    {
        var counts = new long[_durations.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Interlocked.Exchange(ref _durations[i], 0);
        }

        return (counts.Sum(), DurationBuckets.Percentile(counts, 0.99));
    }

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long change, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument == ChatMetrics.SendsInFlight)
        {
            Interlocked.Add(ref _inFlight, change);
        }
        else if (instrument == ChatMetrics.Rooms)
        {
            Interlocked.Add(ref _rooms, change);
        }
        else if (instrument == ChatMetrics.JournalWaiting)
        {
            Interlocked.Add(ref _writes, change);
        }
        else
        {
            // Called by RecordObservableInstruments, within the lock.
            foreach (var tag in tags)
            {
                if (tag is { Key: "state", Value: string name })
                {
                    _work[name] = _work.GetValueOrDefault(name) + change;
                }
            }
        }
    }
}

/// <summary>Durations from half a millisecond to a minute in buckets, each a fifth longer than the one before.</summary>
internal static class DurationBuckets
{
    private const double Shortest = 0.0005;
    private const double Growth = 1.2;

    public const int Count = 66;

    public static int IndexOf(double seconds) =>
        seconds <= Shortest ? 0 : Math.Min(Count - 1, (int)Math.Ceiling(Math.Log(seconds / Shortest, Growth)));

    /// <summary>By nearest rank, the upper bound of the bucket in seconds; 0 of nothing.</summary>
    public static double Percentile(IReadOnlyList<long> counts, double p)
    {
        var rank = (long)Math.Ceiling(counts.Sum() * p);
        if (rank == 0)
        {
            return 0;
        }

        var bucket = 0;
        for (var below = counts[0]; below < rank; below += counts[bucket])
        {
            bucket++;
        }

        return Shortest * Math.Pow(Growth, bucket);
    }
}
