using System.Collections.Concurrent;

namespace AkkaChat.LoadTest.Measuring;

/// <summary>One second of a run. Times are in ms.</summary>
/// <param name="T">Seconds from the start of the load to the end of this second.</param>
internal sealed record Sample(
    double T,
    long Sent,
    long Acked,
    long Delivered,
    long Errors,
    int Connections,
    double AckP50,
    double AckP99,
    double DeliveryP50,
    double DeliveryP95,
    double DeliveryP99,
    double DeliveryMax,
    double LagP99);

/// <summary>
/// What the users of a run count and time. Percentiles of the whole are of what was due after the ramp; those of a second are of all that
/// came in it.
/// </summary>
/// <param name="from">The end of the ramp, in µs.</param>
internal sealed class Measurements(long from)
{
    private readonly Histogram _secondAck = new();
    private readonly Histogram _secondDelivery = new();
    private readonly Histogram _secondLag = new();
    private readonly List<Sample> _samples = [];
    private readonly ConcurrentDictionary<string, long> _errors = new();
    private readonly ConcurrentDictionary<string, long> _closes = new();
    private (long Sent, long Acked, long Delivered, long Failed) _before;
    private long _sent;
    private long _acked;
    private long _delivered;
    private long _failed;
    private long _retries;
    private long _lagged;
    private long _pulls;
    private int _connections;
    private long _drops;

    /// <summary>From due to acknowledged.</summary>
    public Histogram Ack { get; } = new();

    /// <summary>From due to delivered, over all members of the room.</summary>
    public Histogram Delivery { get; } = new();

    /// <summary>
    /// From due to handed to the socket, of what was due while its user was connected: the load generator's own lateness, which is part of
    /// the two above.
    /// </summary>
    public Histogram Lag { get; } = new();

    /// <summary>From the attempt to connect to <c>sync.done</c>.</summary>
    public Histogram Connect { get; } = new();

    /// <summary>From the break of a storm to <c>sync.done</c> on the next connection.</summary>
    public Histogram Return { get; } = new();

    public long Sent => Interlocked.Read(ref _sent);

    public long Acked => Interlocked.Read(ref _acked);

    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Sends that ended without an acknowledgement.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public long Retries => Interlocked.Read(ref _retries);

    public long Lagged => Interlocked.Read(ref _lagged);

    public long Pulls => Interlocked.Read(ref _pulls);

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that ended and were not ended by the run itself.</summary>
    public long Drops => Interlocked.Read(ref _drops);

    /// <summary>Failed sends by error code.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>Ended connections by close code, or by what broke them.</summary>
    public IReadOnlyDictionary<string, long> Closes => _closes;

    public IReadOnlyList<Sample> Samples => _samples;

    /// <param name="timed">False if it was due while its user had no connection: that it waited is no fault of the load test.</param>
    public void CountSent(long due, long now, bool again, bool timed = true)
    {
        if (again)
        {
            Interlocked.Increment(ref _retries);
            return;
        }

        Interlocked.Increment(ref _sent);
        if (timed)
        {
            Time(Lag, _secondLag, due, now);
        }
    }

    public void CountAck(long due, long now)
    {
        Interlocked.Increment(ref _acked);
        Time(Ack, _secondAck, due, now);
    }

    /// <param name="timed">False of a reader who is slow on purpose.</param>
    public void CountDelivery(long due, long now, bool timed)
    {
        Interlocked.Increment(ref _delivered);
        if (timed)
        {
            Time(Delivery, _secondDelivery, due, now);
        }
    }

    public void CountFailed(string code)
    {
        Interlocked.Increment(ref _failed);
        _errors.AddOrUpdate(code, 1, static (_, count) => count + 1);
    }

    public void CountLagged() => Interlocked.Increment(ref _lagged);

    public void CountPull() => Interlocked.Increment(ref _pulls);

    public void CountConnected() => Interlocked.Increment(ref _connections);

    /// <param name="why">Null if the run itself ended it.</param>
    public void CountDisconnected(string? why)
    {
        Interlocked.Decrement(ref _connections);
        if (why is not null)
        {
            Interlocked.Increment(ref _drops);
            _closes.AddOrUpdate(why, 1, static (_, count) => count + 1);
        }
    }

    /// <summary>Ends a second. Called by one caller at a time.</summary>
    public Sample EndSecond(long now)
    {
        var sample = new Sample(
            now / 1_000_000.0,
            Sent - _before.Sent,
            Acked - _before.Acked,
            Delivered - _before.Delivered,
            Failed - _before.Failed,
            Connections,
            Ms(_secondAck, 50),
            Ms(_secondAck, 99),
            Ms(_secondDelivery, 50),
            Ms(_secondDelivery, 95),
            Ms(_secondDelivery, 99),
            _secondDelivery.Max / 1000.0,
            Ms(_secondLag, 99));
        _before = (_before.Sent + sample.Sent, _before.Acked + sample.Acked, _before.Delivered + sample.Delivered, _before.Failed + sample.Errors);
        _secondAck.Clear();
        _secondDelivery.Clear();
        _secondLag.Clear();
        _samples.Add(sample);
        return sample;
    }

    private static double Ms(Histogram histogram, double percent) => histogram.Percentile(percent) / 1000.0;

    private void Time(Histogram whole, Histogram second, long due, long now)
    {
        second.Record(now - due);
        if (due >= from)
        {
            whole.Record(now - due);
        }
    }
}
