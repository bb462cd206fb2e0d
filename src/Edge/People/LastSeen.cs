using System.Collections.Concurrent;
using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.People;

namespace AkkaChat.Edge.People;

/// <summary>
/// Remembers when users closed their last socket of this edge, and writes it for many at once: closing a socket waits for no database. What an edge
/// has not written when it dies is lost; the time before it stays.
/// </summary>
internal sealed partial class LastSeen(LastSeenTable table, TimeProvider time, ILogger<LastSeen> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<UserId, DateTimeOffset> _closed = new();

    public void Closed(UserId user) => _closed[user] = time.GetUtcNow();

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var rows = _closed.ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        try
        {
            await table.WriteAsync(rows, cancellationToken);
            foreach (var row in rows)
            {
                _closed.TryRemove(row);
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogFailed(logger, e, rows.Length); // the next round takes them with it
        }
    }

    /// <summary>Sockets are closed before: what stops last was added first.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await FlushAsync(stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When {Count} users were last seen could not be written")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);
}
