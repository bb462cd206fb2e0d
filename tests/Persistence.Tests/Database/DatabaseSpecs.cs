using AkkaChat.Persistence.Database;
using AkkaChat.Support;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AkkaChat.Persistence.Tests.Database;

public sealed class DatabaseMigratorSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task MigrateAsync_ShouldApplyEachScriptOnce_WhenRunAgain(string provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider, postgres);

        await database.Migrator.MigrateAsync(CancellationToken.None);
        var first = await JournalAsync(database.Database);
        await database.Migrator.MigrateAsync(CancellationToken.None);

        Assert.Contains("0001_accounts.sql", first);
        Assert.Equal(first, await JournalAsync(database.Database));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task MigrateAsync_ShouldApplyEachScriptOnce_WhenFourNodesStartAtOnce(string provider)
    {
        await using var first = await TestDatabase.CreateAsync(provider, postgres);
        var nodes = Enumerable.Range(0, 4).Select(_ => TestDatabase.With(new Dictionary<string, string?>(first.Settings))).ToList();

        await Task.WhenAll(nodes.Select(n => Task.Run(() => n.Migrator.MigrateAsync(CancellationToken.None))))
            .WaitAsync(TimeSpan.FromSeconds(60));

        var journal = await JournalAsync(first.Database);
        Assert.Equal(journal.Distinct(), journal);
        Assert.Contains("0001_accounts.sql", journal);
    }

    [Fact]
    public async Task MigrateAsync_ShouldSayWhatToCheck_WhenTheServerIsNotThere()
    {
        await using var database = TestDatabase.With(new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = $"Host=127.0.0.1;Port={FreePort.Next()};Username=nobody;Password=hunter2hunter2",
            ["AkkaChat:Database:StartTimeoutSeconds"] = "1",
        });

        var error = await Assert.ThrowsAsync<DatabaseMigrationException>(() => database.Migrator.MigrateAsync(CancellationToken.None));

        Assert.Contains("AkkaChat:Database:ConnectionString", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrateAsync_ShouldRefuse_WhenTheSchemaIsOldAndMigrationIsOff()
    {
        await using var database = await TestDatabase.CreateAsync("sqlite", postgres);
        await using var node = TestDatabase.With(new(database.Settings) { ["AkkaChat:Database:Migrate"] = "false" });

        var error = await Assert.ThrowsAsync<DatabaseMigrationException>(() => node.Migrator.MigrateAsync(CancellationToken.None));

        Assert.Contains("0001_accounts.sql", error.Message, StringComparison.Ordinal);
        await database.Migrator.MigrateAsync(CancellationToken.None);
        await node.Migrator.MigrateAsync(CancellationToken.None);
    }

    [Fact]
    public async Task MigrateAsync_ShouldLeaveTheNodeWithoutDdl_WhenAnotherRoleMigrates()
    {
        var owner = await postgres.CreateDatabaseAsync();
        var role = $"node_{Guid.NewGuid():N}";
        await using (var connection = new NpgsqlConnection(owner + ";Pooling=false"))
        {
            await connection.ExecuteAsync(
                $"CREATE ROLE {role} LOGIN PASSWORD 'x'; "
                + $"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}");
        }

        await using var node = TestDatabase.With(new()
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = new NpgsqlConnectionStringBuilder(owner) { Username = role, Password = "x" }.ToString(),
            ["AkkaChat:Database:MigrationConnectionString"] = owner,
        });

        await node.Migrator.MigrateAsync(CancellationToken.None);

        Assert.Equal(0, await node.Database.ReadAsync(
            c => c.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM account"), CancellationToken.None));
        foreach (var ddl in new[] { "DROP TABLE account", "CREATE TABLE other (n int)", "ALTER TABLE session ADD COLUMN n int" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => node.Database.WriteAsync((c, t) => c.ExecuteAsync(ddl, transaction: t), CancellationToken.None));
            Assert.Equal("42501", refused.SqlState);
        }
    }

    private static Task<List<string>> JournalAsync(IDatabase database) =>
        database.ReadAsync(
            async c => (await c.QueryAsync<string>("SELECT ScriptName FROM schema_migration ORDER BY 1")).ToList(), CancellationToken.None);
}

public sealed class DatabaseSafetySpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task CheckAsync_ShouldFindNothing_WhenCommitsAreDurable(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);

        Assert.Empty(await database.Safety.CheckAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("local")]
    public async Task CheckAsync_ShouldGiveTheReason_WhenSynchronousCommitIsNotOn(string value)
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        var other = new NpgsqlConnectionStringBuilder(database.Database.ConnectionString) { Options = $"-c synchronous_commit={value}" };
        await using var node = TestDatabase.With(new(database.Settings) { ["AkkaChat:Database:ConnectionString"] = other.ToString() });

        var reason = Assert.Single(await node.Safety.CheckAsync(CancellationToken.None));

        Assert.Contains($"synchronous_commit = {value}", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commits_ShouldWaitForTheDisk_WhateverTheServerIsConfiguredTo()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        var own = new NpgsqlConnectionStringBuilder(database.Database.ConnectionString);
        await using (var connection = new NpgsqlConnection(database.Database.ConnectionString))
        {
            await connection.ExecuteAsync($"ALTER DATABASE {own.Database} SET synchronous_commit = off");
        }

        var other = new NpgsqlConnectionStringBuilder(own.ToString()) { Options = null, ApplicationName = "fresh" };
        await using var node = TestDatabase.With(new(database.Settings) { ["AkkaChat:Database:ConnectionString"] = other.ToString() });

        Assert.Empty(await node.Safety.CheckAsync(CancellationToken.None));
        Assert.Equal("on", await node.Database.ReadAsync(c => c.ExecuteScalarAsync<string>("SHOW synchronous_commit"), CancellationToken.None));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("20000")]
    public async Task CheckAsync_ShouldGiveTheReason_WhenATransactionMayPauseForLong(string value)
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        // As with a pooler that drops the options, or an operator's own, which win.
        var other = new NpgsqlConnectionStringBuilder(database.Settings["AkkaChat:Database:ConnectionString"])
        {
            Options = $"-c idle_in_transaction_session_timeout={value}",
        };
        await using var node = TestDatabase.With(new(database.Settings) { ["AkkaChat:Database:ConnectionString"] = other.ToString() });

        var reason = Assert.Single(await node.Safety.CheckAsync(CancellationToken.None));

        Assert.Contains($"idle_in_transaction_session_timeout = {value} ms", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_ShouldGiveTheReason_WhenASqliteFileIsNotInWal()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("sqlite", postgres);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection(database.Database.JournalConnectionString))
        {
            await connection.ExecuteAsync("PRAGMA journal_mode = DELETE");
        }

        var reason = Assert.Single(await database.Safety.CheckAsync(CancellationToken.None));

        Assert.Contains("journal.db", reason, StringComparison.Ordinal);
    }
}

