using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace AkkaChat.Edge.Tests.Hosting;

/// <summary>The command <c>migrate</c>, which a deployment runs before its nodes.</summary>
public sealed class MigrateSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Migrate_ShouldMakeTheSchemaAndEnd_WithoutStartingTheNode()
    {
        var database = await postgres.CreateDatabaseAsync();

        Assert.Equal((0, ""), await RunAsync(database));
        Assert.Equal((0, ""), await RunAsync(database));

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT to_regclass('journal') IS NOT NULL AND (SELECT count(*) FROM cluster_node) = 0";
        Assert.Equal(true, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Migrate_ShouldSayWhatIsWrong_WhenTheDatabaseCannotBeReached()
    {
        var (exitCode, errors) = await RunAsync("Host=127.0.0.1;Port=1;Username=x;Database=x", startTimeout: 1);

        Assert.Equal(1, exitCode);
        Assert.Contains("database", errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Errors)> RunAsync(string connectionString, int startTimeout = 60)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AkkaChat:Database:Provider"] = "postgres",
            ["AkkaChat:Database:ConnectionString"] = connectionString,
            ["AkkaChat:Database:StartTimeoutSeconds"] = startTimeout.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        builder.Services.AddManagement();
        builder.Services.AddChatNode(builder.Configuration, [ChatRoles.Room]);
        using var app = builder.Build();
        var errors = new StringWriter();
        return (await app.RunNodeAsync(["migrate"], errors).WaitAsync(TimeSpan.FromSeconds(90)), errors.ToString());
    }
}
