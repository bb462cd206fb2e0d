using System.Diagnostics;
using System.Globalization;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Search;

namespace AkkaChat.SearchBench;

/// <summary>What people look for: each kind in every round, so that all weigh the same.</summary>
internal static class Queries
{
    private const double Limit = 100;

    private static readonly (string Kind, string Text)[] All =
    [
        ("rare word", "zanzibar"), ("rare word", "quixotic"), ("rare word", "жёлудь"), ("rare part of a word", "uixoti"),
        ("word of 1 in 1,000", "marmalade"), ("word of 1 in 100", "umbrella"),
        ("common word", "the"), ("common word", "project"), ("one letter", "e"), ("one letter", "ж"), ("two letters", "um"), ("two letters", "qz"),
        ("one ideograph, rare", "龍"), ("one ideograph, common", "一"), ("two ideographs, rare", "鳳凰"), ("two ideographs", "丁七"), ("kana", "うあ"),
        ("Hangul", "가"), ("Arabic", "با"), ("Hebrew", "בו"), ("emoji", "👍"),
        ("phrase", "\"in the\""), ("phrase, absent", "\"merge the oil branch\""), ("two common words", "database release"), ("common and rare", "the marmalade"),
        ("common, without a common one", "the -of"), ("absent word", "xylophonist"), ("absent, of common parts", "thereandtheir"),
        ("from:", "the from:u_00000000000000000000000000000007"), ("in: a small room", "the in:\"room 249\""), ("in: a large room, rare", "quixotic in:\"room 1\""),
        ("has:link and a word", "marmalade has:link"), ("filters alone", "has:link from:u_00000000000000000000000000000011"),
        ("before:", "umbrella before:2024-03-01"), ("on:", "the on:2024-01-15"), ("rare after:", "quixotic after:2024-06-01"),
    ];

    /// <returns>Whether the p99 of all is above the limit.</returns>
    public static async Task<bool> MeasureAsync(IMessageSearch search, int rounds)
    {
        var times = All.Select(query => query.Kind).Distinct().ToDictionary(kind => kind, _ => new List<double>());
        times["a second page"] = [];
        var counts = new Dictionary<string, int>();
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (kind, text) in All)
            {
                var (time, page) = await TimeAsync(search, text, null);
                counts[kind] = page.Items.Count;
                Add(round, kind, time);
                if (page.NextCursor is { } cursor)
                {
                    (time, _) = await TimeAsync(search, text, cursor);
                    Add(round, "a second page", time);
                }
            }
        }

        foreach (var (kind, list) in times)
        {
            Say($"  {kind,-30} p50 {Percentile(list, 0.5),7:F1} ms   p99 {Percentile(list, 0.99),7:F1} ms   {counts.GetValueOrDefault(kind)} on the first page");
        }

        var all = times.Values.SelectMany(list => list).ToList();
        var p99 = Percentile(all, 0.99);
        Say($"  all {all.Count:N0} searches: p50 {Percentile(all, 0.5):F1} ms, p99 {p99:F1} ms, longest {all.Max():F1} ms");
        return p99 >= Limit;

        // The first round fills caches, and compiles.
        void Add(int round, string kind, double time)
        {
            if (round >= 0)
            {
                times[kind].Add(time);
            }
        }
    }

    private static async Task<(double Milliseconds, MessageHits Page)> TimeAsync(IMessageSearch search, string text, SearchCursor? cursor)
    {
        var query = SearchQueryParser.Parse(text).Query ?? throw new InvalidOperationException(text);
        var started = Stopwatch.GetTimestamp();
        var page = await search.SearchAsync(
            new MessageSearchRequest(query, new UserId(Loader.Reader), null, null, cursor, 25), TimeSpan.FromSeconds(10));
        return (Stopwatch.GetElapsedTime(started).TotalMilliseconds, page);
    }

    private static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(sorted.Count * share) - 1)];
    }

    internal static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
