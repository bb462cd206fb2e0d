using Akka.Hosting;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Monitoring;
using AkkaChat.Cluster.Telemetry;
using AkkaChat.Cluster.Users;
using AkkaChat.Cluster.Work;
using AkkaChat.Persistence.Backup;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.Objects;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Search;
using AkkaChat.Persistence.Threads;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Nodes;

/// <summary>The services that every node has, whatever its roles.</summary>
public static class NodeHosting
{
    /// <summary>
    /// Covers draining the sockets, handing over the rooms and leaving the cluster; then the process ends (<see cref="ShutdownLimit"/>). An
    /// orchestrator must allow more.
    /// </summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(45);

    /// <summary>Sections that only edges read. A room node accepts them as they are.</summary>
    private static readonly string[] EdgeSections =
    [
        "AkkaChat:Auth", "AkkaChat:Files", "AkkaChat:Gateway", "AkkaChat:Images", "AkkaChat:Ingestion", "AkkaChat:Limits", "AkkaChat:Passwords",
        "AkkaChat:Relay", "AkkaChat:Search", "AkkaChat:Security", "AkkaChat:Sockets", "AkkaChat:Web",
    ];

    /// <param name="possibleRoles">The roles that this executable supports; the configuration may select some.</param>
    /// <param name="extend">Adds the executable's own actors, after the rooms or the proxy to them.</param>
    public static IServiceCollection AddChatNode(
        this IServiceCollection services,
        IConfiguration configuration,
        IReadOnlyCollection<string> possibleRoles,
        Action<AkkaConfigurationBuilder, IServiceProvider>? extend = null)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddAkkaChatDatabase(configuration);
        services.AddSingleton<Installation>();
        services.AddSingleton<DataBackup>();
        services.AddSingleton<ClusterNodes>();
        services.AddSingleton<JournalScratch>();
        services.AddSingleton<JournalHeads>();
        services.AddSingleton<JournalAudit>();
        services.AddSingleton<RunningSystem>();
        services.AddAkkaChatReadModel();
        services.AddPresenceStore();
        services.AddObjectStore();
        services.AddFileStores();
        services.AddChatClusterOptions();
        services.AddSettingCheck<DatabaseOptions, ClusterDatabaseCheck>();
        services.AddKnownSettings<ManagementOptions>(ManagementOptions.SectionName);
        services.AddKnownSettings<TelemetryOptions>(TelemetryOptions.SectionName);
        services.AddSettingsOfOtherRoles(EdgeSections);
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
                    loggers.AddLoggerFactory(new HandshakeLogs(provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>()));
                })
                .WithChatCluster(provider, options, roles)
                .WithChatRooms(provider, roles)
                .WithUserBroadcasts(provider)
                .WithNodeMonitor(provider);
            extend?.Invoke(builder, provider);
            builder.AddStartup((system, _) =>
            {
                provider.GetRequiredService<ClusterCheck>().Started(system);
                provider.GetRequiredService<RunningSystem>().Started(system);
            });
        });
        services.AddMonitoring();
        services.AddWork();
        services.AddLinkCardConsumer();
        services.AddMessageSearch();
        services.AddNotifications();
        services.AddThreads();
        return services;
    }

    /// <summary>
    /// Runs the host, or one of <see cref="NodeCommands"/> and ends. Problems that an operator can fix (settings, the database) end it with
    /// exit code 1 and one sentence each on <paramref name="errors"/>, by default standard error, instead of a stack trace.
    /// </summary>
    public static async Task<int> RunNodeAsync(this IHost host, string[] args, TextWriter? errors = null)
    {
        try
        {
            SecretFiles.Check();
            // Before the host, which would first construct its services and stop at the first section that one of them reads.
            host.Services.GetRequiredService<IStartupValidator>().Validate();
            if (await NodeCommands.TryRunAsync(host.Services, args))
            {
                return 0;
            }

            // The host is disposed of when it has run, so what is needed is taken before.
            using var limit = new ShutdownLimit(
                host.Services.GetRequiredService<IHostApplicationLifetime>(),
                host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout,
                TimeProvider.System,
                host.Services.GetRequiredService<ILogger<ShutdownLimit>>(),
                Environment.Exit);
            await host.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception e) when (StartFailure.Explain(e) is { } sentences)
        {
            await (errors ?? Console.Error).WriteLineAsync(sentences);
            return 1;
        }
    }
}
