using System.Diagnostics;
using System.Globalization;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Nemesis;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos;

/// <summary>One run from an empty database to the verdict. Everything in it is bounded in time.</summary>
internal sealed class Run(RunSettings settings, bool isIsolated, string folder)
{
    private const int QuietRooms = 2;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    /// <summary>Longer than G4 allows a client to lack something.</summary>
    private static readonly TimeSpan Quiescence = TimeSpan.FromSeconds(9);

    private readonly string _output = settings.Output;

    /// <summary>A planted bug may stop a room for good: what it takes to see that is enough.</summary>
    private TimeSpan Patience => TimeSpan.FromSeconds(settings.Planted is null ? 60 : 20);

    private TimeSpan Settling => 2 * Patience;

    private string[] Histories => Directory.GetFiles(_output, "*.history.jsonl");

    private readonly List<string> _failures = [];
    private readonly Machine _machine = new();

    /// <summary>What is written while it goes on; the verdict is written to <see cref="RunSettings.Output"/> too.</summary>
    public async Task<Verdict> RunAsync()
    {
        if (Directory.Exists(_output))
        {
            Directory.Delete(_output, recursive: true);
        }

        var logs = Directory.CreateDirectory(Path.Combine(_output, "logs")).FullName;
        var kinds = isIsolated ? settings.Faults : [.. settings.Faults.Except(FaultSource.NeedNetwork)];
        Say($"seed {settings.Seed}: {settings.Rooms} room nodes, {settings.Edges} edges, {settings.Clients} clients of {settings.UsersPerClient} users, {settings.Minutes} minutes, files {(settings.OnDisk ? "on disk" : "in S3")}"
            + (settings.Planted is null ? "" : $", planted: {settings.Planted}"));
        await using var cluster = await TestCluster.OpenAsync(
            new ClusterShape(settings.Edges, settings.Rooms, settings.Binaries, settings.OnDisk) { SendPerSecond = settings.IsSoak ? 60 : null }, isIsolated, folder, logs);
        if (settings.Planted?.Contains("fence-dropped", StringComparison.Ordinal) == true)
        {
            await cluster.Postgres.ExecuteAsync(
                "ALTER TABLE journal DROP CONSTRAINT journal_fence; CREATE INDEX journal_by_number ON journal (persistence_id, sequence_number)");
        }

        using var auditor = new ChatRest(cluster.Edges.First().Url);
        await Patiently.DoAsync(() => auditor.RegisterAsync("auditor", ChatClient.Password));
        using var stranger = new ChatRest(cluster.Edges.First().Url);
        await Patiently.DoAsync(() => stranger.RegisterAsync("stranger", ChatClient.Password));
        var rooms = await CreateRoomsAsync(auditor);
        await using var clients = ClientGroup.Start(ClientSettingsFor(cluster, rooms), _output);
        var users = settings.Clients * settings.UsersPerClient;
        if (!await clients.ReachAsync("ready", TimeSpan.FromSeconds(180), () => clients.Connected == users))
        {
            throw new InvalidOperationException($"Only {clients.Connected} of {users} users came to be connected.");
        }

        var runner = new FaultRunner(cluster, clients, new FaultSource(cluster, clients, settings), Patience);
        var started = Clock.Now;
        await clients.SayAsync("start");
        using var progressing = new CancellationTokenSource();
        var progress = ProgressAsync(runner, clients, cluster, progressing.Token);
        var watching = Task.Run(() => _machine.WatchAsync(progressing.Token));
        await Task.Delay(WarmUp);
        await FaultsAsync(runner, kinds);

        var stopped = Clock.Now;
        await cluster.Network.HealAsync();
        _failures.AddRange((await cluster.ReadyAsync(Patience)).Select(node => $"{node} was not ready at the end"));
        await clients.SayAsync("stop");
        if (!await clients.ReachAsync("stopped", Settling))
        {
            _failures.Add($"{clients.Pending} sends were not settled {Settling.TotalSeconds:F0} s after the end");
        }

        await Leftovers.DrainAsync(cluster.Postgres, Patience);
        var looking = LookAsync(cluster, auditor, stranger);
        await Task.Delay(Quiescence);
        await clients.SayAsync("finish");
        await clients.ReachAsync("finished", TimeSpan.FromSeconds(30));
        await progressing.CancelAsync();
        await Task.WhenAll(progress, watching);
        return await JudgeAsync(cluster, auditor, rooms, runner, await looking, started, stopped);
    }

    private async Task<IReadOnlyList<FinalLook>> LookAsync(TestCluster cluster, ChatRest member, ChatRest stranger)
    {
        // Clients write their histories every second.
        await Task.Delay(TimeSpan.FromSeconds(2));
        return await Leftovers.LookAsync(cluster, member, stranger, HistoryFile.ReadAll(Histories), await Leftovers.ImagesAsync(cluster.Postgres));
    }

