using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C1: what was acknowledged is in the log, unaltered. C3: one message a client id. C4: real-time order, and the order of each connection.
/// C7: what was refused is not in the log.
/// </summary>
internal static class SendChecks
{
    public static void Check(CheckContext context)
    {
        foreach (var (key, send) in context.Sends)
        {
            CheckAcks(context, key, send);
            if (send.IsRejected && context.ByCid.TryGetValue(key, out var stored))
            {
                context.Report("C7", send.First.Time, $"{Name(key)} was refused ({send.Refusals[0].Code}) and is in the log at {stored.Seq}");
            }
        }

        foreach (var room in context.Sends.GroupBy(send => send.Key.Room))
        {
            CheckRealTime(context, room.Key, [.. room.Select(send => (send.Key, send.Value))]);
        }

        CheckConnections(context);
    }

    private static void CheckAcks(CheckContext context, (string Room, string User, string Cid) key, Send send)
    {
        var stored = context.ByCid.GetValueOrDefault(key);
        foreach (var ack in send.Acks)
        {
            // An id under which several bodies were sent names one of them: the one that was stored.
            var sent = send.ByAttempt[ack.Attempt].Hash;
            if (stored is null)
            {
                context.Report("C1", ack.Time, $"{Name(key)} was acknowledged at {ack.Seq} and is not in the log");
            }
            else if (stored.Seq != ack.Seq)
            {
                context.Report(send.Acks.Any(other => other.Seq == stored.Seq) ? "C3" : "C1", ack.Time, $"{Name(key)} was acknowledged at {ack.Seq} and is in the log at {stored.Seq}");
            }
            else if (stored.Hash != sent)
            {
                context.Report("C1", ack.Time, $"{Name(key)} was acknowledged at {ack.Seq} with another body than the log's");
            }
        }

        if (send.Acks.Select(ack => ack.Seq).Distinct().Count() > 1)
        {
            context.Report("C3", send.First.Time, $"{Name(key)} was acknowledged at {string.Join(" and ", send.Acks.Select(ack => ack.Seq).Distinct())}");
        }

        // Only the first time is not a repetition. A first answer may have been lost, so none need say so.
        if (send.Acks.Count(ack => !ack.Dup) > 1)
        {
            context.Report("C3", send.First.Time, $"{Name(key)} was acknowledged as new {send.Acks.Count(ack => !ack.Dup)} times");
        }
    }

    /// <summary>If A was acknowledged before B was first sent, A comes first.</summary>
    private static void CheckRealTime(CheckContext context, string room, List<((string Room, string User, string Cid) Key, Send Send)> sends)
    {
        var acks = sends.Where(send => send.Send.Acks.Count > 0)
            .Select(send => (Time: send.Send.Acks.Min(ack => ack.Time), send.Send.Acks[0].Seq))
            .OrderBy(ack => ack.Time).ToList();
        var highest = 0L;
        var next = 0;
        foreach (var (key, send) in sends.OrderBy(send => send.Send.First.Time))
        {
            for (; next < acks.Count && acks[next].Time < send.First.Time; next++)
            {
                highest = Math.Max(highest, acks[next].Seq);
            }

            if (context.ByCid.TryGetValue(key, out var stored) && stored.Seq <= highest)
            {
                context.Report("C4", send.First.Time, $"{room}: {Name(key)} was sent after {highest} was acknowledged and is at {stored.Seq}");
            }
        }
    }

    /// <summary>Of what one connection sent into a room and had acknowledged at the first attempt, the order is that of sending.</summary>
    private static void CheckConnections(CheckContext context)
    {
        var simple = context.Sends
            .Where(send => send.Value.Attempts.Count == 1 && send.Value.Acks is [{ Dup: false }])
            .Select(send => (send.Key.Room, Sent: send.Value.First, send.Value.Acks[0].Seq));
        foreach (var connection in simple.GroupBy(send => (send.Room, send.Sent.User, send.Sent.Connection)))
        {
            var last = 0L;
            foreach (var (_, sent, seq) in connection.OrderBy(send => send.Sent.Attempt))
            {
                if (seq <= last)
                {
                    context.Report("C4", sent.Time, $"{sent.User} sent {sent.Cid} into {sent.Room} after what is at {last}, and it is at {seq}");
                }

                last = Math.Max(last, seq);
            }
        }
    }

    private static string Name((string Room, string User, string Cid) key) => $"{key.Room} {key.User} {key.Cid}";
}
