using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Messages.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Cluster.Monitoring;

/// <summary>Answers edges that ask how this node is.</summary>
internal sealed class NodeMonitor : ReceiveActor
{
    public const string Name = "node-monitor";

    /// <summary>What fits into a message between nodes with room to spare.</summary>
    private const int MostSockets = 500;

    public NodeMonitor(NodeSampler sampler, NodeHistory history, ISocketCensus? sockets, DateTimeOffset started) =>
        Receive<NodeProtocol.GetNodeReport>(query => Sender.Tell(new NodeProtocol.NodeReport(
            started,
            sampler.Now(),
            sockets?.List(Math.Clamp(query.Sockets, 0, MostSockets)) ?? [],
            query.History ? history.Samples : [])));
}

public static class MonitoringHosting
{
    /// <summary>Adds what owners of the installation see of a node: its measurements of the last hour, and who asks other nodes for theirs.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services)
    {
        services.AddSingleton<NodeHistory>();
        services.AddSingleton<NodeSampler>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeSampler>());
        services.AddSingleton<ClusterMonitor>();
        return services;
    }

    public static AkkaConfigurationBuilder WithNodeMonitor(this AkkaConfigurationBuilder builder, IServiceProvider services) => builder.WithActors(
        (system, _) =>
        {
            var (sampler, history) = (services.GetRequiredService<NodeSampler>(), services.GetRequiredService<NodeHistory>());
            var (sockets, started) = (services.GetService<ISocketCensus>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
            system.ActorOf(Props.Create(() => new NodeMonitor(sampler, history, sockets, started)), NodeMonitor.Name);
        });
}
