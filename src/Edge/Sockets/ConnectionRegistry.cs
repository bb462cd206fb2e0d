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
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReconnectFrom = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReconnectTo = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ClientSession, byte> _sessions = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<UserId, UserSockets> _users = [];
    private readonly Dictionary<string, AddressSockets> _addresses = [];

    public IReadOnlyCollection<ClientSession> Sessions => [.. _sessions.Keys];

    /// <summary>A place for a socket of this address, until <see cref="Remove"/> or <see cref="GiveUp"/>; false when the address has too many.</summary>
    public bool TryReserve(string address)
    {
        var limits = options.Value;
        lock (_lock)
        {
            if (!_addresses.TryGetValue(address, out var sockets))
            {
                _addresses.Add(address, sockets = new AddressSockets());
            }

            if (sockets.Open >= limits.MaxPerAddress || sockets.Waiting >= limits.MaxWaitingPerAddress)
            {
                return false;
            }

            sockets.Open++;
            sockets.Waiting++;
            return true;
        }
    }

    /// <summary>The handshake failed after <see cref="TryReserve"/>.</summary>
    public void GiveUp(string address) => Leave(address, isWaiting: true);

    public void Add(ClientSession session)
    {
        _sessions.TryAdd(session, 0);
        ChatMetrics.Connections.Add(1);
    }

    /// <summary>
    /// A place among the user's sockets, until <see cref="Remove"/>; taken before hello does anything that takes time, so that no number of
    /// sockets at once is too many for the limit. A session keeps the place that it has.
    /// </summary>
    /// <returns>What the user's sockets share; null when the user has too many.</returns>
    public UserSockets? TryIdentify(ClientSession session, UserId user)
    {
        lock (_lock)
        {
            if (session.Place is { } place && place.User == user)
            {
                return place.Sockets;
            }

            if (!_users.TryGetValue(user, out var sockets))
            {
                sockets = new UserSockets(options.Value, time);
            }
            else if (sockets.Count >= options.Value.MaxPerUser)
            {
                return null;
            }

            LeaveUser(session);
            _users[user] = sockets;
            sockets.Count++;
            session.Place = new UserPlace(user, sockets);
            return sockets;
        }
    }

    /// <summary>Hello succeeded: the socket no longer counts as one that waits.</summary>
    public void Greeted(ClientSession session)
    {
        lock (_lock)
        {
            _addresses[session.Address].Waiting--;
        }
    }

    public void Remove(ClientSession session)
    {
        _sessions.TryRemove(session, out _);
        ChatMetrics.Connections.Add(-1);
        lock (_lock)
        {
            LeaveUser(session);
        }

        Leave(session.Address, isWaiting: session.AfterHello is null);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before anything else stops.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Stop();
        var started = time.GetTimestamp();
        await CloseAllAsync(cancellationToken);
        var (seconds, open) = (time.GetElapsedTime(started).TotalSeconds, CountOpen());
        LogDrained(logger, seconds, open);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Refuses new sockets until <see cref="Resume"/>, and closes the open ones.</summary>
    /// <returns>How many are still open: their peers do not answer the close.</returns>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        readiness.Drain();
        await CloseAllAsync(cancellationToken);
        return CountOpen();
    }

    public void Resume() => readiness.Resume();

    /// <summary>
    /// Notifies the open sockets, then closes them spread over the drain time, so that the other edges are not flooded. Until it closes, a
    /// socket works normally.
    /// </summary>
    private async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        if (_sessions.Keys.ToList() is { Count: > 0 } sessions)
        {
            await CloseInSlicesAsync(sessions, cancellationToken);
        }

        // One whose handshake had begun before may have come since.
        await WaitUntilClosedAsync(cancellationToken);
    }

    private async Task CloseInSlicesAsync(List<ClientSession> sessions, CancellationToken cancellationToken)
    {
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

            ForgetUsers();
        }
    }

    /// <summary>
    /// Closes what comes late: a socket has its place before its handshake is answered, and its session only after. One that does not complete the
    /// close is left to the host's timeout.
    /// </summary>
    private async Task WaitUntilClosedAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (CountOpen() > 0 && time.GetElapsedTime(started) < DrainTimeout)
        {
            foreach (var session in _sessions.Keys)
            {
                session.Drain();
            }

            await Task.Delay(Slice, time, cancellationToken);
        }
    }

    private int CountOpen()
    {
        lock (_lock)
        {
            return _addresses.Values.Sum(sockets => sockets.Open);
        }
    }

    private void LeaveUser(ClientSession session)
    {
        if (session.Place is { } place)
        {
            place.Sockets.Count--;
            place.Sockets.LeftAt = time.GetTimestamp();
            if (place.Sockets.Count == 0)
            {
                lastSeen.Closed(place.User);
            }
        }

        session.Place = null;
    }

    /// <summary>Users who have gone are forgotten when their limits have recovered: connecting again must not give new ones.</summary>
    private void ForgetUsers()
    {
        lock (_lock)
        {
            foreach (var (user, sockets) in _users)
            {
                if (sockets.Count == 0 && time.GetElapsedTime(sockets.LeftAt) > Memory)
                {
                    _users.Remove(user);
                }
            }
        }
    }

    private void Leave(string address, bool isWaiting)
    {
        lock (_lock)
        {
            var sockets = _addresses[address];
            sockets.Waiting -= isWaiting ? 1 : 0;
            if (--sockets.Open == 0)
            {
                _addresses.Remove(address);
            }
        }
    }

    private sealed class AddressSockets
    {
        public int Open { get; set; }

        public int Waiting { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {Count} sockets")]
    private static partial void LogDraining(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained in {Seconds:0.0} s; {Count} sockets are still open")]
    private static partial void LogDrained(ILogger logger, double seconds, int count);
}
