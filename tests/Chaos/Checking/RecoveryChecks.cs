using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>C10: how long after each fault every busy room acknowledged again, and the bounds of G9.</summary>
internal static class RecoveryChecks
{
    private static readonly long Blocked = Clock.Seconds(1);

    /// <summary>In seconds, where docs/guarantees.md names a bound.</summary>
    public static double BoundOf(string kind) => kind switch
    {
        "pg-restart" or "pg-kill-backends" => 10,
        "rolling-restart" => 3,
        _ => 20,
    };

    public static IReadOnlyList<Recovery> Check(CheckContext context)
    {
        var busy = context.Run.Rooms.Where(room => room.Use == RoomUse.Busy).Select(room => room.Id).ToHashSet();
        var byRoom = context.Sends.Where(send => busy.Contains(send.Key.Room) && send.Value.Acks.Count > 0)
            .GroupBy(send => send.Key.Room)
            .ToDictionary(room => room.Key, room => room.Select(send => (Began: send.Value.First.Time, Acked: send.Value.Acks[0].Time)).OrderBy(send => send.Began).ToList());
        var all = new List<(string Kind, double Seconds)>();
        var ordered = context.Run.Faults.OrderBy(fault => fault.Started).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            var fault = ordered[i];
            var next = i + 1 < ordered.Count ? ordered[i + 1].Started : context.Run.Stopped;
            double? judged;
            if (fault.Kind == "rolling-restart")
            {
                if (Gap(fault, byRoom, (began, acked) => acked - began) is { } gap)
                {
                    all.Add((fault.Kind, gap));
                }

                judged = Gap(fault, byRoom, context.Fed);
            }
            else if (Outage(fault, next, byRoom) is { } outage)
            {
                all.Add((fault.Kind, Seconds(outage.To - outage.From)));
                judged = Seconds(context.Fed(outage.From, outage.To));
            }
            else
            {
                continue;
            }

            if (judged > BoundOf(fault.Kind))
            {
                context.Report("C10", fault.Started, $"{fault.Kind} of {fault.Target}: rooms were back after {judged:F1} s; promised are {BoundOf(fault.Kind):F0} s");
            }
        }

        return [.. all.GroupBy(one => one.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => new Recovery(kind.Key, [.. kind.Select(one => one.Seconds).Order()], BoundOf(kind.Key)))];
    }

    /// <summary>Until the last room acknowledged a message that was sent after the fault. Null where the run ended before.</summary>
    private static (long From, long To)? Outage(FaultRecord fault, long next, Dictionary<string, List<(long Began, long Acked)>> byRoom)
    {
        // A database that is down is nobody's fault but its own: its time counts from when it accepts connections.
        var from = fault.Kind == "pg-restart" ? fault.Healed : fault.Started;
        var longest = 0L;
        foreach (var sends in byRoom.Values)
        {
            var after = sends.Where(send => send.Began >= from).Take(200).ToList();
            if (after.Count == 0)
            {
                continue;
            }

            var first = after[0].Acked - after[0].Began < Blocked ? after[0].Acked - after[0].Began : after.Min(send => send.Acked) - from;
            longest = Math.Max(longest, first);
        }

        return byRoom.Count == 0 || (longest > Blocked && from + longest > next && next < fault.Ended) ? null : (from, from + longest);
    }

    /// <summary>p99 of the time that messages sent during the fault took.</summary>
    private static double? Gap(FaultRecord fault, Dictionary<string, List<(long Began, long Acked)>> byRoom, Func<long, long, long> length) =>
        Statistics.Percentile(
            byRoom.Values.SelectMany(sends => sends)
                .Where(send => send.Began >= fault.Started && send.Began <= fault.Healed)
                .Select(send => Seconds(length(send.Began, send.Acked))),
            0.99);

    private static double Seconds(long microseconds) => microseconds / 1_000_000.0;
}
