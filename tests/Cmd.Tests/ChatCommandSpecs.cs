using Npgsql;

namespace AkkaChat.Cmd.Tests;

/// <summary>The palette <c>chat</c>.</summary>
[Collection(PbmCollection.Name)]
public sealed class ChatCommandSpecs(PbmCluster cluster) : IAsyncLifetime
{
    private const string Kind = "spec";

    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Rooms_ShouldListRooms_AndThoseThatWereSearched()
    {
        var all = await Pbm.RunAsync(cluster.Room1, "chat rooms");
        var none = await Pbm.RunAsync(cluster.Edge1, "chat rooms -s no-such-name");

        Assert.Contains(all.Lines, line => line.StartsWith($"{cluster.Room} | Engine room | public | members: ", StringComparison.Ordinal));
        Assert.Equal(["Count: 0 rooms"], none.Lines);
    }

    [Fact]
    public async Task Room_ShouldTellWhereItIs_AndThatItsConsumersHaveCaughtUp()
    {
        await cluster.Ana.SendAsync(cluster.Room, "so that the room runs");
        await Eventually.AssertAsync(async () =>
        {
            var room = await Pbm.RunAsync(cluster.Edge1, $"chat room -r {cluster.Room}");
            Assert.Contains(room.Lines, line => line.StartsWith("location | shard: ", StringComparison.Ordinal) && line.EndsWith("| runs", StringComparison.Ordinal));
            Assert.Contains(room.Lines, line => line.StartsWith("journal | row: ", StringComparison.Ordinal));
            Assert.Contains(room.Lines, line =>
                line.StartsWith("consumer read-model | row: ", StringComparison.Ordinal) && line.EndsWith("behind: 0", StringComparison.Ordinal));
        });

        Assert.Equal(1, (await Pbm.RunAsync(cluster.Edge1, $"chat room -r {cluster.Room[..^6]}000000")).ExitCode);
        Assert.Equal(2, (await Pbm.RunAsync(cluster.Edge1, "chat room -r nonsense")).ExitCode);
    }

    [Fact]
    public async Task Sessions_ShouldListTheSocketsOfTheEdge()
    {
        var all = await Pbm.RunAsync(cluster.Edge1, "chat sessions --json");
        var hers = await Pbm.RunAsync(cluster.Edge1, $"chat sessions -u {cluster.Ana.Username}");

        Assert.True(all.Json.Count >= 2);
        Assert.Contains(all.Json, socket =>
            socket.GetProperty("user").GetString() == cluster.Ana.Username && socket.GetProperty("rooms").GetInt32() >= 1);
        Assert.Equal("Count: 1 sockets", hers.Lines[^1]);
    }

    [Fact]
    public async Task RoomNode_ShouldOfferNoSockets() =>
        Assert.Equal(2, (await Pbm.RunAsync(cluster.Room1, "chat sessions")).ExitCode);

