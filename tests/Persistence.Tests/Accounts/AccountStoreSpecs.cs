using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Tests.Database;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Persistence.Tests.Accounts;

public sealed class AccountStoreSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task CreateAsync_ShouldKeepWhatWasGiven_WhenTheNamesAreFree(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var store = new AccountStore(database.Database, TimeProvider.System);

        var created = await store.CreateAsync(New("Ana.B", "Ana@Example.org"), CancellationToken.None);

        Assert.Equal(CreateAccountStatus.Created, created.Status);
        Assert.StartsWith("u_", created.Account!.Id.Value, StringComparison.Ordinal);
        Assert.Equal("Ana.B", created.Account.DisplayName);
        Assert.Equal(created.Account, await store.FindAsync(created.Account.Id, CancellationToken.None));
        Assert.Equal(created.Account, (await store.FindCredentialsAsync("ANA.b", CancellationToken.None))!.Account);
        Assert.Equal(created.Account, (await store.FindCredentialsAsync("aNA@eXAMPLE.ORG", CancellationToken.None))!.Account);
        Assert.Equal([created.Account], await store.FindManyAsync([created.Account.Id, new UserId("u_x")], CancellationToken.None));
        Assert.Null(await store.FindCredentialsAsync("nobody", CancellationToken.None));
        Assert.Null(await store.FindCredentialsAsync("@", CancellationToken.None));
    }

    [Theory]
    [InlineData("sqlite", "ANA", "other@example.org", CreateAccountStatus.UsernameTaken)]
    [InlineData("postgres", "ANA", "other@example.org", CreateAccountStatus.UsernameTaken)]
    [InlineData("sqlite", "other", "ÅSA@BÜCHER.example", CreateAccountStatus.EmailTaken)]
    [InlineData("postgres", "other", "ÅSA@BÜCHER.example", CreateAccountStatus.EmailTaken)]
    [InlineData("postgres", "other", "A\u030Asa@xn--bcher-kva.example", CreateAccountStatus.EmailTaken)]
    public async Task CreateAsync_ShouldRefuse_WhenANameDiffersOnlyInCaseOrForm(
        string provider, string username, string email, CreateAccountStatus expected)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var store = new AccountStore(database.Database, TimeProvider.System);
        await store.CreateAsync(New("ana", "åsa@bücher.example"), CancellationToken.None);

        var second = await store.CreateAsync(New(username, email), CancellationToken.None);

        Assert.Equal(expected, second.Status);
        Assert.Null(second.Account);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task CreateAsync_ShouldCreateOne_WhenManyWantTheName(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var store = new AccountStore(database.Database, TimeProvider.System);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            i => store.CreateAsync(New(i % 2 == 0 ? "same" : "SAME", $"u{i}@example.org"), CancellationToken.None)));

        Assert.Single(results, r => r.Status == CreateAccountStatus.Created);
        Assert.Equal(15, results.Count(r => r.Status == CreateAccountStatus.UsernameTaken));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task UpdateProfileAsync_ShouldChangeOnlyWhatIsGiven_WhenSomeIsNull(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var store = new AccountStore(database.Database, TimeProvider.System);
        var account = (await store.CreateAsync(New("ana", "ana@example.org"), CancellationToken.None)).Account!;

        var updated = await store.UpdateProfileAsync(account.Id, "Ana 🎈", null, CancellationToken.None);

        Assert.Equal(account with { DisplayName = "Ana 🎈" }, updated);
        Assert.Null(await store.UpdateProfileAsync(new UserId("u_none"), "x", null, CancellationToken.None));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task ChangePasswordAsync_ShouldEndTheOtherSessionsAndRefuseOldLogins_WhenTheOldHashIsCurrent(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        var accounts = new AccountStore(database.Database, TimeProvider.System);
        var sessions = new SessionStore(database.Database, Options.Create(new SessionOptions()), TimeProvider.System);
        var account = (await accounts.CreateAsync(New("ana", "ana@example.org"), CancellationToken.None)).Account!;
        var mine = await sessions.CreateAsync(account.Id, "hash", null, CancellationToken.None);
        var other = await sessions.CreateAsync(account.Id, "hash", null, CancellationToken.None);

        var ended = await accounts.ChangePasswordAsync(account.Id, "hash", "new", mine!.Session, CancellationToken.None);

        Assert.Equal([other!.Session], ended);
        Assert.True(await sessions.IsLiveAsync(mine.Session, CancellationToken.None));
        Assert.False(await sessions.IsLiveAsync(other.Session, CancellationToken.None));
        Assert.Equal([mine.Session], await sessions.FindLiveAsync([mine.Session, other.Session], CancellationToken.None));
        Assert.Null(await accounts.ChangePasswordAsync(account.Id, "hash", "newer", mine.Session, CancellationToken.None));
        Assert.Null(await sessions.CreateAsync(account.Id, "hash", null, CancellationToken.None));
        Assert.False(await accounts.ReplaceHashAsync(account.Id, "hash", "rehash", CancellationToken.None));
    }

    [Theory]
    [InlineData("ana@example.org", "ana@example.org")]
    [InlineData("Ana+X@EXAMPLE.org", "ana+x@example.org")]
    [InlineData("用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d")]
    [InlineData("ana", null)]
    [InlineData("ana@", null)]
    [InlineData("@example.org", null)]
    [InlineData("a@b@example.org", null)]
    [InlineData("ana@localhost", null)]
    [InlineData("ana @example.org", null)]
    [InlineData("ana@exa\u0000mple.org", null)]
    [InlineData("ana@example.org.", null)]
    public void Email_ShouldGiveTheKeyOrNull_WhenAsked(string email, string? expected) => Assert.Equal(expected, AccountKeys.Email(email));

    [Fact]
    public void Email_ShouldBeNull_WhenItIsNoText() => Assert.Null(AccountKeys.Email("\ud800@example.org"));

    private static NewAccount New(string username, string email) => new(username, email, "hash", null, null);
}

