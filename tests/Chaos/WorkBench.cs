using System.Globalization;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Stage;

namespace AkkaChat.Chaos;

/// <summary>
/// How much 10,000 pieces of waiting work slow a send down: windows without and with them by turns, in either order, on one cluster, at a fixed
/// rate; medians over the windows are compared. The work is done meanwhile, as fast as handlers may: pages that take a second are fetched and
/// remembered, and rooms asked to attach their cards.
/// </summary>
internal static class WorkBench
{
    private const int Users = 30;
    private const int Rooms = 6;
    private const double Rate = 120;

    /// <summary>After the room's creation and its members' joins.</summary>
    private const int FirstMessage = 2 + (Users / Rooms);
    private const int Jobs = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>0 where the median p99 with waiting work is less than 10 % above that without.</returns>
    public static async Task<int> RunAsync(RunSettings settings, string folder)
    {
        await using var cluster = await TestCluster.OpenAsync(
            new ClusterShape(settings.Edges, settings.Rooms, settings.Binaries, OnDisk: true), isIsolated: false, folder, folder);
        await using var talk = await SteadyTalk.OfAsync([.. cluster.Edges.Select(edge => edge.Url)], Users, Rooms, Rate);
        return await MeasureAsync(cluster, talk, settings.Runs);
    }

    private static async Task<int> MeasureAsync(TestCluster cluster, SteadyTalk talk, int runs)
    {
        var fills = 0;
        // What compiles for the first time, and grows, is over after these.
        await talk.SendAsync(Window);
        await FillAsync(cluster, talk.Rooms[0], ++fills);
        await talk.SendAsync(Window);
        await EmptyAsync(cluster);
        var windows = new List<(double Without, double With)>();
        for (var run = 0; run < runs; run++)
        {
            // Without, with; with, without: what the machine does more or less of in time meets both alike.
            var without = await WithoutAsync();
            var (with, done) = await WithAsync();
            Tell(without, with, done);
            (with, done) = await WithAsync();
            without = await WithoutAsync();
            Tell(without, with, done);
        }

        var (quiet, busy) = (Median(windows.Select(window => window.Without)), Median(windows.Select(window => window.With)));
        var ratio = busy / quiet;
        Say($"p99, median of {windows.Count} windows: {quiet:F2} ms without, {busy:F2} ms with waiting work: {ratio:F2} times; median of the ratios {Median(windows.Select(window => window.With / window.Without)):F2}");
        return ratio < 1.1 ? 0 : 1;

        async Task<IReadOnlyList<double>> WithoutAsync()
        {
            await Task.Delay(Settling);
            return [.. (await talk.SendAsync(Window)).Select(send => send.Ms)];
        }

        async Task<(IReadOnlyList<double> Times, long Done)> WithAsync()
        {
            await FillAsync(cluster, talk.Rooms[0], ++fills);
            var waiting = await CountAsync(cluster);
            await Task.Delay(Settling);
            IReadOnlyList<double> times = [.. (await talk.SendAsync(Window)).Select(send => send.Ms)];
            var done = waiting - await CountAsync(cluster);
            await EmptyAsync(cluster);
            return (times, done);
        }

        void Tell(IReadOnlyList<double> without, IReadOnlyList<double> with, long done)
        {
            windows.Add((P99(without), P99(with)));
            Say($"window {windows.Count}: p50 {P50(without):F1} ms without, {P50(with):F1} ms with; p99 {P99(without):F1} ms without, {P99(with):F1} ms with {Jobs:N0} waiting, of which {done:N0} were done; load of the machine {Load()}");
        }
    }

    private static Task FillAsync(TestCluster cluster, string room, int round) => cluster.Postgres.ExecuteAsync(string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        INSERT INTO work (kind, key, payload, state, attempts, due_at, created_at)
        SELECT 'link-card', 'bench-{{round}}-' || i,
            json_build_object('room', '{{room}}', 'seq', {{FirstMessage}}, 'n', 1, 'urls', json_build_array('{{cluster.Site.Url("/slow/")}}{{round}}-' || i))::text,
            0, 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        FROM generate_series(1, {{Jobs}}) i
        """));

    /// <summary>Removes what waits, and lets what runs end.</summary>
    private static async Task EmptyAsync(TestCluster cluster)
    {
        await cluster.Postgres.ExecuteAsync("DELETE FROM work WHERE state = 0");
        await Leftovers.DrainAsync(cluster.Postgres, Patience);
    }

    private static async Task<long> CountAsync(TestCluster cluster)
    {
        await using var connection = await cluster.Postgres.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM work", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static double P50(IEnumerable<double> times) => Statistics.Percentile(times, 0.5);

    private static double P99(IEnumerable<double> times) => Statistics.Percentile(times, 0.99);

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
