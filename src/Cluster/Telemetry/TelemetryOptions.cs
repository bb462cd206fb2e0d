using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Telemetry;

/// <summary>Which metrics, traces and logs the node exports, and where to. Read from <c>AkkaChat:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    public const string SectionName = "AkkaChat:Telemetry";

    /// <summary>Whether the management port serves <c>/metrics</c> for Prometheus. Default true.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>Where metrics and traces are sent by OTLP, such as http://collector:4317. Default: none, nothing is sent.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>. Default grpc.</summary>
    public string OtlpProtocol { get; set; } = Grpc;

    /// <summary>
    /// The fraction of sends that are traced, 0 to 1. Default 0.01. Nothing is traced without <see cref="OtlpEndpoint"/>.
    /// </summary>
    public double TraceRatio { get; set; } = 0.01;

    /// <summary>Whether the log is JSON, one object per line, with the ids of the trace. Default false.</summary>
    public bool JsonLogs { get; set; }

    internal const string Grpc = "grpc";
    internal const string HttpProtobuf = "http/protobuf";
}

internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options) => new SettingRules(TelemetryOptions.SectionName)
        .Require(
            string.IsNullOrEmpty(options.OtlpEndpoint)
            || (Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"),
            nameof(options.OtlpEndpoint),
            "a URL such as http://collector:4317")
        .Require(
            options.OtlpProtocol is TelemetryOptions.Grpc or TelemetryOptions.HttpProtobuf,
            nameof(options.OtlpProtocol),
            $"'{TelemetryOptions.Grpc}' or '{TelemetryOptions.HttpProtobuf}'")
        .Require(options.TraceRatio is >= 0 and <= 1, nameof(options.TraceRatio), "from 0 to 1")
        .ToResult();
}
