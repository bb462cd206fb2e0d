using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C11: memory, handles and connections level off; a stalled reader's backlog is bounded; pub-sub loses nothing while no fault is at work;
/// every dead letter is of a kind that is known to be harmless.
/// </summary>
internal static class NodeChecks
{
    private const double MaxRepairsPerCommit = 0.003;
    private const int MinRepairs = 4;
    private const long QueueBytes = 1024 * 1024;
    private const long BufferBytes = 1024 * 1024;
    private const long SpareBytes = 96L * 1024 * 1024;
    private const int SpareHandles = 60;
    private static readonly long LongLife = Clock.Seconds(240);

    /// <summary>What may find nobody, and what makes up for it.</summary>
    private static readonly (string Why, string[] Types)[] HarmlessDeadLetters =
    [
        ("asked again by the edge: every command of a room is idempotent", [.. typeof(RoomProtocol.IRoomCommand).Assembly.GetTypes().Where(IsCommand).Select(type => type.Name)]),
        ("the lease is renewed or runs out", ["WatchRoom", "UnwatchRoom", "NotifyTyping"]),
        ("the answer to a question that is being asked again", ["PostAck", "ChangeAck", "WatchAck", "Nack"]),
        ("the recovery of a room that has been stopped meanwhile, as the one that warms a node up", ["LoadSnapshotResult"]),
        ("said again by beacons and comparisons", ["EdgeBatch", "Committed", "Head", "Started", "Typing", "StreamMoved", "SessionEnded", "PresenceDelta", "EchoRequest", "EchoReply"]),
        (
            "gossip, heartbeats, sharding and remoting of Akka's own, which repeat themselves",
            [
                Stage.NodeLogs.OfTheSystem, "Heartbeat", "HeartbeatRsp", "GossipEnvelope", "GossipStatus", "Status", "Gossip", "Delta", "BackoffTimer",
                "GracefulShutdown", "Register", "RegisterProxy", "RegisterAck", "GetShardHome", "ShardHome", "HandOff", "BeginHandOff", "BeginHandOffAck", "ShardStopped", "HostShard", "ShardStarted",
                "GracefulShutdownReq", "ShardRegionQuery", "CurrentRegions", "CurrentShardRegionState", "ShardRegionStats", "Ungate", "Write", "WriteAck", "Read", "ReadResult",
            ]),
    ];

    public static void Check(CheckContext context)
    {
        CheckGrowth(context);
        CheckStalls(context);
        CheckRepairs(context);
        CheckDeadLetters(context);
    }

