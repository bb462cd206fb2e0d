using System.Globalization;
using System.Text.Json;
using AkkaChat.Chaos.Planted;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;

namespace AkkaChat.Chaos;

/// <summary>One planted bug and what brings it out.</summary>
/// <param name="With">A planted condition, survivable without the bug, that it needs.</param>
internal sealed record PlantedBug(string Name, string Title, string[] Faults, double Minutes, string[] Expected, string? With = null)
{
    public string[] Patches => With is null ? [Name] : [Name, With];
}

/// <summary>Proves the checker: each planted bug must be caught within a few runs, by a check that is meant for it.</summary>
internal static class Proof
{
    public static readonly IReadOnlyList<PlantedBug> Bugs =
    [
        new("ack-before-persist", "ack before persist", ["kill-room", "pg-restart"], 1.2, ["C1"]),
        new("no-dedup", "no dedup", ["mass-disconnect"], 0.5, ["C3"]),
        new("snapshot-without-dedup", "dedup lost from the snapshot", ["kill-room", "rolling-restart"], 1.5, ["C3"]),
        new("no-gap-check", "no gap check", [], 0.7, ["C5"], "pubsub-loss"),
        new("no-head-beacon", "no head beacon", [], 1.0, ["C5"], "pubsub-loss-heavy"),
        new("fence-dropped", "fence dropped", ["pause-room-long"], 1.5, ["C8", "C2", "C3", "C1"]),
        new("journal-number-as-seq", "journal SequenceNr used as seq", ["kill-room"], 0.6, ["C2"]),
        new("continue-after-rejection", "continue after a rejected write", ["mass-disconnect"], 0.6, ["C2", "C1"], "reject-writes"),
        new("pubsub-loss", "1 % pub-sub loss", [], 0.9, ["C11"]),
        new("leave-not-propagated", "kick/leave not propagated", [], 0.6, ["C6"]),
        new("resume-off-by-one", "resume off by one", ["mass-disconnect"], 0.5, ["C5"]),
        new("unbounded-queue", "unbounded socket queue", ["slow-reader"], 0.6, ["C11"]),
        new("upload-without-offset-check", "uploads without a check of the offset", [], 1.2, ["C12"]),
        new("files-without-membership", "files without a check of the membership", [], 0.5, ["C13"]),
        new("cards-without-memory", "link cards attached again", [], 0.6, ["C14"], "work-runs-again"),
        new("upload-offset-ahead", "offsets ahead of what is kept", [], 0.5, ["C15"]),
        new("history-without-membership", "room.sync without a check of the membership", [], 0.6, ["C6"]),
        new("late-resume", "resumptions that take seven seconds", [], 0.7, ["C5"]),
        new("departures-not-shown", "departures not shown, between faults", ["kill-room"], 2, ["C9"]),
        new("sends-wait-for-redis", "sends that wait for Redis", ["redis-hang"], 0.7, ["C10"]),
        new("replies-unread-in-room", "replies in threads unread in their room", [], 0.7, ["C17"]),
        new("room-relapses", "rooms that fall silent again after a recovery", ["kill-room"], 1.2, ["C10"]),
    ];

    public static async Task<int> RunAsync(RunSettings settings)
    {
        if (settings.Names.Except(Bugs.Select(bug => bug.Name)).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"'{unknown}' is no planted bug; there are {string.Join(", ", Bugs.Select(bug => bug.Name))}.");
        }

        var chosen = settings.Names.Count == 0 ? Bugs : [.. Bugs.Where(bug => settings.Names.Contains(bug.Name))];
        var rows = new List<(PlantedBug Bug, string? Check, string What, int Run)>();
        foreach (var bug in chosen.TakeWhile(_ => !Isolation.IsInterrupted))
        {
            rows.Add(await ProveAsync(bug, settings));
        }

        Console.WriteLine();
        Console.WriteLine("| Planted bug | Caught by | Run | The first thing it says |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (bug, check, what, run) in rows)
        {
            Console.WriteLine($"| {bug.Title} | {check ?? "**not caught**"} | {(check is null ? "-" : run.ToString(CultureInfo.InvariantCulture))} | {what} |");
        }

        return rows.All(row => row.Check is not null) ? 0 : 1;
    }

    private static async Task<(PlantedBug Bug, string? Check, string What, int Run)> ProveAsync(PlantedBug bug, RunSettings settings)
    {
        Console.WriteLine($"\n== {bug.Title}: building the product with it");
        try
        {
            await PlantedCopy.BuildAsync(bug.Patches);
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return (bug, null, "could not be planted", 0);
        }

        for (var run = 1; run <= settings.Runs && !Isolation.IsInterrupted; run++)
        {
            var seed = settings.Seed + run;
            Console.WriteLine($"\n== {bug.Title}, run {run}");
            string[] arguments =
            [
                "run", "--planted", string.Join(',', bug.Patches), "--seed", $"{seed}", "--minutes", bug.Minutes.ToString(CultureInfo.InvariantCulture),
                "--clients", "2", "--users", "8", "--rooms", "2", "--faults", string.Join(',', bug.Faults),
            ];
            var one = RunSettings.Parse(arguments[1..]);
            var folder = TestFolder.Create("akkachat-chaos-");
            if (await Isolation.WhyNotAsync() is { } reason)
            {
                Directory.Delete(folder);
                return (bug, null, $"needs network namespaces: {reason}", run);
            }

            await Isolation.RunInsideAsync(arguments, folder);
            if (Caught(one.Output, bug) is { } caught)
            {
                return (bug, caught.Check, caught.What, run);
            }
        }

        return (bug, null, "", settings.Runs);
    }

    /// <summary>The first violation of a check that is meant for the bug.</summary>
    private static (string Check, string What)? Caught(string output, PlantedBug bug)
    {
        var file = Path.Combine(output, "report.json");
        if (!File.Exists(file))
        {
            return null;
        }

        using var report = JsonDocument.Parse(File.ReadAllText(file));
        var violations = report.RootElement.GetProperty("verdict").GetProperty("violations").EnumerateArray()
            .Select(violation => (Check: violation.GetProperty("check").GetString()!, What: violation.GetProperty("what").GetString()!))
            .ToList();
        var found = bug.Expected.Select(check => violations.FirstOrDefault(violation => violation.Check == check)).FirstOrDefault(violation => violation.Check is not null);
        if (found.Check is null)
        {
            return null;
        }

        var checks = string.Join(", ", violations.Select(violation => violation.Check).Distinct());
        return (checks == found.Check ? found.Check : $"{found.Check} (also {string.Join(", ", violations.Select(violation => violation.Check).Distinct().Where(check => check != found.Check))})", found.What);
    }
}
