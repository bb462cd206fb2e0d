using Akka.Hosting;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Users;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Nodes;

/// <summary>What every node is made of, whatever its roles.</summary>
public static class NodeHosting
{
    /// <summary>For the sockets' drain, then the hand-off of the rooms, then the farewell to the cluster. An orchestrator must allow more.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(45);

    /// <param name="possibleRoles">What this executable can do; the configuration may ask for some of it.</param>
    /// <param name="extend">Adds the executable's own actors, after the rooms or the way to them.</param>
    public static IServiceCollection AddChatNode(
        this IServiceCollection services,
        IConfiguration configuration,
        IReadOnlyCollection<string> possibleRoles,
        Action<AkkaConfigurationBuilder, IServiceProvider>? extend = null)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddAkkaChatDatabase(configuration);
        services.AddSingleton<Installation>();
        services.AddSingleton<ClusterNodes>();
        services.AddSingleton<JournalScratch>();
        services.AddAkkaChatReadModel();
        services.AddPresenceStore();
        services.AddChatClusterOptions();
        services.AddReadinessCheck<ClusterCheck>();
        services.AddReadinessCheck<DatabaseCheck>();

        // Hosted services start in this order: the actor system finds a migrated, trusted database.
        services.AddHostedService<DatabaseStartup>();
        services.AddAkka(ChatClusterOptions.SystemName, (builder, provider) =>
        {
            var options = provider.GetRequiredService<IOptions<ChatClusterOptions>>().Value;
            var roles = options.Roles.Count == 0 ? possibleRoles : options.Roles.ToList();
            builder
                .ConfigureLoggers(loggers =>
                {
                    loggers.ClearLoggers();
                    loggers.AddLoggerFactory();
                })
                .WithChatCluster(provider, options, roles)
                .WithChatRooms(provider, roles)
                .WithUserBroadcasts(provider);
            extend?.Invoke(builder, provider);
            builder.AddStartup((system, _) => provider.GetRequiredService<ClusterCheck>().Started(system));
        });
        return services;
    }

    /// <summary>
    /// Runs the host; what a person must mend (a setting, the database) ends it with one sentence a problem and exit code 1, not with a
    /// stack trace.
    /// </summary>
    public static async Task<int> RunNodeAsync(this IHost host)
    {
        try
        {
            await host.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception e) when (StartFailure.Explain(e) is { } sentences)
        {
            await Console.Error.WriteLineAsync(sentences);
            return 1;
        }
    }
}

/// <summary>Migrates the database and looks whether its commits can be trusted, before the actor system starts.</summary>
internal sealed partial class DatabaseStartup(
    IDatabase database,
    DatabaseMigrator migrator,
    DatabaseSafety safety,
    DatabaseCheck check,
    ILogger<DatabaseStartup> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await JournalFence.AssertAsync(database, cancellationToken);
        var reasons = await safety.CheckAsync(cancellationToken);
        check.Set(reasons);
        foreach (var reason in reasons)
        {
            LogUnsafe(logger, reason);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Critical, Message = "This node will not become ready: {Reason}")]
    private static partial void LogUnsafe(ILogger logger, string reason);
}
