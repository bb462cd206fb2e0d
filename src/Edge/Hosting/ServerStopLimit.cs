using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Edge.Hosting;

/// <summary>
/// The web server, with a limit of its own for requests that are under way when the node stops. By default they may take as long as the whole
/// shutdown: one that never ends would leave no time to hand over rooms and to leave the cluster.
/// </summary>
internal sealed partial class ServerStopLimit(IServer inner, ILogger<ServerStopLimit> logger) : IServer
{
    /// <summary>Sockets are closed before (<see cref="Sockets.ConnectionRegistry"/>); an upload or a download that is cut is resumed elsewhere.</summary>
    internal static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => inner.StartAsync(application, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopTimeout);
        await inner.StopAsync(limit.Token);
        if (limit.IsCancellationRequested)
        {
            LogAborted(logger, StopTimeout.TotalSeconds);
        }
        else
        {
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            LogStopped(logger, seconds);
        }
    }

    public void Dispose() => inner.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "The last request ended {Seconds:0.0} s after the listener closed")]
    private static partial void LogStopped(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests that had not ended after {Seconds} s were aborted: the node stops")]
    private static partial void LogAborted(ILogger logger, double seconds);
}

internal static class ServerStopLimitHosting
{
    /// <summary>Gives the web server that is registered the limit of <see cref="ServerStopLimit"/>.</summary>
    public static IServiceCollection AddServerStopLimit(this IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType
            ?? throw new InvalidOperationException("The web server is not registered by its type.");
        services.TryAddSingleton(server);
        return services.Replace(ServiceDescriptor.Singleton<IServer>(provider =>
            ActivatorUtilities.CreateInstance<ServerStopLimit>(provider, (IServer)provider.GetRequiredService(server))));
    }
}
