using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.Consumers;

/// <summary>
/// Lets callers share catch-ups. A room is queued once, however many callers ask for it. A caller who arrives during a catch-up of the room
/// gets the next one, which sees everything the caller can have seen. Queued rooms share a transaction and its cost. At most
/// <paramref name="parallelism"/> transactions run at a time.
/// </summary>
/// <param name="isOfOneRoom">Whether a group that failed with this exception is retried room by room.</param>
internal sealed class CatchUpGroups(
    Func<IReadOnlyList<RoomId>, Task> run,
    Func<Exception, bool> isOfOneRoom,
    int parallelism,
    int maxGroup)
{
    private readonly Lock _lock = new();

    // Bounded by the number of rooms: each is queued at most once.
    private readonly Queue<RoomId> _order = [];
    private readonly Dictionary<RoomId, TaskCompletionSource> _waiting = [];
    private readonly HashSet<RoomId> _running = [];
    private int _workers;

    /// <summary>Starts the catch-up of each room, in one transaction if none is running.</summary>
    public Dictionary<RoomId, Task> Join(IReadOnlyCollection<RoomId> rooms)
    {
        var tasks = new Dictionary<RoomId, Task>(rooms.Count);
        lock (_lock)
        {
            foreach (var room in rooms)
            {
                if (!_waiting.TryGetValue(room, out var waiting))
                {
                    waiting = _waiting[room] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _order.Enqueue(room);
                }

                tasks[room] = waiting.Task;
            }

            // A worker for each queued group. Workers run until the queue is empty.
            for (var groups = (_order.Count + maxGroup - 1) / maxGroup; groups > 0 && _workers < parallelism; groups--)
            {
                _workers++;
                _ = Task.Run(WorkAsync);
            }
        }

        return tasks;
    }

    private async Task WorkAsync()
    {
        while (Take() is { Count: > 0 } group)
        {
            await RunAsync(group).ConfigureAwait(false);
            lock (_lock)
            {
                _running.ExceptWith(group.Keys);
            }
        }
    }

    private Dictionary<RoomId, TaskCompletionSource> Take()
    {
        var group = new Dictionary<RoomId, TaskCompletionSource>();
        lock (_lock)
        {
            for (var i = _order.Count; i > 0 && group.Count < maxGroup; i--)
            {
                var room = _order.Dequeue();
                if (_running.Contains(room))
                {
                    _order.Enqueue(room); // the worker that runs it looks here again when it is done
                    continue;
                }

                _waiting.Remove(room, out var waiting);
                group[room] = waiting!;
                _running.Add(room);
            }

            _workers -= group.Count == 0 ? 1 : 0;
        }

        return group;
    }

    private async Task RunAsync(Dictionary<RoomId, TaskCompletionSource> group)
    {
        try
        {
            await run([.. group.Keys]).ConfigureAwait(false);
            foreach (var waiting in group.Values)
            {
                waiting.SetResult();
            }
        }
        catch (Exception e) when (group.Count == 1 || !isOfOneRoom(e))
        {
            foreach (var waiting in group.Values)
            {
                waiting.SetException(e);
            }
        }
        catch (Exception)
        {
            // Room by room, so that the others do not fail with it.
            foreach (var (room, waiting) in group)
            {
                await RunAsync(new Dictionary<RoomId, TaskCompletionSource> { [room] = waiting }).ConfigureAwait(false);
            }
        }
    }
}
