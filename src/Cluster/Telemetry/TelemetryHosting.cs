using System.Reflection;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Work;
using AkkaChat.Messages.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AkkaChat.Cluster.Telemetry;

/// <summary>Selects which meters and traces of the node are exported, and where to. docs/telemetry.md lists them.</summary>
public static class TelemetryHosting
{
    /// <summary>AkkaChat's own meters, then those of libraries, which use OpenTelemetry's names.</summary>
    private static readonly string[] Meters =
    [
        ChatMetrics.MeterName, WorkMetrics.MeterName,
        "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private static readonly string[] Sources = [ChatTracing.SourceName, "Npgsql", "Microsoft.AspNetCore"];

    /// <summary>Needs <c>AddManagement</c>, whose port serves the metrics.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<TelemetryOptions, TelemetryOptionsValidator>(TelemetryOptions.SectionName);
        // Read here, since it decides what is registered. Invalid values fail the validation before anything starts.
        var options = Read(configuration.GetSection(TelemetryOptions.SectionName));
        if (options.JsonLogs)
        {
            services.AddJsonLogs();
        }

        if (!options.Prometheus && options.OtlpEndpoint is null)
        {
            return services;
        }

        if (options.Prometheus)
        {
            services.AddManagementEndpoints<PrometheusEndpoint>();
        }

        services.AddHostedService<ClusterMetrics>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("akkachat", serviceVersion: Version, serviceInstanceId: InstanceId))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                if (options.Prometheus)
                {
                    metrics.AddPrometheusExporter();
                }

                if (options.OtlpEndpoint is not null)
                {
                    metrics.AddOtlpExporter(otlp => Configure(otlp, options, "v1/metrics"));
                }
            });
        if (options.OtlpEndpoint is not null)
        {
            services.AddOpenTelemetry().WithTracing(tracing => tracing
                .AddSource(Sources)
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
                .AddOtlpExporter(otlp => Configure(otlp, options, "v1/traces")));
        }

        return services;
    }

    private static string Version =>
        typeof(TelemetryHosting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static string InstanceId => $"{Environment.MachineName}/{Environment.ProcessId}";

    private static TelemetryOptions Read(IConfigurationSection section)
    {
        var defaults = new TelemetryOptions();
        return new TelemetryOptions
        {
            Prometheus = bool.TryParse(section[nameof(defaults.Prometheus)], out var prometheus) ? prometheus : defaults.Prometheus,
            JsonLogs = bool.TryParse(section[nameof(defaults.JsonLogs)], out var json) && json,
            OtlpEndpoint = Uri.TryCreate(section[nameof(defaults.OtlpEndpoint)], UriKind.Absolute, out var uri) ? uri.ToString() : null,
            OtlpProtocol = section[nameof(defaults.OtlpProtocol)] ?? defaults.OtlpProtocol,
            TraceRatio = double.TryParse(
                section[nameof(defaults.TraceRatio)], System.Globalization.CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1
                ? ratio
                : defaults.TraceRatio,
        };
    }

    private static void Configure(OtlpExporterOptions otlp, TelemetryOptions options, string path)
    {
        var http = options.OtlpProtocol == TelemetryOptions.HttpProtobuf;
        otlp.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // Only with gRPC all signals have the same endpoint.
        otlp.Endpoint = http ? new Uri(new Uri($"{options.OtlpEndpoint!.TrimEnd('/')}/"), path) : new Uri(options.OtlpEndpoint!);
    }

    /// <summary>Scopes contain the ids of the trace. Message bodies are never logged, in any format.</summary>
    private static void AddJsonLogs(this IServiceCollection services)
    {
        services.Configure<LoggerFactoryOptions>(factory =>
            factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Json);
        services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }

    private sealed class PrometheusEndpoint(MeterProvider meters) : IManagementEndpoints
    {
        public void Map(IEndpointRouteBuilder endpoints) =>
            endpoints.MapPrometheusScrapingEndpoint("/metrics", meters, configureBranchedPipeline: null, optionsName: null);
    }
}
