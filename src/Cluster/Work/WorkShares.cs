namespace AkkaChat.Cluster.Work;

/// <summary>
/// Who has had much of a lane's time lately. Their work goes after that of others, so that nobody who asks for much, or for what is slow, such as a
/// link to a site that never answers, holds up the others' for longer than what runs already. Nobody waits while nobody else does.
/// </summary>
internal sealed class WorkShares(TimeProvider time)
{
    /// <summary>Time that was taken counts for less and less: after this a third of it.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>As much as a minute of ordinary work takes: a page with its image is fetched in a second.</summary>
    private static readonly TimeSpan Much = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Forgotten = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TimeSpan Taken, long At)> _taken = [];
    private readonly Dictionary<long, (string Subject, long Started)> _running = [];

    public void Begin(long item, string subject)
    {
        lock (_gate)
        {
            _running[item] = (subject, time.GetTimestamp());
        }
    }

    public void End(long item)
    {
        lock (_gate)
        {
            if (_running.Remove(item, out var run) && run.Subject != "")
            {
                _taken[run.Subject] = (Remembered(run.Subject) + time.GetElapsedTime(run.Started), time.GetTimestamp());
            }
        }
    }

    /// <summary>The subjects whose work can wait. What runs now counts too.</summary>
    public IReadOnlyList<string> Last()
    {
        lock (_gate)
        {
            foreach (var subject in _taken.Keys.Where(subject => Remembered(subject) < Forgotten).ToList())
            {
                _taken.Remove(subject);
            }

            var now = _running.Values.Where(run => run.Subject != "").ToLookup(run => run.Subject, run => time.GetElapsedTime(run.Started));
            return
            [
                .. _taken.Keys.Union(now.Select(run => run.Key))
                    .Where(subject => now[subject].Aggregate(Remembered(subject), (sum, running) => sum + running) > Much),
            ];
        }
    }

    private TimeSpan Remembered(string subject) => _taken.TryGetValue(subject, out var entry)
        ? entry.Taken * Math.Exp(-(time.GetElapsedTime(entry.At) / Memory))
        : TimeSpan.Zero;
}
