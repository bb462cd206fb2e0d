using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C17: what each edge says is unread in the end, of each member's rooms and of the threads that they follow, is what the log has above their place. And
/// who replied in a thread, and has been in the room since, follows it.
/// </summary>
internal static class UnreadChecks
{
    public static void Check(CheckContext context)
    {
        var counts = context.Run.History.Where(entry => entry.Op == Op.Unread).ToList();
        var rooms = context.Final.ToDictionary(room => room.Key, room => new RoomCount(room.Value, context.Forms[room.Key]));
        foreach (var count in counts)
        {
            if (rooms.TryGetValue(count.Room!, out var room) && room.Unread(count.Attempt, count.Seq) is var unread && unread != count.Since)
            {
                context.Report(
                    "C17", count.Time, $"{count.Code} says that {count.User} has {count.Since} unread {Place(count)}, and the log has {unread}");
            }
        }

        foreach (var of in counts.GroupBy(count => (count.User, count.Code)))
        {
            var follows = of.Where(count => count.Attempt > 0).Select(count => (count.Room!, count.Attempt)).ToHashSet();
            foreach (var (room, log) in context.Final.Where(room => of.Any(count => count.Room == room.Key)))
            {
                foreach (var thread in RoomCount.RepliedIn(log, of.Key.User).Where(thread => !follows.Contains((room, thread))))
                {
                    context.Report("C17", of.Max(count => count.Time), $"{of.Key.Code} does not say that {of.Key.User} follows {room}.{thread}, where they replied");
                }
            }
        }

        context.Notes["unread counts"] = $"{counts.Count(count => count.Attempt == 0)} of rooms, {counts.Count(count => count.Attempt > 0)} of threads";
    }

    private static string Place(Entry count) => $"above {count.Seq} in {(count.Attempt == 0 ? count.Room : $"the thread {count.Room}.{count.Attempt}")}";

    /// <summary>The numbers of a room's messages that count as unread: the room's own, and those of each thread.</summary>
    private sealed class RoomCount
    {
        private readonly ILookup<long, long> _numbers;

        public RoomCount(IReadOnlyList<LogEvent> log, MessageForms forms) => _numbers = log.Where(e => e.Kind == EventKind.Message)
            .Select((e, i) => (Event: e, N: i + 1L))
            .Where(message => !forms.IsDeleted(message.Event.Seq))
            .ToLookup(message => message.Event.Thread, message => message.N);

        public long Unread(long thread, long place) => _numbers[thread].Count(n => n > place);

        /// <summary>The threads that a user has replied in since the last change of their membership.</summary>
        public static HashSet<long> RepliedIn(IReadOnlyList<LogEvent> log, string user)
        {
            var threads = new HashSet<long>();
            foreach (var e in log.Where(e => e.By == user))
            {
                if (e.Kind is EventKind.Joined or EventKind.Left)
                {
                    threads.Clear();
                }
                else if (e is { Kind: EventKind.Message, Thread: > 0 })
                {
                    threads.Add(e.Thread);
                }
            }

            return threads;
        }
    }
}