    [Fact]
    public async Task Drain_ShouldCloseTheSocketsAndKeepTheProcess_UntilResume()
    {
        var drained = await Pbm.RunAsync(cluster.Edge1, "chat drain");

        Assert.Equal(0, drained.ExitCode);
        Assert.StartsWith("Closed ", drained.Lines[^1], StringComparison.Ordinal);
        using var http = new HttpClient();
        using var unready = await http.GetAsync(new Uri(cluster.Edge1.Url, "health/ready"));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        Assert.Contains("an operator drains the node", await unready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Count: 0 sockets", (await Pbm.RunAsync(cluster.Edge1, "chat sessions")).Lines[^1]);

        Assert.Equal(0, (await Pbm.RunAsync(cluster.Edge1, "chat resume")).ExitCode);

        await cluster.Edge1.ReadyAsync();
        await Eventually.AssertAsync(
            async () => Assert.NotEqual("Count: 0 sockets", (await Pbm.RunAsync(cluster.Edge1, "chat sessions")).Lines[^1]),
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Work_ShouldBeListedRetriedAndDropped()
    {
        var id = await AddDeadAsync("one");

        var listed = await Pbm.RunAsync(cluster.Room1, $"chat work -k {Kind} -s dead");
        Assert.Contains(listed.Lines, line => line.StartsWith($"{id} | {Kind} | dead | attempts: 3 ", StringComparison.Ordinal) && line.EndsWith("| it broke", StringComparison.Ordinal));
        Assert.Contains(
            (await Pbm.RunAsync(cluster.Room1, "chat work-depth")).Lines, line => line.StartsWith($"{Kind} | dead | items: ", StringComparison.Ordinal));

        Assert.Contains((await Pbm.RunAsync(cluster.Room1, "--json chat work-depth")).Json, depth =>
            depth.GetProperty("kind").GetString() == Kind && depth.GetProperty("count").GetInt64() >= 1);

        Assert.Equal(id, IdOf(await Pbm.RunAsync(cluster.Edge1, $"--json chat work-retry -i {id}")));
        Assert.Equal(id, IdOf(await Pbm.RunAsync(cluster.Edge1, $"--json chat work -k {Kind} -s waiting")));
        Assert.Contains(
            (await Pbm.RunAsync(cluster.Room1, $"chat work -k {Kind} -s waiting")).Lines,
            line => line.StartsWith($"{id} | {Kind} | waiting | attempts: 0 ", StringComparison.Ordinal));

        Assert.Equal(id, IdOf(await Pbm.RunAsync(cluster.Edge1, $"--json chat work-drop -i {id}")));
        Assert.Equal(1, (await Pbm.RunAsync(cluster.Edge1, $"chat work-drop -i {id}")).ExitCode);
        Assert.Equal(1, (await Pbm.RunAsync(cluster.Edge1, $"chat work-retry -i {id}")).ExitCode);
        Assert.Equal(2, (await Pbm.RunAsync(cluster.Edge1, "chat work-retry -i one")).ExitCode);
    }

    [Fact]
    public async Task JournalCheck_ShouldFindNothingInAWholeJournal_AndNameARowThatIsMissing()
    {
        var broken = await BrokenRoomAsync();
        try
        {
            var whole = await Pbm.RunAsync(cluster.Room1, $"chat journal-check -r {cluster.Room}");
            var all = await Pbm.RunAsync(cluster.Room1, "chat journal-check");

            Assert.Equal(0, whole.ExitCode);
            Assert.StartsWith("Checked: 1 rooms, ", whole.Lines[^1], StringComparison.Ordinal);
            Assert.EndsWith("defects: 0", whole.Lines[^1], StringComparison.Ordinal);
            Assert.Equal(1, all.ExitCode);
            Assert.Contains($"{broken} | row 4 | rows 3 to 3 are missing", all.Lines);
            Assert.Contains(all.Lines, line => line.StartsWith($"{broken} | row 4 | seq ", StringComparison.Ordinal));
        }
        finally
        {
            await ExecuteAsync("DELETE FROM journal WHERE persistence_id = @id", broken);
        }
    }

    private static long IdOf(PbmResult result) => Assert.Single(result.Json).GetProperty("id").GetInt64();

    /// <summary>A copy of the room's journal, under another id, without its third row.</summary>
    private async Task<string> BrokenRoomAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            await cluster.Ana.SendAsync(cluster.Room, $"a row of its own {i}");
        }

        var id = $"{cluster.Room[..^6]}zzzzzz";
        await ExecuteAsync(
            """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier)
            SELECT created, deleted, @id, sequence_number, message, tags, manifest, identifier
            FROM journal WHERE persistence_id = @of AND sequence_number BETWEEN 1 AND 6 AND sequence_number <> 3
            """,
            id,
            cluster.Room);
        return id;
    }

    private async Task<long> AddDeadAsync(string key)
    {
        await using var connection = new NpgsqlConnection(cluster.Cluster.ConnectionString);
        await connection.OpenAsync();
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO work (kind, key, payload, state, attempts, due_at, last_error, created_at)
            VALUES (@kind, @key, '', 2, 3, 0, 'it broke', 0) RETURNING id
            """,
            connection);
        insert.Parameters.AddWithValue("kind", Kind);
        insert.Parameters.AddWithValue("key", key);
        return (long)(await insert.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql, string id, string of = "")
    {
        await using var connection = new NpgsqlConnection(cluster.Cluster.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("of", of);
        await command.ExecuteNonQueryAsync();
    }
}
