using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C10: how long rooms acknowledged nothing after each fault, at once or later, until the next fault; and the bounds of G9. A room that has
/// acknowledged something and falls silent again is not back.
/// </summary>
internal static class RecoveryChecks
{
    private static readonly long Blocked = Clock.Seconds(1);

    /// <summary>In seconds, where docs/guarantees.md names a bound. Redis is not on the way of messages.</summary>
    public static double BoundOf(string kind) => kind switch
    {
        "pg-restart" or "pg-kill-backends" => 10,
        "rolling-restart" => 3,
        "mass-disconnect" => 5,
        _ when PresenceChecks.IsRedis(kind) => 2,
        _ => 20,
    };

    public static IReadOnlyList<Recovery> Check(CheckContext context)
    {
        var busy = context.Run.Rooms.Where(room => room.Use == RoomUse.Busy).Select(room => room.Id).ToHashSet();
        var byRoom = context.Sends.Where(send => busy.Contains(send.Key.Room) && send.Value.Acks.Count > 0)
            .GroupBy(send => send.Key.Room)
            .Select(room => new RoomSends(room.Select(send => new AckedSend(send.Key.User, send.Value.First.Time, send.Value.Acks[0].Time))))
            .ToList();
        var all = new List<(string Kind, double Seconds)>();
        var ordered = context.Run.Faults.OrderBy(fault => fault.Started).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            var fault = ordered[i];
            var next = i + 1 < ordered.Count ? ordered[i + 1].Started : context.Run.Stopped;
            double judged;
            if (fault.Kind == "rolling-restart")
            {
                all.Add((fault.Kind, Gap(fault, byRoom, (began, acked) => acked - began)));
                judged = Gap(fault, byRoom, context.Fed);
            }
            else
            {
                // A database that is down is nobody's fault but its own: its time counts from when it accepts connections.
                var from = fault.Kind == "pg-restart" ? fault.Healed : fault.Started;
                var silences = byRoom.SelectMany(room => room.Silences(from, next)).ToList();
                all.Add((fault.Kind, silences.Select(silence => Seconds(silence.To - silence.From)).DefaultIfEmpty(0).Max()));
                judged = silences.Select(silence => Seconds(context.Fed(silence.From, silence.To))).DefaultIfEmpty(0).Max();
            }

            if (judged > BoundOf(fault.Kind))
            {
                context.Report("C10", fault.Started, $"{fault.Kind} of {fault.Target}: a room acknowledged nothing for {judged:F1} s; promised are {BoundOf(fault.Kind):F0} s");
            }
        }

        return [.. all.GroupBy(one => one.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => new Recovery(kind.Key, [.. kind.Select(one => one.Seconds).Order()], BoundOf(kind.Key)))];
    }

    /// <summary>p99 of the time that messages sent during the fault took.</summary>
    private static double Gap(FaultRecord fault, List<RoomSends> rooms, Func<long, long, long> length) =>
        Statistics.Percentile(
            rooms.SelectMany(room => room.Between(fault.Started, fault.Healed)).Select(send => Seconds(length(send.Began, send.Acked))), 0.99);

    private static double Seconds(long microseconds) => microseconds / 1_000_000.0;

    private sealed record AckedSend(string User, long Began, long Acked);

    /// <summary>The acknowledged sends of one room, by when they began.</summary>
    private sealed class RoomSends
    {
        private readonly List<AckedSend> _sends;

        /// <summary>Of each send, when the first of those that began no earlier was acknowledged.</summary>
        private readonly long[] _nextAck;

        public RoomSends(IEnumerable<AckedSend> sends)
        {
            _sends = [.. sends.OrderBy(send => send.Began)];
            _nextAck = new long[_sends.Count];
            for (var i = _sends.Count - 1; i >= 0; i--)
            {
                _nextAck[i] = i == _sends.Count - 1 ? _sends[i].Acked : Math.Min(_sends[i].Acked, _nextAck[i + 1]);
            }
        }

        public IEnumerable<AckedSend> Between(long from, long to) => _sends.Skip(IndexOf(from)).TakeWhile(send => send.Began <= to);

        /// <summary>
        /// Stretches in which the room acknowledged nothing of what was sent in them. Each needs two people who wait: one alone may have lost its own
        /// connection. The first counts from the fault, a later one from when the second began to wait.
        /// </summary>
        /// <param name="next">When the next fault begins, from which that one counts.</param>
        public IEnumerable<(long From, long To)> Silences(long from, long next)
        {
            var first = IndexOf(from);
            for (var i = first; i < _sends.Count && _sends[i].Began < next; i++)
            {
                var end = Math.Min(_nextAck[i], next);
                if (end - _sends[i].Began > Blocked && SecondToWait(i, end) is { } second)
                {
                    yield return (i == first ? from : second, end);
                }
            }
        }

        private long? SecondToWait(int index, long end)
        {
            for (var i = index + 1; i < _sends.Count && _sends[i].Began < end; i++)
            {
                if (_sends[i].User != _sends[index].User)
                {
                    return _sends[i].Began;
                }
            }

            return null;
        }

        private int IndexOf(long time)
        {
            var (low, high) = (0, _sends.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _sends[middle].Began < time ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
