using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Npgsql;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Back-up and restore by docs/backup.md, with real servers and clients that were there before and after.</summary>
public sealed class RestoreSpecs
{
    private const string Database = "akkachat_restored";

    [Fact]
    public async Task PointInTime_ShouldKeepWhatWasAcknowledgedBefore_AndClientsDiscardWhatCameAfter()
    {
        await using var server = await RestorableServer.StartAsync();
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape { Database = await server.CreateDatabaseAsync(Database) });
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var (edge1, edge2) = (cluster.Edges[0].Url, cluster.Edges[1].Url);
            var ana = await cast.PersonAsync("ana", edge1, edge2);
            var bob = await cast.PersonAsync("bob", edge2, edge1);
            var room = await Cast.RoomAsync("Kept", ana, bob);
            var kept = new List<Acked>();
            await SayAsync(ana, room, "before the base backup", kept);
            await server.TakeBaseBackupAsync();
            await SayAsync(bob, room, "since the base backup", kept);

            var target = await server.ScalarAsync<string>("SELECT clock_timestamp()::text");
            var lost = new List<Acked>();
            await SayAsync(ana, room, "after the point in time", lost);
            var lostRoom = await Cast.RoomAsync("Lost", ana, bob);
            await SayAsync(bob, lostRoom, "in a room that will not have been", lost);
            await bob.CaughtUpAsync(room, lost[2].Ack.Seq);
            await server.ArchiveAsync();
            var epoch = ana.Epoch;

            await cluster.StopNodesAsync();
            await server.RestoreAsync(target);
            await cluster.HealAsync();

            foreach (var person in new[] { ana, bob })
            {
                await person.EventAsync("room.reset", frame => frame.GetProperty("room").GetString() == room
                    && frame.GetProperty("d").GetProperty("reason").GetString() == "epoch");
                await person.EventAsync("membership.removed", frame => frame.GetProperty("d").GetProperty("room").GetString() == lostRoom);
                Assert.NotEqual(epoch, person.Epoch);
                Assert.Empty((await person.LogAsync(room)).Events);
            }

            Assert.Equal(ana.Epoch, bob.Epoch);
            var log = await History.ReadAsync(ana.Rest, room);
            History.AssertKept(log, kept);
            Assert.DoesNotContain(log, e => e.GetRawText().Contains("after the point in time", StringComparison.Ordinal));

            // The positions of what was lost are given anew, and everybody agrees on them.
            var traffic = new Traffic([(ana, room), (bob, room)]);
            await traffic.RunForAsync(12);
            await History.AssertAsync(room, [.. kept, .. await traffic.StopAsync()], bob.Rest, ana, bob);
            await AssertJournalIsWholeAsync(cluster.Rooms[0]);
        });
    }

    /// <summary>A dump tells by its tables that it was read in; a start without a restore changes nothing.</summary>
    [Fact]
    [Trait("Run", "long")]
    public async Task Epoch_ShouldStay_WhenNodesOrTheServerRestart_AndChangeInADumpThatWasReadIn()
    {
        await using var server = await RestorableServer.StartAsync();
        var database = await server.CreateDatabaseAsync("akkachat_first");
        await MigrateAsync(database, "new-epoch");
        var first = await EpochAsync(database);
        await MigrateAsync(database, "migrate");
        Assert.Equal(first, await EpochAsync(database));

        var copy = await server.CreateDatabaseAsync("akkachat_copy");
        await server.DumpAndReadInAsync("akkachat_first", "akkachat_copy");
        Assert.Equal(first, await EpochAsync(copy));
        await using (await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 1, Redis: false) { Database = copy }))
        {
            Assert.NotEqual(first, await EpochAsync(copy));
        }

        var second = await EpochAsync(copy);
        await using (await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 1, Redis: false) { Database = copy }))
        {
            Assert.Equal(second, await EpochAsync(copy));
        }
    }

    [Fact]
    public async Task Sqlite_ShouldBeBackedUpWhileItRuns_AndRestoredAsOfThen()
    {
        await using var node = await SingleNode.StartAsync();
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", node.Url);
        var bob = await cast.PersonAsync("bob", node.Url);
        var room = await Cast.RoomAsync("Kept", ana, bob);
        var kept = new List<Acked>();
        await SayAsync(ana, room, "before the back-up", kept);
        var epoch = ana.Epoch;

        // Under traffic, whose part is in the copy as far as its journal is.
        var traffic = new Traffic([(ana, room), (bob, room)], TimeSpan.FromMilliseconds(210));
        await traffic.RunForAsync(4);
        var backup = Path.Combine(TestFolder.Create("akkachat-backup-"), "today");
        await RunBlockAsync(0, node, backup);
        await traffic.RunForAsync(4);
        var sent = await traffic.StopAsync();
        Assert.True(Directory.GetFiles(node.Data, "journal.db").Length == 1 && File.Exists(Path.Combine(backup, "keys", "signing-key.json")));
        var again = await Assert.ThrowsAsync<InvalidOperationException>(() => RunBlockAsync(0, node, backup));
        Assert.Contains("is there already", again.Message, StringComparison.Ordinal);

        await node.Process.StopAsync();
        await RunBlockAsync(1, node, backup);
        node.Process.Start();
        await node.Process.ReadyAsync();

        await bob.EventAsync("room.reset", frame => frame.GetProperty("d").GetProperty("reason").GetString() == "epoch");
        await Eventually.AssertAsync(() => Assert.NotEqual(epoch, ana.Epoch), TimeSpan.FromSeconds(30));
        var log = await History.ReadAsync(ana.Rest, room);
        History.AssertKept(log, [.. kept, .. sent.Where(acked => acked.Ack.Seq <= log.Count)]);
        Assert.InRange(log.Count, kept.Count + 4, kept.Count + 3 + sent.Count);

        var later = new Traffic([(ana, room), (bob, room)]);
        await later.RunForAsync(6);
        await History.AssertAsync(room, [.. kept, .. await later.StopAsync()], bob.Rest, ana, bob);
        Directory.Delete($"{node.Data}.before", recursive: true);
    }

    private static async Task SayAsync(ChatClient person, string room, string what, List<Acked> acked)
    {
        for (var i = 1; i <= 3; i++)
        {
            var (cid, text) = (person.NewCid(), $"{what} {i}");
            acked.Add(new Acked(room, person.UserId, cid, text, await person.SendAsync(room, text, cid), default));
        }
    }

    private static Task<string> RunBlockAsync(int block, SingleNode node, string backup)
    {
        var commands = DocumentedCommands.Below("docs/backup.md", "SQLite", "bash")[block];
        return Command.RunAsync(
            "env", $"DATA={node.Data}", $"BACKUP={backup}", "AkkaChat__Auth__AllowGeneratedKey=true", "bash", "-euo", "pipefail", "-c", $"cd '{Product.EdgeFolder}'; {commands}");
    }

    private static Task<string> MigrateAsync(string database, string command) => Command.RunAsync(
        "env", "AkkaChat__Database__Provider=postgres", $"AkkaChat__Database__ConnectionString={database}", "bash", "-euo", "pipefail", "-c",
        $"cd '{Product.ClusterFolder}'; dotnet AkkaChat.Cluster.dll {command}");

    private static async Task<string> EpochAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT epoch FROM installation", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task AssertJournalIsWholeAsync(NodeProcess node)
    {
        using var http = new HttpClient();
        using var body = new StringContent("""{"switches":{}}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(node.Management!, "pbm/chat/journal-check"), body);
        Assert.Contains("\"exitCode\":0", (await answer.Content.ReadAsStringAsync()).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
