using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// Ends the process where an orderly shutdown takes longer than it may. Its parts have limits of their own (the drain, the hand-over, leaving
/// the cluster, the actor system), whose sum is larger, and some ignore the host's. An orchestrator would kill the node without a word in its log.
/// </summary>
internal sealed partial class ShutdownLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<int> _exit;
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;

    /// <param name="exit">Ends the process with an exit code.</param>
    public ShutdownLimit(IHostApplicationLifetime lifetime, TimeSpan limit, TimeProvider time, ILogger logger, Action<int> exit)
    {
        (_limit, _time, _logger, _exit) = (limit, time, logger, exit);
        _registration = lifetime.ApplicationStopping.Register(() =>
            _timer = _time.CreateTimer(_ => End(), null, _limit, Timeout.InfiniteTimeSpan));
    }

    public void Dispose()
    {
        _registration.Dispose();
        _timer?.Dispose();
    }

    private void End()
    {
        LogTooLong(_logger, _limit.TotalSeconds);
        _exit(1);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The shutdown has taken {Seconds} s: ending the process. The others will remove this node as one that died")]
    private static partial void LogTooLong(ILogger logger, double seconds);
}
