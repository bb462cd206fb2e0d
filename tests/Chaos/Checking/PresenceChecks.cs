using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>C9: what an edge says of who is online equals the sockets that there really are, within the bounds of G7.</summary>
internal static class PresenceChecks
{
    private static readonly long Prompt = Clock.Seconds(2);
    private static readonly long Sure = Clock.Seconds(10);
    private static readonly long Crashed = Clock.Seconds(45);
    private const double Aftermath = 10;
    private const double RedisAftermath = 30;

    public static void Check(CheckContext context)
    {
        var stays = Stay.Gather(context.Run.History);
        var memberships = Membership.Gather(context.Run.History);
        var views = 0;
        var prompt = 0;
        var slow = 0;
        foreach (var view in context.Run.History.Where(entry => entry.Op == Op.Presence))
        {
            views++;
            CheckState(context, view);
            if (view.Code != "ok" || IsDisturbed(context, view.Since - Sure, view.Time))
            {
                continue;
            }

            var online = view.Online!.ToHashSet();
            foreach (var (user, spans) in memberships.GetValueOrDefault(view.Room!) ?? [])
            {
                if (!spans.Any(span => span.From < view.Since - Sure && span.To > view.Time) || !stays.TryGetValue(user, out var userStays))
                {
                    continue;
                }

                CheckUser(context, view, user, userStays, online.Contains(user), ref prompt, ref slow);
            }
        }

        context.PresenceViews = views;
        context.Notes["presence told within 2 s"] = prompt + slow == 0 ? "not seen" : $"{100.0 * prompt / (prompt + slow):F2} % of {prompt + slow}";
        if (slow > 5 && slow > 0.01 * (prompt + slow))
        {
            context.Report("C9", context.Run.Stopped, $"{slow} of {prompt + slow} looks at a change older than 2 s did not show it (at most 1 % may)");
        }
    }

    private static void CheckUser(CheckContext context, Entry view, string user, List<Stay> stays, bool isShown, ref int prompt, ref int slow)
    {
        var current = stays.LastOrDefault(stay => stay.From <= view.Since);
        if (current is null)
        {
            return;
        }

        if (current.To > view.Time)
        {
            // Connected the whole time that the question took.
            var age = view.Since - current.From;
            if (age > Prompt)
            {
                _ = isShown ? prompt++ : slow++;
            }

            if (age > Sure && !isShown)
            {
                context.Report("C9", view.Time, $"{view.By} did not show {user} in {view.Room}, connected for {age / 1_000_000.0:F1} s");
            }
        }
        else if (current.To < view.Since && !stays.Any(stay => stay.From > current.To && stay.From < view.Time + Clock.Seconds(1)))
        {
            var age = view.Since - current.To;
            if (current.IsGraceful && age > Prompt)
            {
                _ = isShown ? slow++ : prompt++;
            }

            if (isShown && age > (current.IsGraceful ? Sure : Crashed))
            {
                context.Report("C9", view.Time, $"{view.By} showed {user} in {view.Room}, who left {age / 1_000_000.0:F1} s before");
            }
        }
    }

    private static void CheckState(CheckContext context, Entry view)
    {
        var redis = context.Run.Faults.Where(IsRedis).ToList();
        if (view.Code == "ok" && redis.Any(fault => fault.Kind != "redis-flush" && view.Since > fault.Started + Sure && view.Time < fault.Healed))
        {
            context.Report("C9", view.Time, $"{view.By} said that it knows who is in {view.Room} while Redis was dead");
        }

        if (view.Code == "unknown" && !IsDisturbed(context, view.Since - Sure, view.Time))
        {
            context.Report("C9", view.Time, $"{view.By} did not know who is in {view.Room} though nothing was wrong");
        }
    }

    private static bool IsRedis(FaultRecord fault) => fault.Kind.StartsWith("redis", StringComparison.Ordinal);

    private static bool IsDisturbed(CheckContext context, long from, long to) =>
        context.IsStarved(from, to) || context.IsDisturbed(from, to, fault => !IsRedis(fault), Aftermath) || context.IsDisturbed(from, to, IsRedis, RedisAftermath);

    private sealed record Stay(long From, long To, bool IsGraceful)
    {
        public static Dictionary<string, List<Stay>> Gather(IReadOnlyList<Entry> history)
        {
            var all = new Dictionary<string, List<Stay>>();
            foreach (var entry in history.Where(entry => entry.Op is Op.Connect or Op.Close))
            {
                if (!all.TryGetValue(entry.User, out var stays))
                {
                    all.Add(entry.User, stays = []);
                }

                if (entry.Op == Op.Connect)
                {
                    stays.Add(new Stay(entry.Time, long.MaxValue, false));
                }
                else if (stays.Count > 0)
                {
                    stays[^1] = stays[^1] with { To = entry.Time, IsGraceful = entry.Code == "bye" };
                }
            }

            return all;
        }
    }

    private static class Membership
    {
        public static Dictionary<string, Dictionary<string, List<(long From, long To)>>> Gather(IReadOnlyList<Entry> history)
        {
            var rooms = new Dictionary<string, Dictionary<string, List<(long From, long To)>>>();
            foreach (var entry in history.Where(entry => entry.Op is Op.JoinOk or Op.LeaveInvoke))
            {
                var users = rooms.TryGetValue(entry.Room!, out var known) ? known : rooms[entry.Room!] = [];
                var spans = users.TryGetValue(entry.User, out var list) ? list : users[entry.User] = [];
                if (entry.Op == Op.JoinOk)
                {
                    spans.Add((entry.Time, long.MaxValue));
                }
                else if (spans.Count > 0 && spans[^1].To == long.MaxValue)
                {
                    spans[^1] = (spans[^1].From, entry.Time);
                }
            }

            return rooms;
        }
    }
}
