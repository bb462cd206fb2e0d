using System.Globalization;
using AkkaChat.Support;
using AkkaChat.Support.Processes;
using Npgsql;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Work whose node dies in the middle of it: the fetching of a linked page.</summary>
public sealed class WorkTakeOverSpecs : IAsyncLifetime
{
    /// <summary>The lease of 15 s, the poll of 5 s, and where the room was on the same node its fail-over; on a busy machine.</summary>
    private static readonly TimeSpan TakenOver = TimeSpan.FromSeconds(90);

    private TestSite _site = null!;
    private ChatCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _site = TestSite.Start();
        _cluster = await ChatCluster.StartAsync(new ClusterShape
        {
            Settings = new Dictionary<string, string>
            {
                ["AkkaChat__LinkCards__AllowedNetworks__0"] = "127.0.0.0/8",
                ["AkkaChat__LinkCards__AllowedPorts__0"] = _site.Port.ToString(CultureInfo.InvariantCulture),
            },
        });
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _site.DisposeAsync();
    }

    [Fact]
    public Task NodeKilledInTheMiddle_ShouldLeaveItsWorkToAnother_AndTheEffectStandsOnce() => _cluster.WatchAsync(async () =>
    {
        var held = new TaskCompletionSource();
        var requests = 0;
        _site.Answer("/page", async (stream, stop) =>
        {
            if (Interlocked.Increment(ref requests) == 1)
            {
                held.SetResult();
                await Task.Delay(Timeout.Infinite, stop); // the node that waits here is killed
            }

            var page = "<title>The page</title>"u8.ToArray();
            await stream.WriteAsync(TestSite.Head("200 OK", $"Content-Type: text/html\r\nContent-Length: {page.Length}\r\n"), stop);
            await stream.WriteAsync(page, stop);
        });
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", _cluster.Edges[0].Url, _cluster.Edges[1].Url);
        var bob = await cast.PersonAsync("bob", _cluster.Edges[1].Url, _cluster.Edges[0].Url);
        var room = await Cast.RoomAsync("Links", ana, bob);

        var sent = await ana.SendAsync(room, $"see {_site.Url("/page")}");
        await held.Task.WaitAsync(TakenOver);
        var (owner, attempt) = await RunningAsync();
        var worker = _cluster.Rooms.Concat(_cluster.Edges).Single(node => owner.Contains($"/{node.ProcessId}/", StringComparison.Ordinal));
        await worker.KillAsync();
        Assert.Equal((owner, attempt), await RunningAsync()); // it was in the middle

        await Eventually.AssertAsync(async () => Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM work")), TakenOver);
        await _cluster.HealAsync();
        var attached = (await bob.Rest.EventsAsync(room, sent.Seq)).Where(e => e.GetProperty("ev").GetString() == "link.attached").ToList();
        Assert.Equal("The page", Assert.Single(attached).GetProperty("d").GetProperty("cards")[0].GetProperty("title").GetString());
        Assert.Equal(2, requests);
        await bob.CaughtUpAsync(room, attached[0].GetProperty("seq").GetInt64(), TakenOver);
    });

    private async Task<(string Owner, long Attempts)> RunningAsync()
    {
        await using var connection = new NpgsqlConnection(_cluster.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT owner, attempts FROM work WHERE state = 1", connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync(), "No work is running.");
        return (reader.GetString(0), reader.GetInt64(1));
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_cluster.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
