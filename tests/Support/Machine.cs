using System.Diagnostics;

namespace AkkaChat.Support;

/// <summary>A stretch of time in which the machine gave the run too little of itself to judge how long anything took. Times as <see cref="Machine.Now"/>.</summary>
public sealed record Starvation(long From, long To, double Slowdown)
{
    /// <summary>What was put off while the machine was too slow is made up for after.</summary>
    public static readonly long Aftermath = 2_000_000;

    /// <summary>How much of the time between the two the machine gave the run its share, in microseconds.</summary>
    public static long Fed(IEnumerable<Starvation> starved, long from, long to)
    {
        var (fed, at) = (to - from, from);
        foreach (var stretch in starved.OrderBy(stretch => stretch.From))
        {
            var (begin, end) = (Math.Max(at, stretch.From), Math.Min(to, stretch.To + Aftermath));
            if (end > begin)
            {
                fed -= end - begin;
                at = end;
            }
        }

        return fed;
    }
}

/// <summary>
/// Watches whether the machine is fast enough to be a witness of time: a fixed piece of work, done every second, is timed. On a machine that
/// others use too it takes many times as long, and so does everything else; such stretches are noted and no bound in seconds is judged in them.
/// </summary>
public sealed class Machine
{
    private const double Starved = 6;
    private const int Rounds = 400_000;

    private readonly List<Starvation> _found = [];
    private readonly List<double> _slowdowns = [];
    private double _best = double.MaxValue;

    /// <summary>Microseconds of the machine's monotonic clock, which all processes on it share.</summary>
    public static long Now => (long)(TimeProvider.System.GetTimestamp() * (1_000_000.0 / TimeProvider.System.TimestampFrequency));

    public IReadOnlyList<Starvation> Found
    {
        get
        {
            lock (_found)
            {
                return [.. _found];
            }
        }
    }

    /// <summary>How many times slower than at its best, the median and the worst.</summary>
    public string Describe()
    {
        lock (_found)
        {
            return FormattableString.Invariant(
                $"a fixed piece of work took {Slowdown(0.5):F1} times its best at the median, {Slowdown(0.99):F1} at p99; {_found.Count} of {_slowdowns.Count} looks found it starved");
        }
    }

    public async Task WatchAsync(CancellationToken end)
    {
        Work();
        for (var last = Now; !end.IsCancellationRequested;)
        {
            await Task.Delay(1_000, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var took = Work();
            var now = Now;
            _best = Math.Min(_best, took);
            // A late timer counts too: the second must not have become three.
            var slowdown = Math.Max(took / _best, (now - last) / 1_000_000.0);
            lock (_found)
            {
                _slowdowns.Add(slowdown);
                if (slowdown > Starved)
                {
                    _found.Add(new Starvation(last, now, slowdown));
                }
            }

            last = now;
        }
    }

    /// <summary>By nearest rank; 0 before the first look.</summary>
    private double Slowdown(double p)
    {
        var sorted = _slowdowns.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(p * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    private static double Work()
    {
        var watch = Stopwatch.StartNew();
        var x = 1u;
        for (var i = 0; i < Rounds * 10; i++)
        {
            x = (x * 1_664_525) + 1_013_904_223;
        }

        GC.KeepAlive(x);
        return watch.Elapsed.TotalMilliseconds;
    }
}
