using AkkaChat.Cluster.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Management;

/// <summary>Something that the management port serves. Register with <c>AddManagementEndpoints</c>.</summary>
public interface IManagementEndpoints
{
    void Map(IEndpointRouteBuilder endpoints);
}

/// <summary>
/// The listener for operators: a separate web server, so that none of it can be reached through the public one. It starts before the rest
/// of the node and stops after it, so readiness is reported even while the node waits for its database.
/// </summary>
internal sealed partial class ManagementServer(
    IEnumerable<IManagementEndpoints> endpoints,
    IEnumerable<IReadinessCheck> checks,
    IOptions<ManagementOptions> options,
    ILoggerFactory loggers,
    ILogger<ManagementServer> logger) : IHostedService, IAsyncDisposable
{
    private const int MaxBodyBytes = 1024 * 1024;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private WebApplication? _app;

    /// <summary>Its address, once it listens.</summary>
    public Uri Url => new(_app!.Urls.First());

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartAsync(options.Value.Port ?? ManagementOptions.UsualPort, cancellationToken);
        }
        catch (IOException) when (options.Value.Port is null)
        {
            // The port is taken, as by another node on this machine: use a free one.
            await StartAsync(0, cancellationToken);
        }
        catch (IOException e)
        {
            throw new IOException($"{ManagementOptions.SectionName}:{nameof(ManagementOptions.Port)}: {e.Message}", e);
        }

        LogListening(logger, Url);
    }

    /// <summary>Ends endless responses, such as a log that is followed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(StopTimeout);
            await _app.StopAsync(timeout.Token);
        }
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task StartAsync(int port, CancellationToken cancellationToken)
    {
        // Empty, since ASPNETCORE_URLS and the like are for the public listener.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            })
            .UseUrls($"http://{options.Value.Hostname}:{port}");
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfNode>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        foreach (var check in checks)
        {
            builder.Services.AddSingleton(check);
        }

        var app = builder.Build();
        app.MapHealth();
        foreach (var mapped in endpoints)
        {
            mapped.Map(app);
        }

        try
        {
            await app.StartAsync(cancellationToken);
            _app = app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Health and pbm at {Url}")]
    private static partial void LogListening(ILogger logger, Uri url);

    /// <summary>The node decides when it stops; signals are for its host alone.</summary>
    private sealed class LifetimeOfNode : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

public static class ManagementHosting
{
    /// <summary>
    /// Adds the management port with health and pbm. Call it before <c>AddChatNode</c>: the first service added starts first and stops
    /// last.
    /// </summary>
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSettings<ManagementOptions, ManagementOptionsValidator>(ManagementOptions.SectionName);
        services.AddSingleton<ManagementServer>();
        services.AddHostedService(provider => provider.GetRequiredService<ManagementServer>());
        services.AddSingleton<CommandCatalogue>();
        services.AddSingleton<CommandGuard>();
        services.AddLogCommands();
        return services
            .AddManagementEndpoints<CommandEndpoints>()
            .AddPalette<ClusterPalette>()
            .AddPalette<ShardingPalette>()
            .AddPalette<ActorPalette>()
            .AddPalette<LogPalette>()
            .AddPalette<ChatPalette>();
    }

    public static IServiceCollection AddManagementEndpoints<T>(this IServiceCollection services)
        where T : class, IManagementEndpoints
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IManagementEndpoints, T>());
        return services;
    }

    public static IServiceCollection AddPalette<T>(this IServiceCollection services)
        where T : class, ICommandPalette
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandPalette, T>());
        return services;
    }
}
