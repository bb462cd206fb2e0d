using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>C2: one dense order that all readers agree on. C8: one writer, as the journal's rows show it.</summary>
internal static class LogChecks
{
    /// <summary>Faults after which an old incarnation of a room may wake and write.</summary>
    public static readonly IReadOnlySet<string> TwoWriters = new HashSet<string> { "pause-room-long", "partition-cluster-only" };

    public static void Check(CheckContext context)
    {
        foreach (var room in context.Run.Rooms)
        {
            CheckReaders(context, room);
            CheckJournal(context, room.Id);
        }

        CheckFence(context);
    }

    private static void CheckReaders(CheckContext context, RoomPlan room)
    {
        var final = context.Final[room.Id];
        foreach (var (name, rooms) in context.Run.Readers)
        {
            if (!rooms.TryGetValue(room.Id, out var log) || log.Count == 0)
            {
                context.Report("C2", context.Run.Stopped, $"{room.Id} cannot be read by {name}");
                continue;
            }

            var hole = Enumerable.Range(0, log.Count).FirstOrDefault(i => log[i].Seq != i + 1, -1);
            if (hole >= 0)
            {
                context.Report("C2", context.Run.Stopped, $"{room.Id} as {name} has it: {log[hole].Seq} where {hole + 1} must be");
            }

            // Whoever reads events back gets messages as they are now.
            var expected = name == RunRecord.JournalReader ? final : context.Forms[room.Id].Now(final);
            var different = Enumerable.Range(0, Math.Max(log.Count, expected.Count))
                .FirstOrDefault(i => i >= log.Count || i >= expected.Count || log[i] != expected[i], -1);
            if (different >= 0)
            {
                context.Report(
                    "C2",
                    context.Run.Stopped,
                    $"{room.Id}: {name} has {log.ElementAtOrDefault(different)} where another reader has {expected.ElementAtOrDefault(different)}");
            }
        }
    }

    private static void CheckJournal(CheckContext context, string room)
    {
        var rows = context.Run.Journal.GetValueOrDefault(room) ?? [];
        var writers = new Dictionary<long, long>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0 && rows[i].Nr == rows[i - 1].Nr)
            {
                context.Report("C8", context.Run.Stopped, $"{room}: two rows have the number {rows[i].Nr}");
            }
            else if (rows[i].Nr != (i == 0 ? 1 : rows[i - 1].Nr + 1))
            {
                context.Report("C8", context.Run.Stopped, $"{room}: row {rows[i].Nr} follows row {(i == 0 ? 0 : rows[i - 1].Nr)}");
            }

            foreach (var e in rows[i].Events)
            {
                if (!writers.TryAdd(e.Seq, rows[i].Nr))
                {
                    context.Report("C8", context.Run.Stopped, $"{room}: seq {e.Seq} was written in row {writers[e.Seq]} and in row {rows[i].Nr}");
                }
            }
        }
    }

    /// <summary>One awakening may find nothing to write; of several none can mean that the fence is not there.</summary>
    private static void CheckFence(CheckContext context)
    {
        var awakenings = context.Run.Faults.Count(fault => TwoWriters.Contains(fault.Kind));
        var rejections = context.Run.Logs.FenceRejections;
        context.Notes["writes refused by the fence"] = $"{rejections} (in {awakenings} faults that let an old incarnation write)";
        if (awakenings >= 3 && rejections == 0)
        {
            context.Report("C8", context.Run.Stopped, $"{awakenings} old incarnations could have written, and the fence has refused nothing");
        }
    }
}
