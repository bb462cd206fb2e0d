using System.Globalization;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Stage;

namespace AkkaChat.Chaos.Hostile;

/// <summary>
/// What hostile clients do to others, by the command <c>hostile</c>: for each attack, windows without and with it by turns, in either order, on one
/// cluster. Others' sends go on at a fixed rate, and the nodes' memory is read. G8 allows the p99 10 % and the memory 64 MiB.
/// </summary>
internal static class HostileBench
{
    private const int People = 24;
    private const int Rooms = 6;
    private const double Rate = 100;
    private const double MaxRatio = 1.10;
    private const double MaxGrowthMiB = 64;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(500);

    /// <returns>0 where no attack harmed anybody by more than is allowed.</returns>
    /// <exception cref="ArgumentException">There is no such attack.</exception>
    public static async Task<int> RunAsync(RunSettings settings, string folder)
    {
        if (settings.Names.Except(Attack.All.Select(attack => attack.Name)).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"'{unknown}' is no attack; there are {string.Join(", ", Attack.All.Select(attack => attack.Name))}.");
        }

        var attacks = settings.Names.Count == 0 ? Attack.All : [.. Attack.All.Where(attack => settings.Names.Contains(attack.Name))];
        await using var cluster = await TestCluster.OpenAsync(
            new ClusterShape(settings.Edges, settings.Rooms, settings.Binaries, OnDisk: true), isIsolated: false, folder, folder);
        var edges = cluster.Edges.Select(edge => edge.Url).ToList();
        await using var talk = await SteadyTalk.OfAsync(edges, People, Rooms, Rate);
        Say($"filling {AttackSizes.Large.Rooms} rooms ...");
        var target = await Target.PrepareAsync(edges[0], talk.Rooms[0], settings.IsSmall ? AttackSizes.Small : AttackSizes.Large);
        var results = new List<Result>();
        foreach (var attack in attacks)
        {
            results.Add(await MeasureAsync(cluster, talk, target, attack, settings.Runs));
        }

        Print(results, talk);
        return results.TrueForAll(result => result.IsHarmless) && talk is { Dropped: 0, Refused.IsEmpty: true } ? 0 : 1;
    }

    private static async Task<Result> MeasureAsync(TestCluster cluster, SteadyTalk talk, Target target, Attack attack, int runs)
    {
        var answers = new Answers();
        // What compiles for the first time, and grows once, is over after these.
        await WithAsync(cluster, talk, target, attack, new Answers());
        await talk.SendAsync(Window);
        var windows = new List<(double Without, double With)>();
        var before = Memory(cluster);
        var peak = before;
        for (var run = 0; run < runs; run++)
        {
            // Without, with; with, without: what the machine does more or less of in time meets both alike.
            var without = P99(await talk.SendAsync(Window));
            var (with, most) = await WithAsync(cluster, talk, target, attack, answers);
            windows.Add((without, with));
            peak = Max(peak, most);
            (with, most) = await WithAsync(cluster, talk, target, attack, answers);
            await Task.Delay(Settling);
            windows.Add((P99(await talk.SendAsync(Window)), with));
            peak = Max(peak, most);
        }

        await Task.Delay(Settling);
        var result = new Result(attack, windows, before, peak, Memory(cluster), answers);
        Say($"{attack.Name}: others' p99 {result.Without:F1} ms without, {result.With:F1} ms with, {result.Ratio:F2} times; memory at most {result.Growth:+0;-0} MiB; got {answers}");
        return result;
    }

    private static async Task<(double P99, Dictionary<string, double> Peak)> WithAsync(
        TestCluster cluster, SteadyTalk talk, Target target, Attack attack, Answers answers)
    {
        using var end = new CancellationTokenSource();
        var attacking = Task.Run(() => attack.Run(target, answers, end.Token));
        var sampling = PeakAsync(cluster, end.Token);
        await Task.Delay(Settling);
        var p99 = P99(await talk.SendAsync(Window));
        await end.CancelAsync();
        await attacking;
        return (p99, await sampling);
    }

    private static async Task<Dictionary<string, double>> PeakAsync(TestCluster cluster, CancellationToken end)
    {
        var peak = Memory(cluster);
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(SampleInterval, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            peak = Max(peak, Memory(cluster));
        }

        return peak;
    }

    /// <summary>Resident MiB of each node.</summary>
    private static Dictionary<string, double> Memory(TestCluster cluster) => cluster.Nodes
        .Select(node => node.ProcessId is { } pid ? Sample.Of(node.Name, pid) : null).OfType<Sample>()
        .ToDictionary(sample => sample.Node, sample => sample.ResidentBytes / 1_048_576.0);

    private static Dictionary<string, double> Max(Dictionary<string, double> one, Dictionary<string, double> other) =>
        one.ToDictionary(node => node.Key, node => Math.Max(node.Value, other.GetValueOrDefault(node.Key)));

    private static void Print(IReadOnlyList<Result> results, SteadyTalk talk)
    {
        Console.WriteLine();
        Console.WriteLine("| Attack | Others' p99 without, ms | with, ms | Ratio | Memory before, MiB | at most | after | The attackers got |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var result in results)
        {
            Say($"| {result.Attack.Name} | {result.Without:F1} | {result.With:F1} | {result.Ratio:F2}{(result.Ratio > MaxRatio ? " (!)" : "")} | {result.Before[result.Most]:F0} | {result.Peak[result.Most]:F0}{(result.Growth > MaxGrowthMiB ? " (!)" : "")} | {result.After[result.Most]:F0} | {result.Answers} |");
        }

        Say($"\nmedians over the windows; memory of the node that grew most; allowed are {MaxRatio:F2} times and {MaxGrowthMiB:F0} MiB; load of the machine {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        Say($"of the others {talk.Dropped} were dropped, and {talk.Refused.Count} sends were not acknowledged ({string.Join(", ", talk.Refused.Distinct())})");
    }

    private static double P99(IEnumerable<TimedSend> sends) => Statistics.Percentile(sends.Select(send => send.Ms), 0.99);

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed record Result(
        Attack Attack,
        IReadOnlyList<(double Without, double With)> Windows,
        Dictionary<string, double> Before,
        Dictionary<string, double> Peak,
        Dictionary<string, double> After,
        Answers Answers)
    {
        public double Without => Statistics.Percentile(Windows.Select(window => window.Without), 0.5);

        public double With => Statistics.Percentile(Windows.Select(window => window.With), 0.5);

        public double Ratio => With / Without;

        /// <summary>The node that grew most.</summary>
        public string Most => Before.Keys.MaxBy(node => Peak[node] - Before[node])!;

        public double Growth => Peak[Most] - Before[Most];

        public bool IsHarmless => Ratio <= MaxRatio && Growth <= MaxGrowthMiB;
    }
}
