using System.Globalization;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;

namespace AkkaChat.Chaos;

/// <summary>
/// A long run under load, of which millions of acknowledgements are checked: one run after the other, each of a few minutes with a cluster, a seed and a
/// report of its own, so that what the checker keeps in memory does not grow with the whole. The reports are added up at the end.
/// </summary>
internal static class Soak
{
    /// <summary>Minutes of one run. At 1,000 messages a second its histories have about five million lines, which the checker holds in 5 GB.</summary>
    private const double Segment = 12;

    /// <returns>0 where no run has a violation.</returns>
    public static async Task<int> RunAsync(RunSettings settings, string[] arguments)
    {
        if (await Isolation.WhyNotAsync() is { } reason)
        {
            throw new ArgumentException($"--soak needs network namespaces: {reason}");
        }

        var folders = new List<string>();
        var worst = 0;
        var left = settings.Minutes;
        for (var seed = settings.Seed; left > 0 && !Isolation.IsInterrupted; seed++)
        {
            var minutes = Math.Min(left, Segment);
            left -= minutes;
            string[] own = ["--seed", $"{seed}", "--minutes", minutes.ToString(CultureInfo.InvariantCulture)];
            // What comes last counts.
            worst = Math.Max(worst, await Isolation.RunInsideAsync(["run", .. arguments, .. own], TestFolder.Create("akkachat-soak-")));
            var output = (settings with { Seed = seed }).Output;
            if (File.Exists(Path.Combine(output, "report.json")))
            {
                folders.Add(output);
                DropHistories(output);
            }
        }

        return folders.Count == 0 ? worst : Math.Max(worst, Sum.Print(folders));
    }

    /// <summary>A run without a violation needs its histories no more, and hours of them fill a disk.</summary>
    private static void DropHistories(string output)
    {
        if (Sum.Violations(output) == 0)
        {
            foreach (var history in Directory.GetFiles(output, "*.history.jsonl"))
            {
                File.Delete(history);
            }
        }
    }
}
