using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AkkaChat.Messages.Telemetry;

/// <summary>
/// The metrics on the path of a message: the meter <c>AkkaChat</c>. docs/telemetry.md lists them. While nothing listens, an instrument
/// costs one check of a field.
/// </summary>
public static class ChatMetrics
{
    public const string MeterName = "AkkaChat";

    private static readonly Meter Meter = new(MeterName);

    public static readonly UpDownCounter<long> Connections =
        Meter.CreateUpDownCounter<long>("akkachat.connections.active", "{connection}", "Open sockets.");

    public static readonly Counter<long> ConnectionsClosed =
        Meter.CreateCounter<long>("akkachat.connections.closed", "{connection}", "Sockets that were closed, by code.");

    public static readonly Counter<long> FramesDropped =
        Meter.CreateCounter<long>("akkachat.frames.dropped", "{frame}", "Frames that did not fit a slow reader's queue, by kind.");

    public static readonly UpDownCounter<long> SendsInFlight =
        Meter.CreateUpDownCounter<long>("akkachat.sends.in_flight", "{message}", "Sends that wait for their reply.");

    public static readonly Histogram<double> SendDuration =
        Seconds("akkachat.send.duration", "From reading a send to its reply, by outcome.");

    public static readonly Counter<long> SendAttemptsLost =
        Meter.CreateCounter<long>("akkachat.send.attempts_lost", "{attempt}", "Send attempts that had no answer and are repeated.");

    public static readonly Histogram<double> DeliveryLatency =
        Seconds("akkachat.delivery.latency", "From a room's decision to the queues of an edge's sockets; across machines it includes their clock difference.");

    public static readonly UpDownCounter<long> Relays =
        Meter.CreateUpDownCounter<long>("akkachat.relays.active", "{room}", "Rooms that the edge watches.");

    public static readonly Counter<long> RelayRepairs =
        Meter.CreateCounter<long>("akkachat.relay.repairs", "{repair}", "Times that a relay read missing events from the journal.");

    public static readonly Counter<long> RelayRenewals =
        Meter.CreateCounter<long>("akkachat.relay.renewals", "{lease}", "Leases that relays took or renewed.");

    public static readonly UpDownCounter<long> Leases =
        Meter.CreateUpDownCounter<long>("akkachat.leases.active", "{lease}", "Leases of edges on the node's rooms.");

    public static readonly Counter<long> LeasesExpired =
        Meter.CreateCounter<long>("akkachat.leases.expired", "{lease}", "Leases that were not renewed in time.");

    public static readonly UpDownCounter<long> Rooms =
        Meter.CreateUpDownCounter<long>("akkachat.rooms.active", "{room}", "Rooms running on the node.");

    public static readonly Histogram<double> RecoveryDuration =
        Seconds("akkachat.room.recovery.duration", "From the start of a room to the end of its recovery.");

    public static readonly Counter<long> RoomFailures =
        Meter.CreateCounter<long>("akkachat.room.failures", "{failure}", "Writes after which a room restarts, by kind.");

    public static readonly Counter<long> RoomBusy =
        Meter.CreateCounter<long>("akkachat.room.busy", "{command}", "Commands that a room answered with busy.");

    public static readonly Counter<long> DedupHits =
        Meter.CreateCounter<long>("akkachat.room.dedup_hits", "{message}", "Retries of messages that were already stored.");

    public static readonly Histogram<double> CommitDuration =
        Seconds("akkachat.commit.duration", "From the start of a room's write to its commit.");

    public static readonly Histogram<long> CommitEvents =
        Meter.CreateHistogram<long>("akkachat.commit.events", "{event}", "Events in a room's write.", advice: Counts);

    public static readonly Histogram<double> JournalWriteDuration =
        Seconds("akkachat.journal.write.duration", "Duration of a journal write, one statement for all rooms.");

    public static readonly Histogram<long> JournalWriteRows =
        Meter.CreateHistogram<long>("akkachat.journal.write.rows", "{row}", "Rows in a journal write.", advice: Counts);

    public static readonly UpDownCounter<long> JournalWaiting =
        Meter.CreateUpDownCounter<long>("akkachat.journal.waiting", "{write}", "Journal writes waiting or in flight.");

    public static readonly Histogram<double> ProjectionLag =
        Seconds("akkachat.projection.lag", "From the first commit that waits to the end of its projection.");

    public static readonly Counter<long> ProjectionFailures =
        Meter.CreateCounter<long>("akkachat.projection.failures", "{room}", "Rooms whose projection failed and is retried.");

    public static readonly Counter<long> ShardsGained =
        Meter.CreateCounter<long>("akkachat.shards.gained", "{shard}", "Shards that moved to the node.");

    /// <summary>The current timestamp, for <see cref="RecordSince"/>; 0 while nothing listens.</summary>
    public static long Start(this Histogram<double> histogram) => histogram.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records the time since <see cref="Start"/>, unless nothing listened then.</summary>
    public static void RecordSince(this Histogram<double> histogram, long start)
    {
        if (start != 0)
        {
            histogram.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    public static void RecordSince(this Histogram<double> histogram, long start, string tag, string value)
    {
        if (start != 0)
        {
            histogram.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>(tag, value));
        }
    }

    /// <summary>Adds gauges that are measured when they are read.</summary>
    public static ObservableGauge<long> Gauge(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        Meter.CreateObservableGauge(name, read, unit, description);

    private static InstrumentAdvice<long> Counts => new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    private static Histogram<double> Seconds(string name, string description) => Meter.CreateHistogram(
        name,
        "s",
        description,
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10],
        });
}