public sealed class SessionStoreSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task RefreshAsync_ShouldEndTheFamily_WhenARotatedTokenComesBackAfterTheGrace(string provider)
    {
        await using var world = await World.CreateAsync(provider, postgres);
        var first = await world.LoginAsync();
        var second = await world.RefreshAsync(first.RefreshToken);
        Assert.Equal(RefreshStatus.Granted, second.Status);
        world.Time.Advance(TimeSpan.FromSeconds(11));

        var replay = await world.RefreshAsync(first.RefreshToken);

        Assert.Equal(RefreshStatus.Reused, replay.Status);
        Assert.Equal(first.Session, replay.Ended!.Value.Session);
        Assert.Equal(RefreshStatus.Refused, (await world.RefreshAsync(second.Grant!.RefreshToken)).Status);
        Assert.False(await world.Sessions.IsLiveAsync(first.Session, CancellationToken.None));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task RefreshAsync_ShouldServeAll_WhenTabsRefreshAtOnce(string provider)
    {
        await using var world = await World.CreateAsync(provider, postgres);
        var first = await world.LoginAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.RefreshAsync(first.RefreshToken)));

        Assert.All(answers, a => Assert.Equal(RefreshStatus.Granted, a.Status));
        Assert.Equal(8, answers.Select(a => a.Grant!.RefreshToken).Distinct().Count());
        Assert.All(answers, a => Assert.Equal(first.Session, a.Grant!.Session));
        Assert.Equal(RefreshStatus.Granted, (await world.RefreshAsync(answers[3].Grant!.RefreshToken)).Status);
    }

    [Fact]
    public async Task RefreshAsync_ShouldCatchTheThief_WhenASiblingWasTakenInTheGrace()
    {
        await using var world = await World.CreateAsync("sqlite", postgres);
        var first = await world.LoginAsync();
        var owner = await world.RefreshAsync(first.RefreshToken);
        var thief = await world.RefreshAsync(first.RefreshToken);
        world.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(RefreshStatus.Granted, (await world.RefreshAsync(owner.Grant!.RefreshToken)).Status);
        world.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(RefreshStatus.Reused, (await world.RefreshAsync(thief.Grant!.RefreshToken)).Status);
    }

    [Fact]
    public async Task RefreshAsync_ShouldStopMakingSiblings_WhenThereAreTooMany()
    {
        await using var world = await World.CreateAsync("sqlite", postgres);
        var first = await world.LoginAsync();
        for (var i = 0; i < SessionStore.MaxCurrentTokens; i++)
        {
            Assert.Equal(RefreshStatus.Granted, (await world.RefreshAsync(first.RefreshToken)).Status);
        }

        Assert.Equal(RefreshStatus.Reused, (await world.RefreshAsync(first.RefreshToken)).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task RefreshAsync_ShouldRefuse_WhenTheSessionEndedOrExpired(string provider)
    {
        await using var world = await World.CreateAsync(provider, postgres);
        var ended = await world.LoginAsync();
        var unused = await world.LoginAsync();
        Assert.Equal(ended.Session, (await world.Sessions.FindByTokenAsync(ended.RefreshToken, CancellationToken.None))!.Value.Session);

        Assert.True(await world.Sessions.EndAsync(ended.Session, SessionEnd.LoggedOut, CancellationToken.None));
        Assert.False(await world.Sessions.EndAsync(ended.Session, SessionEnd.LoggedOut, CancellationToken.None));
        Assert.Equal(RefreshStatus.Refused, (await world.RefreshAsync(ended.RefreshToken)).Status);
        Assert.Equal(RefreshStatus.Refused, (await world.RefreshAsync("made-up")).Status);
        Assert.Null(await world.Sessions.FindByTokenAsync("made-up", CancellationToken.None));
        world.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(RefreshStatus.Refused, (await world.RefreshAsync(unused.RefreshToken)).Status);
        Assert.False(await world.Sessions.IsLiveAsync(unused.Session, CancellationToken.None));
        Assert.Equal(2, await world.Sessions.PurgeAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task PurgeAsync_ShouldDropRotatedTokensAfterADay_AndKeepTheSession(string provider)
    {
        await using var world = await World.CreateAsync(provider, postgres);
        var first = await world.LoginAsync();
        var grant = first;
        for (var i = 0; i < 110; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(15));
            grant = (await world.RefreshAsync(grant.RefreshToken)).Grant!;
        }

        Assert.Equal(0, await world.Sessions.PurgeAsync(CancellationToken.None));

        // 96 were rotated within the day, and the current one is not rotated.
        await using var connection = await world.Database.OpenAsync(CancellationToken.None);
        Assert.InRange(await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM refresh_token"), 96, 98);
        Assert.Equal(RefreshStatus.Refused, (await world.RefreshAsync(first.RefreshToken)).Status);
        Assert.Equal(RefreshStatus.Granted, (await world.RefreshAsync(grant.RefreshToken)).Status);
    }

    [Fact]
    public async Task RefreshAsync_ShouldNotOutliveTheSession_WhenItIsRefreshedForEver()
    {
        await using var world = await World.CreateAsync("sqlite", postgres);
        var grant = await world.LoginAsync();
        for (var month = 0; month < 9; month++)
        {
            world.Time.Advance(TimeSpan.FromDays(20));
            var result = await world.RefreshAsync(grant.RefreshToken);
            if (result.Status != RefreshStatus.Granted)
            {
                Assert.Equal(8, month);
                return;
            }

            grant = result.Grant!;
        }

        Assert.Fail("The session outlived its 180 days.");
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Store_ShouldHoldNoTokenInClear_WhenASessionIsMade(string provider)
    {
        await using var world = await World.CreateAsync(provider, postgres);
        var grant = await world.LoginAsync();

        var hash = await world.Database.ReadAsync(
            c => c.QuerySingleAsync<byte[]>("SELECT hash FROM refresh_token"), CancellationToken.None);

        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(grant.RefreshToken)), hash);
        Assert.DoesNotContain(grant.RefreshToken, grant.ToString(), StringComparison.Ordinal);
    }

    private sealed class World(TestDatabase database, AccountStore accounts, SessionStore sessions, FakeTimeProvider time, UserId user)
        : IAsyncDisposable
    {
        public SessionStore Sessions => sessions;

        public FakeTimeProvider Time => time;

        public AccountStore Accounts => accounts;

        public Persistence.Database.IDatabase Database => database.Database;

        public static async Task<World> CreateAsync(string provider, PostgresFixture postgres)
        {
            var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
            var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            var accounts = new AccountStore(database.Database, time);
            var sessions = new SessionStore(database.Database, Options.Create(new SessionOptions()), time);
            var account = await accounts.CreateAsync(new("ana", "ana@example.org", "hash", null, null), CancellationToken.None);
            return new World(database, accounts, sessions, time, account.Account!.Id);
        }

        public async Task<SessionGrant> LoginAsync() =>
            (await sessions.CreateAsync(user, "hash", "test", CancellationToken.None))!;

        public Task<RefreshResult> RefreshAsync(string token) => sessions.RefreshAsync(token, CancellationToken.None);

        public ValueTask DisposeAsync() => database.DisposeAsync();
    }
}