    private static void CheckGrowth(CheckContext context)
    {
        foreach (var process in context.Run.Samples.GroupBy(sample => (sample.Node, sample.Pid)))
        {
            var samples = process.OrderBy(sample => sample.Time).ToList();
            if (samples[^1].Time - samples[0].Time < LongLife)
            {
                continue;
            }

            var early = samples.Skip(samples.Count / 4).Take(samples.Count / 4).ToList();
            var late = samples.Skip(samples.Count * 3 / 4).ToList();
            var (before, after) = (Median(early, s => s.ResidentBytes), Median(late, s => s.ResidentBytes));
            if (after > (before * 1.3) + SpareBytes)
            {
                context.Report("C11", samples[^1].Time, $"{process.Key.Node} grew from {before / 1_048_576:F0} to {after / 1_048_576:F0} MiB");
            }

            if (Median(late, s => s.Handles) > Median(early, s => s.Handles) + SpareHandles)
            {
                context.Report("C11", samples[^1].Time, $"{process.Key.Node} went from {Median(early, s => s.Handles)} to {Median(late, s => s.Handles)} open handles");
            }
        }

        var peak = context.Run.Samples.GroupBy(sample => sample.Node).OrderBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => $"{node.Key} {node.Max(sample => sample.ResidentBytes) / 1_048_576} MiB, {node.Max(sample => sample.Handles)} handles");
        context.Notes["peaks"] = string.Join("; ", peak);
    }

    /// <summary>G8: what does not fit the queue is withheld and said to be, or the connection is closed.</summary>
    private static void CheckStalls(CheckContext context)
    {
        if (!context.Run.HasSmallBuffers)
        {
            return;
        }

        var flood = context.Run.Rooms.Where(room => room.Use == RoomUse.Flood).Select(room => room.Id).ToHashSet();
        foreach (var begin in context.Run.History.Where(entry => entry.Op == Op.StallBegin))
        {
            var end = context.Run.History.FirstOrDefault(entry => entry.Op == Op.StallEnd && entry.User == begin.User && entry.Time > begin.Time);
            var last = context.Run.History.LastOrDefault(
                entry => entry.User == begin.User && entry.Time < begin.Time && entry.Op is (Op.Connect or Op.Close));
            if (end is null || last?.Op != Op.Connect)
            {
                // Nothing is kept for somebody who is not there.
                continue;
            }

            var bytes = context.Sends.Values
                .Where(send => flood.Contains(send.First.Room!) && send.Acks.Count > 0 && send.Acks[0].Time > begin.Time && send.Acks[0].Time < end.Time)
                .Sum(send => (long)send.First.Bytes);
            // A connection that closes when the run is over says nothing.
            var told = context.Run.History.Any(entry => entry.User == begin.User
                && (entry.Op is Op.Lagged || (entry.Op is Op.Close && entry.Time < context.Run.Stopped))
                && entry.Time > begin.Time && entry.Time < end.Time + Clock.Seconds(30));
            context.Notes["stalled reader"] = $"{bytes / 1024} KiB came meanwhile; {(told ? "it was told" : "nothing was withheld")}";
            if (bytes > QueueBytes + BufferBytes && !told)
            {
                context.Report("C11", end.Time, $"{bytes / 1024} KiB were kept for {begin.User}, who did not read");
            }
        }
    }

    private static void CheckRepairs(CheckContext context)
    {
        var calm = context.Run.Logs.Repairs.Count(time => time > context.Run.Started && time < context.Run.Stopped && IsCalm(context, time));
        var commits = context.Sends.Values.Count(send => send.Acks.Count > 0 && IsCalm(context, send.Acks[0].Time));
        context.Notes["gaps repaired by the edges"] = $"{context.Run.Logs.Repairs.Count}, of which {calm} with no fault at work ({commits} commits)";
        if (calm >= MinRepairs && calm > MaxRepairsPerCommit * commits)
        {
            context.Report("C11", context.Run.Stopped, $"with no fault at work {calm} gaps had to be repaired in {commits} commits: pub-sub loses messages");
        }
    }

    private static bool IsCommand(Type type) => type.IsClass && type.IsAssignableTo(typeof(RoomProtocol.IRoomCommand));

    /// <summary>In a trial there are commits, and repairs, that are not the users'.</summary>
    private static bool IsCalm(CheckContext context, long time) =>
        !context.IsDisturbed(time, time, aftermathSeconds: 10) && !context.Run.Trials.Any(trial => trial.From <= time && time <= trial.To);

    private static void CheckDeadLetters(CheckContext context)
    {
        var classes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (type, count) in context.Run.Logs.DeadLetters)
        {
            var why = HarmlessDeadLetters.FirstOrDefault(known => known.Types.Contains(type)).Why;
            if (why is null)
            {
                context.Report("C11", context.Run.Stopped, $"{count} dead letters of {type}, which no rule knows");
            }
            else
            {
                classes[why] = classes.GetValueOrDefault(why) + count;
            }
        }

        context.Notes["dead letters logged"] = classes.Count == 0 ? "none" : string.Join("; ", classes.Select(known => $"{known.Value} ({known.Key})"));
    }

    private static double Median(List<Stage.Sample> samples, Func<Stage.Sample, double> of) => Statistics.Percentile(samples.Select(of), 0.5);
}
