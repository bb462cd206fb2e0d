using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Persistence.Work;
using AkkaChat.Support;
using CsCheck;
using Dapper;

namespace AkkaChat.Persistence.Tests.Work;

public sealed class PostgresWorkTableSpecs(PostgresFixture postgres) : WorkTableSpecs("postgres", postgres);

public sealed class SqliteWorkTableSpecs(PostgresFixture postgres) : WorkTableSpecs("sqlite", postgres);

public abstract class WorkTableSpecs(string provider, PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private const string Kind = "test";
    private const int MaxAttempts = 3;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private TestDatabase _database = null!;
    private WorkQueue _queue = null!;
    private WorkTable _table = null!;
    private WorkOperations _operations = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        _queue = new WorkQueue(_database.Database);
        _table = new WorkTable(_database.Database);
        _operations = new WorkOperations(_database.Database);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    /// <summary>Whatever is called, in whatever order and by whoever has lost the lease: the table is where the model is.</summary>
    [Fact]
    public Task Table_ShouldFollowTheModel() => Gen.Int.ForAllAsync(
        async seed =>
        {
            await SqlAsync("DELETE FROM work");
            var random = new Random(seed);
            var model = new WorkModel(MaxAttempts);
            var attempts = new List<(WorkItem Item, string Owner)>();
            for (var step = 0; step < 40; step++)
            {
                await StepAsync(random, model, attempts);
                var rows = await EntriesAsync();
                Assert.Equal(model.Rows, rows.Select(row => (row.Key, row.State, (long)row.Attempts)).Order());
            }
        },
        cases: 15);

    [Fact]
    public async Task Work_ShouldBeBornOnce_AndOnlyWithItsTransaction()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _database.Database.WriteAsync<int>(
            async (connection, transaction) =>
            {
                await _queue.AddAsync(connection, transaction, [new NewWork(Kind, "a", "lost")]);
                throw new InvalidOperationException("The test rolls back.");
            },
            CancellationToken.None));
        Assert.Empty(await EntriesAsync());

        await _queue.AddAsync([new NewWork(Kind, "a", "first"), new NewWork("other", "a", "another kind")]);
        await _queue.AddAsync([new NewWork(Kind, "a", "second"), new NewWork(Kind, "b", "later", Hour)]);

        Assert.Equal(3, (await EntriesAsync()).Count);
        Assert.Equal("first", Assert.Single(await ClaimAsync("me", 10)).Payload);
    }

    [Fact]
    public async Task Claim_ShouldGiveEachItemToOne_WhenManyClaimAtOnce()
    {
        await _queue.AddAsync([.. Enumerable.Range(0, 200).Select(i => new NewWork(Kind, $"k{i}", ""))]);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(owner => Task.Run(async () =>
        {
            var mine = new List<WorkItem>();
            for (var next = await ClaimAsync($"o{owner}", 7); next.Count > 0; next = await ClaimAsync($"o{owner}", 7))
            {
                mine.AddRange(next);
            }

            return mine;
        })));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"k{i}").Order(), claims.SelectMany(mine => mine).Select(item => item.Key).Order());
    }

    [Fact]
    public async Task Claim_ShouldTakeTheLongestDueFirst()
    {
        await _queue.AddAsync([.. Enumerable.Range(0, 5).Select(i => new NewWork(Kind, $"k{i}", ""))]);
        await SqlAsync("UPDATE work SET due_at = due_at - 1000 * id WHERE key <> 'k0'");
        await SqlAsync("UPDATE work SET due_at = due_at - 100000 WHERE key = 'k0'");

        Assert.Equal(["k0", "k4"], (await ClaimAsync("me", 2)).Select(item => item.Key).Order());
    }

    [Fact]
    public async Task Claim_ShouldTakeTheWorkOfSomeSubjectsLast_AndStillTakeIt()
    {
        await _queue.AddAsync([.. Enumerable.Range(0, 4).Select(i => new NewWork(Kind, $"k{i}", "") { Subject = i < 3 ? "much" : "other" })]);
        await SqlAsync("UPDATE work SET due_at = due_at - 1000 * (10 - id)");

        var first = await _table.ClaimAsync(Kind, "me", 2, MaxAttempts, Hour, ["much", "gone"], CancellationToken.None);
        Assert.Equal([("k0", "much"), ("k3", "other")], first.Select(item => (item.Key, item.Subject)).Order());
        var rest = await _table.ClaimAsync(Kind, "me", 9, MaxAttempts, Hour, ["much"], CancellationToken.None);
        Assert.Equal(["k1", "k2"], rest.Select(item => item.Key).Order());
    }

    /// <summary>With 10,000 items that wait for a later attempt, each claim had looked at all of them: 26 ms of the database, for every item born.</summary>
    [Fact]
    public async Task Claim_ShouldNotLookAtWhatIsNotDue()
    {
        var explain = provider == "postgres" ? "EXPLAIN " : "EXPLAIN QUERY PLAN ";
        var plan = await _database.Database.ReadAsync(
            async connection => string.Join('\n', (await connection.QueryAsync(
                explain + _table.ClaimSql(someLast: false), new { kind = Kind, owner = "me", count = 1L, maxAttempts = 3L, lease = 1_000L }))
                .SelectMany(row => ((IDictionary<string, object>)row).Values)),
            CancellationToken.None);

        Assert.Matches(provider == "postgres" ? @"Index Cond: \(\(kind = .*AND \(due_at <=" : @"work_due \(kind=\? AND due_at<\?\)", plan);
    }

    [Fact]
    public async Task Operations_ShouldListRetryAndDrop()
    {
        await _queue.AddAsync([new NewWork(Kind, "a", "secret"), new NewWork(Kind, "b", ""), new NewWork("other", "c", "", Hour)]);
        var claimed = await ClaimAsync("me", 2);
        var (a, b) = (claimed.Single(item => item.Key == "a"), claimed.Single(item => item.Key == "b"));
        Assert.True(await _table.FailAsync(a, "me", maxAttempts: 1, Hour, new string('x', 600) + "\0"));

        var dead = Assert.Single(await _operations.ListAsync(Kind, WorkState.Dead, 0, 10));
        Assert.Equal(("a", 1, 500), (dead.Key, dead.Attempts, dead.LastError!.Length));
        Assert.Equal(
            [(Kind, WorkState.Running, 1L), (Kind, WorkState.Dead, 1L), ("other", WorkState.Waiting, 1L)],
            (await _operations.GetDepthsAsync()).Select(depth => (depth.Kind, depth.State, depth.Count)).OrderBy(d => (d.Kind == "other", d.State)));
        var all = await _operations.ListAsync(null, null, 0, 10);
        Assert.Equal(["a", "b", "c"], all.Select(entry => entry.Key).Order());
        Assert.Equal(all.Skip(2), await _operations.ListAsync(null, null, all[1].Id, 10));
        Assert.Equal(all.Take(2), await _operations.ListAsync(null, null, 0, 2));
        Assert.False(await _operations.RetryAsync(b.Id));
        Assert.False(await _operations.DropAsync(b.Id));

        Assert.True(await _operations.RetryAsync(a.Id));
        var again = Assert.Single(await ClaimAsync("you", 10));
        Assert.Equal(("a", 1), (again.Key, again.Attempt));
        Assert.True(await _table.FailAsync(again, "you", maxAttempts: 1, Hour, "no"));
        Assert.True(await _operations.DropAsync(a.Id));
        Assert.False(await _operations.DropAsync(a.Id));
    }

    private async Task StepAsync(Random random, WorkModel model, List<(WorkItem Item, string Owner)> attempts)
    {
        var owner = $"owner{random.Next(3)}";
        var attempt = attempts.Count > 0 ? attempts[random.Next(attempts.Count)] : default;
        var keys = model.Keys.ToList();
        var key = keys.Count > 0 ? keys[random.Next(keys.Count)] : null;
        switch (random.Next(9))
        {
            case 0 or 1:
                var born = $"key{random.Next(6)}";
                await _queue.AddAsync([new NewWork(Kind, born, "")]);
                model.Add(born);
                break;
            case 2 or 3:
                await ClaimStepAsync(model, attempts, owner, random.Next(1, 4));
                break;
            case 4 when attempt.Item is not null:
                await SettleAsync(model, attempt, _table.CompleteAsync(attempt.Item, attempt.Owner), model.Complete);
                break;
            case 5 when attempt.Item is not null:
                await SettleAsync(model, attempt, _table.FailAsync(attempt.Item, attempt.Owner, MaxAttempts, Hour, "no"), model.Fail);
                break;
            case 6 when attempt.Item is not null && random.Next(2) == 0:
                await SettleAsync(model, attempt, _table.ReleaseAsync(attempt.Item, attempt.Owner), model.Release);
                break;
            case 6 when attempt.Item is not null:
                await RenewAsync(model, attempts, attempt.Owner);
                break;
            case 7 when key is not null:
                await SqlAsync("UPDATE work SET due_at = 0 WHERE key = @key", key);
                model.MakeDue(key);
                break;
            case 8 when key is not null:
                var id = (await EntriesAsync()).Single(entry => entry.Key == key).Id;
                if (random.Next(2) == 0)
                {
                    Assert.Equal(model.Retry(key), await _operations.RetryAsync(id));
                }
                else
                {
                    Assert.Equal(model.Drop(key), await _operations.DropAsync(id));
                }

                break;
        }
    }

    private async Task ClaimStepAsync(WorkModel model, List<(WorkItem Item, string Owner)> attempts, string owner, int count)
    {
        var claimed = await ClaimAsync(owner, count);
        var dead = (await _operations.ListAsync(null, WorkState.Dead, 0, WorkOperations.MaxPage)).Select(entry => entry.Key).ToHashSet();
        model.Claim(owner, count, claimed, dead);
        attempts.AddRange(claimed.Select(item => (item, owner)));
    }

    private static async Task SettleAsync(WorkModel model, (WorkItem Item, string Owner) attempt, Task<bool> settling, Action<WorkItem> settle)
    {
        var holds = model.Holds(attempt.Item, attempt.Owner);
        Assert.Equal(holds, await settling);
        if (holds)
        {
            settle(attempt.Item);
        }
    }

    private async Task RenewAsync(WorkModel model, List<(WorkItem Item, string Owner)> attempts, string owner)
    {
        var mine = attempts.Where(attempt => attempt.Owner == owner).ToList();
        // Once each: an item that its owner gave back and claimed again is the same attempt twice.
        var held = mine.Where(attempt => model.Holds(attempt.Item, owner)).Select(attempt => attempt.Item).DistinctBy(item => item.Id).ToList();
        var kept = await _table.RenewAsync([.. mine.Select(attempt => attempt.Item.Id).Distinct()], owner, Hour, CancellationToken.None);
        Assert.Equal(held.Select(item => item.Id).Order(), kept.Order());
        held.ForEach(model.Renew);
    }

    private async Task<IReadOnlyList<WorkEntry>> EntriesAsync() => await _operations.ListAsync(null, null, 0, WorkOperations.MaxPage);

    private Task<IReadOnlyList<WorkItem>> ClaimAsync(string owner, int count) =>
        _table.ClaimAsync(Kind, owner, count, MaxAttempts, Hour, [], CancellationToken.None);

    private Task<int> SqlAsync(string sql, string? key = null) => _database.Database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(sql, new { key }, transaction), CancellationToken.None);
}
