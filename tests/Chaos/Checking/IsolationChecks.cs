using System.Globalization;

namespace AkkaChat.Chaos.Checking;

/// <summary>One message of somebody who talks at a fixed rate: from when it was sent to its acknowledgement.</summary>
public sealed record TimedSend(long From, long To)
{
    public double Ms => (To - From) / 1_000.0;
}

/// <summary>A stretch of talk, beside hostile clients or without them.</summary>
/// <param name="Refused">Sends that were not acknowledged.</param>
public sealed record TalkWindow(bool IsAttacked, long From, long To, IReadOnlyList<TimedSend> Sends, int Refused);

/// <summary>Stretches of talk without and beside one kind of hostile client, by turns.</summary>
/// <param name="From">When it began, with what it needs.</param>
/// <param name="Dropped">People, other than the hostile, whose connection ended.</param>
/// <param name="Answers">What the hostile clients were answered.</param>
public sealed record IsolationTrial(string Attack, long From, IReadOnlyList<TalkWindow> Windows, int Dropped, string Answers)
{
    public long To => Windows.Max(window => window.To);
}

/// <summary>
/// C18: beside hostile clients others' p99 is at most 10 % more than without them, and nobody else is refused or dropped. Medians of windows are compared.
/// Time in which the machine was too slow is subtracted from each send, so it excuses no more than its own length, and windows that are mostly slow are
/// left out.
/// </summary>
internal static class IsolationChecks
{
    private const double MaxRatio = 1.10;

    /// <summary>A median of few windows is no finer than this, in ms.</summary>
    private const double Grain = 5;

    /// <summary>The part of a window in which the machine must have been fast enough.</summary>
    private const double MinFed = 0.8;

    private const int MinWindows = 2;

    public static void Check(CheckContext context)
    {
        foreach (var trial in context.Run.Trials)
        {
            CheckOthers(context, trial);
            CheckTimes(context, trial);
        }
    }

    private static void CheckOthers(CheckContext context, IsolationTrial trial)
    {
        var refused = trial.Windows.Sum(window => window.Refused);
        if (refused > 0 || trial.Dropped > 0)
        {
            context.Report("C18", trial.To, $"beside {trial.Attack} {refused} sends of others were not acknowledged, and {trial.Dropped} people were dropped");
        }
    }

    private static void CheckTimes(CheckContext context, IsolationTrial trial)
    {
        var without = P99s(context, trial.Windows.Where(window => !window.IsAttacked && IsFair(context, window)));
        var beside = P99s(context, trial.Windows.Where(window => window.IsAttacked && IsFair(context, window)));
        if (without.Count < MinWindows)
        {
            context.Notes[$"beside {trial.Attack}"] = "not judged: the machine was too slow without it";
            return;
        }

        if (beside.Count < MinWindows)
        {
            // The attack itself may be what makes the machine slow: only that time is excused.
            beside = P99s(context, trial.Windows.Where(window => window.IsAttacked));
        }

        var (before, with) = (Statistics.Percentile(without, 0.5), Statistics.Percentile(beside, 0.5));
        context.Notes[$"beside {trial.Attack}"] = string.Create(
            CultureInfo.InvariantCulture,
            $"others' p99 {before:F1} ms without, {with:F1} ms with ({without.Count} and {beside.Count} windows); it got {trial.Answers}");
        if (with > Math.Max((before * MaxRatio) + Grain, without.Max()))
        {
            context.Report("C18", trial.To, string.Create(
                CultureInfo.InvariantCulture, $"beside {trial.Attack} others' p99 went from {before:F1} to {with:F1} ms"));
        }
    }

    private static bool IsFair(CheckContext context, TalkWindow window) =>
        context.Fed(window.From, window.To) >= MinFed * (window.To - window.From);

    private static List<double> P99s(CheckContext context, IEnumerable<TalkWindow> windows) =>
        [.. windows.Select(window => Statistics.Percentile(window.Sends.Select(send => context.Fed(send.From, send.To) / 1_000.0), 0.99))];
}