public sealed class DatabaseSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task WriteAsync_ShouldLoseNothing_WhenManyWriteAtOnce(string provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider, postgres);
        await database.Migrator.MigrateAsync(CancellationToken.None);
        await WriteAsync(database.Database, "CREATE TABLE counter (n bigint NOT NULL)");
        await WriteAsync(database.Database, "INSERT INTO counter VALUES (0)");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => WriteAsync(database.Database, "UPDATE counter SET n = n + 1")))
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(50, await CountAsync(database.Database));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task WriteAsync_ShouldRollBack_WhenTheWorkThrows(string provider)
    {
        await using var database = await TestDatabase.CreateMigratedAsync(provider, postgres);
        await WriteAsync(database.Database, "CREATE TABLE counter (n bigint NOT NULL)");
        await WriteAsync(database.Database, "INSERT INTO counter VALUES (0)");

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Database.WriteAsync<int>(
            async (c, t) =>
            {
                await c.ExecuteAsync("UPDATE counter SET n = 7", transaction: t);
                throw new InvalidOperationException("no");
            },
            CancellationToken.None));

        Assert.Equal(0, await CountAsync(database.Database));
    }

    [Fact]
    public async Task WriteAsync_ShouldRunAgain_WhenTheServerEndsItsConnections()
    {
        await using var database = await TestDatabase.CreateMigratedAsync("postgres", postgres);
        await WriteAsync(database.Database, "CREATE TABLE counter (n bigint NOT NULL)");
        await WriteAsync(database.Database, "INSERT INTO counter VALUES (0)");
        await using (var admin = new NpgsqlConnection(database.Database.ConnectionString + ";Application Name=admin"))
        {
            await admin.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        }

        await WriteAsync(database.Database, "UPDATE counter SET n = n + 1");

        Assert.Equal(1, await CountAsync(database.Database));
    }

    [Fact]
    public void Validate_ShouldNameTheFullKeys_WhenOptionsAreWrong()
    {
        var result = new DatabaseOptionsValidator().Validate(
            null, new DatabaseOptions { Provider = "postgres", CommandTimeoutSeconds = 10, MaxPoolSize = 0 });

        Assert.Contains(result.Failures!, f => f.StartsWith("AkkaChat:Database:ConnectionString ", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, f => f.StartsWith("AkkaChat:Database:CommandTimeoutSeconds ", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, f => f.StartsWith("AkkaChat:Database:MaxPoolSize ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Database_ShouldNotBeBuilt_WhenTheProviderIsUnknown()
    {
        await using var database = TestDatabase.With(new() { ["AkkaChat:Database:Provider"] = "oracle" });

        var error = Assert.Throws<OptionsValidationException>(() => database.Database);

        Assert.Contains("AkkaChat:Database:Provider", error.Message, StringComparison.Ordinal);
    }

    private static Task<int> WriteAsync(IDatabase database, string sql) =>
        database.WriteAsync((c, t) => c.ExecuteAsync(sql, transaction: t), CancellationToken.None);

    private static Task<long> CountAsync(IDatabase database) =>
        database.ReadAsync(c => c.ExecuteScalarAsync<long>("SELECT n FROM counter"), CancellationToken.None);
}
