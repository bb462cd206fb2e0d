using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>C9: what an edge says of who is online equals the sockets that there really are, within the bounds of G7.</summary>
internal static class PresenceChecks
{
    private static readonly long Prompt = Clock.Seconds(2);
    private static readonly long Sure = Clock.Seconds(10);
    private static readonly long Crashed = Clock.Seconds(45);

    /// <summary>After every node is ready again. A node that was taken for dead may find that out, and restart, only now.</summary>
    private static readonly long Settled = Clock.Seconds(15);

    /// <summary>After Redis is back.</summary>
    private static readonly long RedisSettled = Clock.Seconds(30);

    public static bool IsRedis(string? kind) => kind?.StartsWith("redis", StringComparison.Ordinal) == true;

    public static void Check(CheckContext context)
    {
        var stays = Stays.Gather(context.Run.History);
        var memberships = Membership.Gather(context.Run.History);
        var views = 0;
        var judged = 0;
        var tally = new Tally();
        foreach (var view in context.Run.History.Where(entry => entry.Op == Op.Presence))
        {
            views++;
            var isSettled = IsSettled(context, view);
            CheckState(context, view, isSettled);
            if (view.Code != "ok" || !isSettled)
            {
                continue;
            }

            judged++;
            var online = view.Online!.ToHashSet();
            foreach (var (user, spans) in memberships.GetValueOrDefault(view.Room!) ?? [])
            {
                if (spans.Any(span => span.From < view.Since - Sure && span.To > view.Time) && stays.TryGetValue(user, out var userStays))
                {
                    CheckUser(context, view, user, userStays, online.Contains(user), tally);
                }
            }
        }

        context.PresenceViews = views;
        context.Notes["presence judged"] = $"{judged} of {views} looks; the others were within {Settled / 1_000_000} s after a fault ({RedisSettled / 1_000_000} s after one of Redis)";
        context.Notes["presence told within 2 s"] = tally.Total == 0 ? "not seen" : $"{100.0 * tally.Prompt / tally.Total:F2} % of {tally.Total}";
        if (tally.Slow > 5 && tally.Slow > 0.01 * tally.Total)
        {
            context.Report("C9", context.Run.Stopped, $"{tally.Slow} of {tally.Total} looks at a change older than 2 s did not show it (at most 1 % may)");
        }
    }

    private static void CheckUser(CheckContext context, Entry view, string user, Stays stays, bool isShown, Tally tally)
    {
        if (stays.LastBefore(view.Since) is not { } current)
        {
            return;
        }

        if (current.To > view.Time)
        {
            // Connected the whole time that the question took.
            var age = context.Fed(current.From, view.Since);
            tally.Add(age > Prompt, isRight: isShown);
            if (age > Sure && !isShown)
            {
                context.Report("C9", view.Time, $"{view.By} did not show {user} in {view.Room}, connected for {age / 1_000_000.0:F1} s");
            }
        }
        else if (current.To < view.Since && !stays.MayBeBack(current.To, view.Time))
        {
            // An edge that crashed under an earlier connection of the user still counts it for a while.
            if (stays.LastCrash(view.Since) is { } crash && context.Fed(crash, view.Since) <= Crashed)
            {
                return;
            }

            var age = context.Fed(current.To, view.Since);
            tally.Add(age > Prompt, isRight: !isShown);
            if (isShown && age > Sure)
            {
                context.Report("C9", view.Time, $"{view.By} showed {user} in {view.Room}, who left {age / 1_000_000.0:F1} s before");
            }
        }
    }

    private static void CheckState(CheckContext context, Entry view, bool isSettled)
    {
        if (view.Code == "ok"
            && context.Run.Faults.Any(fault => IsRedis(fault.Kind) && fault.Kind != "redis-flush" && view.Since > fault.Started + Sure && view.Time < fault.Healed))
        {
            context.Report("C9", view.Time, $"{view.By} said that it knows who is in {view.Room} while Redis was dead");
        }

        if (view.Code == "unknown" && isSettled && !context.IsStarved(view.Since - Sure, view.Time))
        {
            context.Report("C9", view.Time, $"{view.By} did not know who is in {view.Room} though nothing was wrong");
        }
    }

    /// <summary>Whether each fault was over for as long as presence may take to converge. A machine that was too slow meanwhile lengthens that.</summary>
    private static bool IsSettled(CheckContext context, Entry view) => context.Run.Faults.All(fault =>
        fault.Started > view.Time
        || (IsRedis(fault.Kind) ? context.Fed(fault.Healed, view.Since) >= RedisSettled : context.Fed(fault.Ended, view.Since) >= Settled));

    private sealed class Tally
    {
        public int Prompt { get; private set; }

        public int Slow { get; private set; }

        public int Total => Prompt + Slow;

        public void Add(bool isDue, bool isRight)
        {
            if (isDue)
            {
                _ = isRight ? Prompt++ : Slow++;
            }
        }
    }

    private sealed record Stay(long From, long To, bool IsGraceful);

    /// <summary>When a user was connected, and when it began to try.</summary>
    private sealed class Stays
    {
        private readonly List<Stay> _all = [];
        private readonly List<long> _dials = [];

        public static Dictionary<string, Stays> Gather(IReadOnlyList<Entry> history)
        {
            var all = new Dictionary<string, Stays>();
            foreach (var entry in history.Where(entry => entry.Op is Op.Dial or Op.Connect or Op.Close))
            {
                if (!all.TryGetValue(entry.User, out var stays))
                {
                    all.Add(entry.User, stays = new Stays());
                }

                stays.Take(entry);
            }

            return all;
        }

        public Stay? LastBefore(long time) => _all.LastOrDefault(stay => stay.From <= time);

        /// <summary>When the last connection that was not ended by its user was lost.</summary>
        public long? LastCrash(long before) => _all.LastOrDefault(stay => !stay.IsGraceful && stay.To <= before)?.To;

        /// <summary>A server counts a connection before its client is synced.</summary>
        public bool MayBeBack(long since, long until) =>
            _all.Exists(stay => stay.From > since && stay.From < until + Clock.Seconds(1)) || _dials.Exists(dial => dial > since && dial < until);

        private void Take(Entry entry)
        {
            if (entry.Op == Op.Dial)
            {
                _dials.Add(entry.Time);
            }
            else if (entry.Op == Op.Connect)
            {
                _all.Add(new Stay(entry.Time, long.MaxValue, false));
            }
            else if (_all.Count > 0)
            {
                _all[^1] = _all[^1] with { To = entry.Time, IsGraceful = entry.Code == "bye" };
            }
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
