using AkkaChat.Cluster.Hosting;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// Migrates the database, sees whether it was restored, and checks that its commits are durable, before the actor system starts. Then it checks
/// them again every few seconds: a setting can be changed under a node that runs, and a database can go away.
/// </summary>
internal sealed partial class DatabaseStartup(
    IDatabase database,
    DatabaseMigrator migrator,
    Installation installation,
    DatabaseSafety safety,
    DatabaseCheck check,
    TimeProvider time,
    ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan WhileSafe = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhileUnsafe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(3);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        await JournalFence.AssertAsync(database, cancellationToken);
        await installation.OpenAsync(cancellationToken);
        await AskAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(check.Reason is null ? WhileSafe : WhileUnsafe, time, stoppingToken);
            await AskAsync(stoppingToken);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var before = check.Reason;
        check.Set(await CheckAsync(cancellationToken));
        if (check.Reason is not { } reason)
        {
            if (before is not null)
            {
                LogSafe(logger);
            }
        }
        else if (reason != before)
        {
            LogUnsafe(logger, reason);
        }
    }

    private async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AskTimeout);
        try
        {
            return await safety.CheckAsync(timeout.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            return ["The database does not answer."];
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "This node is not ready: {Reason}")]
    private static partial void LogUnsafe(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database's commits are durable")]
    private static partial void LogSafe(ILogger logger);
}