    private static void Say(string line) => Console.WriteLine(line);

    private async Task FaultsAsync(FaultRunner runner, IReadOnlyList<string> kinds)
    {
        var time = TimeSpan.FromMinutes(settings.Minutes);
        if (kinds.Count == 0)
        {
            await Task.Delay(time);
            return;
        }

        try
        {
            await runner.RunAsync(kinds, time, CancellationToken.None);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or Npgsql.NpgsqlException or IOException)
        {
            _failures.Add($"the nemesis failed: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<RoomPlan>> CreateRoomsAsync(ChatRest auditor)
    {
        var plans = new List<RoomPlan>();
        foreach (var (use, count) in new[] { (RoomUse.Busy, settings.BusyRooms), (RoomUse.Quiet, QuietRooms), (RoomUse.Flood, 1) })
        {
            for (var i = 1; i <= count; i++)
            {
                var room = await Patiently.DoAsync(() => auditor.CreateRoomAsync($"{use} {i}"));
                plans.Add(new RoomPlan(room.GetProperty("id").GetString()!, use));
            }
        }

        return plans;
    }

    private IEnumerable<ClientSettings> ClientSettingsFor(TestCluster cluster, IReadOnlyList<RoomPlan> rooms) =>
        [.. Enumerable.Range(0, settings.Clients).Select(i => new ClientSettings
        {
            Name = $"c{i}",
            History = Path.Combine(_output, $"c{i}.history.jsonl"),
            Edges = [.. cluster.Edges.Select(edge => edge.Url)],
            Rooms = rooms,
            Users = settings.UsersPerClient,
            Seed = settings.Seed * 1_000,
            SendEverySeconds = settings.SendEverySeconds,
            SendAtOnce = settings.SendAtOnce,
            RoomsPerUser = settings.RoomsPerUser,
            LiveEverySeconds = settings.IsSoak ? 8 : 2,
            ShareEverySeconds = settings.IsSoak ? 60 : 8,
            ChangeEverySeconds = settings.IsSoak ? 20 : 6,
            ThreadEverySeconds = settings.IsSoak ? 15 : 4,
            Site = cluster.Site.Url(""),
            ServesFiles = cluster.Objects.IsDisk,
        })];

    private async Task<Verdict> JudgeAsync(
        TestCluster cluster, ChatRest auditor, IReadOnlyList<RoomPlan> rooms, FaultRunner runner, IReadOnlyList<FinalLook> looks, long started, long stopped)
    {
        Say("reading every room from every edge and from the journal ...");
        var readers = await Readers.ReadEdgesAsync(cluster, auditor, [.. rooms.Select(room => room.Id)], _failures);
        var journal = await Readers.ReadJournalAsync(cluster.Postgres);
        readers[RunRecord.JournalReader] = journal.ToDictionary(
            room => room.Key, room => (IReadOnlyList<LogEvent>)[.. room.Value.SelectMany(row => row.Events).OrderBy(e => e.Seq)]);
        var history = HistoryFile.ReadAll(Histories);
        var record = new RunRecord
        {
            History = history,
            Rooms = rooms,
            Readers = readers,
            Journal = journal,
            Faults = runner.Faults,
            Trials = runner.Trials,
            Samples = cluster.Samples,
            Starved = _machine.Found,
            Looks = looks,
            Avatars = await Leftovers.AvatarsAsync(cluster, auditor, history),
            Store = await Leftovers.ReadAsync(cluster),
            Logs = NodeLogs.Read(cluster.Logs, cluster.Nodes.Select(node => node.Name)),
            Failures = [.. _failures, .. runner.Failures],
            HasSmallBuffers = isIsolated,
            Started = started,
            Stopped = stopped,
        };
        var verdict = Checker.Check(record);
        verdict = verdict with { Notes = new Dictionary<string, string>(verdict.Notes) { ["the machine"] = _machine.Describe() } };
        Report.Write(_output, settings, record, verdict, isIsolated);
        return verdict;
    }

    private static async Task ProgressAsync(FaultRunner runner, ClientGroup clients, TestCluster cluster, CancellationToken end)
    {
        var watch = Stopwatch.StartNew();
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(5_000, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{watch.Elapsed:mm\\:ss} faults {runner.Faults.Count}, acked {clients.Acked}, delivered {clients.Delivered}, pending {clients.Pending}, "
                + $"connected {clients.Connected}, restarts {cluster.Nodes.Sum(node => node.Restarts)}, violations {runner.Failures.Count}, {runner.Now}"));
        }
    }
}
