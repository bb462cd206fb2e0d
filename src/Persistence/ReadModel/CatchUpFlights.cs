using AkkaChat.Messages.Ids;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// Lets callers share catch-ups: while one of a room runs, all who come join the one after it, which starts once the first has ended and so
/// sees all that they can have seen. A node thus holds at most one connection a room on the room's lock, and
/// <paramref name="parallelism"/> in all.
/// </summary>
internal sealed class CatchUpFlights(Func<RoomId, Task<CatchUpResult>> run, int parallelism) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RoomId, Flights> _rooms = [];

    // Those who wait are bounded by the rooms: two flights each at most.
    private readonly SemaphoreSlim _slots = new(parallelism, parallelism);

    public Task<CatchUpResult> JoinAsync(RoomId room)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out var flights))
            {
                return (_rooms[room] = new Flights(Task.Run(() => FlyAsync(room)))).Current;
            }

            return flights.Next ??= AfterAsync(room, flights.Current);
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<CatchUpResult> AfterAsync(RoomId room, Task current)
    {
        await current.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return await FlyAsync(room).ConfigureAwait(false);
    }

    private async Task<CatchUpResult> FlyAsync(RoomId room)
    {
        try
        {
            await _slots.WaitAsync().ConfigureAwait(false);
            try
            {
                return await run(room).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Land(room);
        }
    }

    private void Land(RoomId room)
    {
        lock (_lock)
        {
            if (_rooms[room].Next is { } next)
            {
                _rooms[room] = new Flights(next);
            }
            else
            {
                _rooms.Remove(room);
            }
        }
    }

    private sealed class Flights(Task<CatchUpResult> current)
    {
        public Task<CatchUpResult> Current { get; } = current;

        public Task<CatchUpResult>? Next { get; set; }
    }
}
