using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Support;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Persistence.Tests.Accounts;

public sealed class LoginAttemptSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Attempts_ShouldWaitLongerAndLonger_WhicheverNodeCountsThem(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var nodes = new[] { new LoginAttempts(database.Database, _time), new LoginAttempts(database.Database, _time) };
        var (begun, turn) = (0, 0);
        for (var second = 0; second < 24 * 3600; second++)
        {
            TimeSpan? told;
            while ((told = await nodes[turn++ % 2].TryBeginAsync("u_ana", CancellationToken.None)) is null)
            {
                begun++;
            }

            var wait = told.Value;
            Assert.InRange(wait, TimeSpan.FromMilliseconds(1), ILoginAttempts.MaxWait);
            var step = Math.Max(1, (int)wait.TotalSeconds);
            second += step - 1;
            _time.Advance(TimeSpan.FromSeconds(step));
        }

        Assert.InRange(begun, 100, 125);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Attempts_ShouldCountBeforeTheyAreJudged_WhenTheyComeAtOnce(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var attempts = new LoginAttempts(database.Database, _time);

        var waits = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => attempts.TryBeginAsync("u_ana", CancellationToken.None)));

        Assert.Equal(ILoginAttempts.FreeAttempts, waits.Count(wait => wait is null));
        Assert.Null(await attempts.TryBeginAsync("u_ben", CancellationToken.None));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Attempts_ShouldBeForgotten_AfterASuccessOrADay(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var attempts = new LoginAttempts(database.Database, _time);
        await ExhaustAsync("u_ana");
        await ExhaustAsync("u_ben");

        await attempts.SucceededAsync("u_ana", CancellationToken.None);
        Assert.Null(await attempts.TryBeginAsync("u_ana", CancellationToken.None));
        Assert.NotNull(await attempts.TryBeginAsync("u_ben", CancellationToken.None));

        _time.Advance(TimeSpan.FromHours(25));
        await attempts.PurgeAsync(CancellationToken.None);
        for (var i = 0; i < ILoginAttempts.FreeAttempts; i++)
        {
            Assert.Null(await attempts.TryBeginAsync("u_ben", CancellationToken.None));
        }

        async Task ExhaustAsync(string key)
        {
            while (await attempts.TryBeginAsync(key, CancellationToken.None) is null)
            {
            }
        }
    }
}
