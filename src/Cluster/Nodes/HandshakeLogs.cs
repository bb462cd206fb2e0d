using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// Passes logs of Akka on, but of failed TLS handshakes only one of each kind in ten minutes: a node without a certificate of the cluster tries again
/// every few seconds, and Akka logs each attempt with a stack trace. Who was refused, and why, is logged by <see cref="ClusterTlsHosting"/>.
/// </summary>
internal sealed class HandshakeLogs(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>What Akka says of a certificate that was refused, of one that is missing, and of a node that does not speak TLS.</summary>
    private static readonly string[] Kinds = ["TLS handshake", "Mutual TLS required", "NotSslRecordException"];

    private readonly ConcurrentDictionary<string, long> _passed = new();

    public ILogger CreateLogger(string categoryName) => new Filter(inner.CreateLogger(categoryName), this);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The factory is the host's.
    }

    private bool MayPass(string text)
    {
        if (Array.Find(Kinds, kind => text.Contains(kind, StringComparison.Ordinal)) is not { } kind)
        {
            return true;
        }

        if (_passed.TryGetValue(kind, out var last) && time.GetElapsedTime(last) < Interval)
        {
            return false;
        }

        _passed[kind] = time.GetTimestamp();
        return true;
    }

    private sealed class Filter(ILogger inner, HandshakeLogs owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning || owner.MayPass(formatter(state, exception)))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
