using System.Collections.Concurrent;
using Akka.Hosting;
using Akka.Remote.Transport.DotNetty;
using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Nodes;

/// <summary>TLS between nodes, where it is configured.</summary>
internal static partial class ClusterTlsHosting
{
    public static AkkaConfigurationBuilder WithClusterTls(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        if (services.GetRequiredService<IOptions<ClusterTlsOptions>>().Value is not { Certificate: not null } options)
        {
            return builder;
        }

        var time = services.GetRequiredService<TimeProvider>();
        var check = new PeerCheck(PeerCheck.Read(options.Authority!), options.CheckHostname, time);
        var refusals = new Refusals(services.GetRequiredService<ILogger<PeerCheck>>(), time);
        return builder
            .AddHocon("akka.remote.dot-netty.tcp.enable-ssl = true", HoconAddMode.Prepend)
            .AddSetup(new DotNettySslSetup(
                ClusterTls.ReadCertificate(options),
                suppressValidation: false,
                requireMutualAuthentication: true,
                validateCertificateHostname: options.CheckHostname,
                (certificate, _, peer, errors, _) =>
                {
                    var reason = check.WhyNot(certificate, errors);
                    if (reason is not null)
                    {
                        refusals.Report(peer, reason);
                    }

                    return reason is null;
                }));
    }

    /// <summary>A node that is refused tries again every few seconds: of each host and reason one attempt in ten minutes is logged.</summary>
    private sealed partial class Refusals(ILogger<PeerCheck> logger, TimeProvider time)
    {
        private const int MaxRemembered = 1_000;
        private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

        private readonly ConcurrentDictionary<(string Host, string Reason), long> _reported = new();

        public void Report(string peer, string reason)
        {
            var key = (HostOf(peer), reason);
            if (_reported.TryGetValue(key, out var last) && time.GetElapsedTime(last) < Interval)
            {
                return;
            }

            if (_reported.Count >= MaxRemembered)
            {
                _reported.Clear();
            }

            _reported[key] = time.GetTimestamp();
            LogRefused(logger, key.Item1, reason);
        }

        /// <summary>Without the port, which is another each time.</summary>
        private static string HostOf(string peer) => peer.LastIndexOf(':') is var colon and > 0 ? peer[..colon] : peer;

        [LoggerMessage(Level = LogLevel.Warning, Message = "A node at {Host} was refused: {Reason}. Its further attempts are not logged for ten minutes")]
        private static partial void LogRefused(ILogger logger, string host, string reason);
    }
}
