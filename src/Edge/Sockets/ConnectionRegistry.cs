using System.Collections.Concurrent;
using AkkaChat.Edge.People;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Telemetry;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Sockets;

/// <summary>Every socket of this edge: checks each once a second, and closes them in slices when the node drains.</summary>
internal sealed partial class ConnectionRegistry(
    IOptions<SocketOptions> options,
    EdgeReadiness readiness,
    LastSeen lastSeen,
    TimeProvider time,
    ILogger<ConnectionRegistry> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReconnectFrom = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReconnectTo = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ClientSession, byte> _sessions = new();
    private readonly ConcurrentDictionary<UserId, int> _perUser = new();
    private readonly ConcurrentDictionary<ClientSession, UserId> _identified = new();

    public IReadOnlyCollection<ClientSession> Sessions => [.. _sessions.Keys];

    public int CountOf(UserId user) => _perUser.GetValueOrDefault(user);

    public void Add(ClientSession session)
    {
        _sessions.TryAdd(session, 0);
        ChatMetrics.Connections.Add(1);
    }

    /// <summary>The session's user is known.</summary>
    public void Identify(ClientSession session)
    {
        var user = session.User.Id;
        if (_identified.TryAdd(session, user))
        {
            _perUser.AddOrUpdate(user, 1, (_, count) => count + 1);
        }
    }

    public void Remove(ClientSession session)
    {
        _sessions.TryRemove(session, out _);
        ChatMetrics.Connections.Add(-1);
        if (_identified.TryRemove(session, out var user) && _perUser.AddOrUpdate(user, 0, (_, count) => count - 1) == 0)
        {
            _perUser.TryRemove(KeyValuePair.Create(user, 0));
            lastSeen.Closed(user);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before anything else stops.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Stop();
        await CloseAllAsync(cancellationToken);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Refuses new sockets until <see cref="Resume"/>, and closes the open ones.</summary>
    /// <returns>How many are still open: their peers do not answer the close.</returns>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        readiness.Drain();
        await CloseAllAsync(cancellationToken);
        return _sessions.Count;
    }

    public void Resume() => readiness.Resume();

    /// <summary>
    /// Notifies the open sockets, then closes them spread over the drain time, so that the other edges are not flooded. Until it closes, a
    /// socket works normally.
    /// </summary>
    private async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        var sessions = _sessions.Keys.ToList();
        if (sessions.Count == 0)
        {
            return;
        }

        LogDraining(logger, sessions.Count);
        var hint = ClientFrames.Draining(ReconnectFrom, ReconnectTo);
        foreach (var session in sessions)
        {
            session.Send(hint);
        }

        await Task.Delay(ReconnectFrom, time, cancellationToken);
        var slices = Math.Max(1, (int)(options.Value.DrainTime / Slice));
        foreach (var slice in sessions.Chunk((sessions.Count + slices - 1) / slices))
        {
            foreach (var session in slice)
            {
                session.Drain();
            }

            await Task.Delay(Slice, time, cancellationToken);
        }

        await WaitUntilClosedAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = time.GetUtcNow();
            foreach (var session in _sessions.Keys)
            {
                session.Watchdog.Tick(now);
            }
        }
    }

    /// <summary>A socket that was accepted late or does not complete the close is closed again, then left to the host's timeout.</summary>
    private async Task WaitUntilClosedAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!_sessions.IsEmpty && time.GetElapsedTime(started) < DrainTimeout)
        {
            foreach (var session in _sessions.Keys)
            {
                session.Drain();
            }

            await Task.Delay(Slice, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {Count} sockets")]
    private static partial void LogDraining(ILogger logger, int count);
}
