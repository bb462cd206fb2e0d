using System.Data.Common;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Work;

/// <summary>Runs durable work on this node: one lane for each kind that has a handler.</summary>
internal sealed partial class WorkRunner(
    IEnumerable<IWorkHandler> handlers,
    WorkTable table,
    WorkQueue queue,
    WorkOperations operations,
    IOptions<WorkOptions> options,
    WorkMetrics metrics,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan ObserveInterval = TimeSpan.FromSeconds(15);

    private readonly ILogger<WorkRunner> _logger = loggers.CreateLogger<WorkRunner>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Run)
        {
            return;
        }

        var lanes = handlers
            .Select(handler => new WorkLane(handler, table, options.Value, metrics, time, loggers.CreateLogger<WorkLane>()))
            .ToDictionary(lane => lane.Kind);
        queue.Added += Signal;
        try
        {
            await Task.WhenAll([.. lanes.Values.Select(lane => lane.RunAsync(stoppingToken)), ObserveAsync(stoppingToken)]);
        }
        finally
        {
            queue.Added -= Signal;
            foreach (var lane in lanes.Values)
            {
                lane.Dispose();
            }
        }

        void Signal(string kind) => lanes.GetValueOrDefault(kind)?.Signal();
    }

    private async Task ObserveAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ObserveInterval, time);
        try
        {
            do
            {
                if (metrics.IsObserved)
                {
                    await ObserveOnceAsync(stopping);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private async Task ObserveOnceAsync(CancellationToken stopping)
    {
        try
        {
            metrics.Observe(await operations.GetDepthsAsync(stopping));
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogUnobserved(_logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading the depth of the work queue failed")]
    private static partial void LogUnobserved(ILogger logger, Exception cause);
}

internal static class WorkHosting
{
    /// <summary>
    /// Runs durable work on the node. Add it after the actor system, which handlers use: hosted services stop in reverse order.
    /// </summary>
    public static IServiceCollection AddWork(this IServiceCollection services)
    {
        services.AddWorkQueue();
        services.AddSettings<WorkOptions, WorkOptionsValidator>(WorkOptions.SectionName);
        services.AddMetrics();
        services.AddSingleton<WorkMetrics>();
        services.AddHostedService<WorkRunner>();
        return services;
    }
}
