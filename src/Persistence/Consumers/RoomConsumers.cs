using System.Data.Common;
using System.Runtime.Serialization;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Persistence.Consumers;

/// <inheritdoc cref="IRoomConsumers"/>
public sealed partial class RoomConsumers : IRoomConsumers, IDisposable
{
    /// <summary>Rooms in one transaction.</summary>
    private const int MaxRooms = 200;

    // Connections that the leading consumer may hold at once; the pool has others for reading. Those that are behind have one each.
    private const int PostgresParallelism = 3;

    private readonly IDatabase _database;
    private readonly ILogger<RoomConsumers> _logger;
    private readonly IReadOnlyList<IRoomConsumer> _consumers;
    private readonly CatchUpGroups _groups;
    private readonly Dictionary<IRoomConsumer, CatchUpGroups> _behind;
    private readonly LagFinder _lagging;

    public RoomConsumers(IDatabase database, IEnumerable<IRoomConsumer> consumers, TimeProvider time, ILogger<RoomConsumers> logger)
    {
        _database = database;
        _logger = logger;
        var all = consumers.ToList();
        var lead = all.OfType<ILeadingConsumer>().Single();
        _consumers = [lead, .. all.Where(consumer => consumer != lead)];
        if (_consumers.Select(consumer => consumer.Name).Distinct().Count() < _consumers.Count)
        {
            throw new InvalidOperationException("Two consumers of rooms' events have one name.");
        }

        _groups = new CatchUpGroups(
            LeadAsync, IsOfOneRoom, database.Provider == DatabaseProvider.Postgres ? PostgresParallelism : 1, MaxRooms);
        _behind = _consumers.Skip(1).ToDictionary(
            consumer => consumer,
            consumer => new CatchUpGroups(rooms => FollowAsync(consumer, rooms), IsOfOneRoomOrConsumer, parallelism: 1, MaxRooms));
        _lagging = new LagFinder(database, _consumers, time);
    }

    public Task CatchUpAsync(RoomId room, CancellationToken cancellationToken = default) =>
        _groups.Join([room])[room].WaitAsync(cancellationToken);

    public async Task<IReadOnlyDictionary<RoomId, Exception>> CatchUpAllAsync(
        IReadOnlyCollection<RoomId> rooms,
        CancellationToken cancellationToken = default)
    {
        var waiting = _groups.Join(rooms);
        var all = Task.WhenAll(waiting.Values);
        await all.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return waiting.Where(room => room.Value.IsFaulted).ToDictionary(room => room.Key, room => room.Value.Exception!.GetBaseException());
    }

    public Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default) =>
        _lagging.FindAsync(limit, cancellationToken);

    public void Dispose() => _lagging.Dispose();

    private async Task LeadAsync(IReadOnlyList<RoomId> rooms)
    {
        var failed = new HashSet<IRoomConsumer>();
        while (rooms.Count > 0)
        {
            var step = await StepAsync(_consumers, rooms, failed).ConfigureAwait(false);
            foreach (var consumer in step.Behind.GroupBy(behind => behind.Consumer, behind => behind.Room))
            {
                _ = FollowLoggedAsync(consumer.Key, [.. consumer.Distinct()]);
            }

            rooms = step.Unfinished;
        }
    }

    private async Task FollowAsync(IRoomConsumer consumer, IReadOnlyList<RoomId> rooms)
    {
        while (rooms.Count > 0)
        {
            rooms = (await StepAsync([consumer], rooms, []).ConfigureAwait(false)).Unfinished;
        }
    }

    /// <summary>What fails here is found again by the sweep for lagging rooms.</summary>
    private async Task FollowLoggedAsync(IRoomConsumer consumer, IReadOnlyList<RoomId> rooms)
    {
        var waiting = _behind[consumer].Join(rooms);
        await Task.WhenAll(waiting.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (room, task) in waiting.Where(room => room.Value.IsFaulted))
        {
            LogFailed(_logger, task.Exception!.GetBaseException(), consumer.Name, room);
        }
    }

    /// <param name="failed">Consumers that are left out. One that fails now joins them, and the step is made again without it.</param>
    private async Task<StepResult> StepAsync(IReadOnlyList<IRoomConsumer> consumers, IReadOnlyList<RoomId> rooms, HashSet<IRoomConsumer> failed)
    {
        while (true)
        {
            ConsumerStep? step = null;
            try
            {
                var result = await _database.WriteAsync(
                    (connection, transaction) =>
                    {
                        step = new ConsumerStep(_database, consumers, failed, connection, transaction);
                        return step.RunAsync(rooms);
                    },
                    CancellationToken.None).ConfigureAwait(false);
                foreach (var action in result.AfterCommit)
                {
                    action();
                }

                return result;
            }
            catch (Exception e) when (step?.Running is { } running && running != consumers[0])
            {
                LogLeftOut(_logger, e, running.Name, rooms.Count);
                failed.Add(running);
            }
        }
    }

    // What the journal of one room holds can be the cause; a database that does not answer fails everyone, and at once.
    private static bool IsOfOneRoom(Exception exception) =>
        exception is InvalidDataException or SerializationException or InvalidProtocolBufferException || DataErrors.IsCausedByData(exception);

    // A consumer may throw anything at an event.
    private static bool IsOfOneRoomOrConsumer(Exception exception) =>
        IsOfOneRoom(exception) || exception is not (DbException or TimeoutException);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consumer {Consumer} failed for {Count} rooms; the batch goes on without it")]
    private static partial void LogLeftOut(ILogger logger, Exception cause, string consumer, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consumer {Consumer} failed in {Room}; it will be retried")]
    private static partial void LogFailed(ILogger logger, Exception cause, string consumer, RoomId room);
}
