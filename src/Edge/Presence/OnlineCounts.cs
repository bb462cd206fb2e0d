using System.Collections.Concurrent;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Presence;

/// <summary>
/// How many of rooms' members are online, for lists of rooms. Of small rooms the members are read, all in one query, and the counts are exact. Of
/// large ones the database counts, one query at a time, and a count is up to <see cref="MaxAge"/> old.
/// </summary>
public sealed class OnlineCounts(IRoomDirectory directory, OnlineUsers online, TimeProvider time) : IDisposable
{
    private const int SmallRoom = 500;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _counting = new(1);
    private readonly ConcurrentDictionary<RoomId, (int Count, long At)> _large = new();

    /// <returns>A count per room; null when presence is unknown.</returns>
    public async Task<IReadOnlyDictionary<RoomId, int>?> CountAsync(IReadOnlyList<RoomSummary> rooms, CancellationToken cancellationToken)
    {
        if (!online.IsKnown)
        {
            return null;
        }

        var small = rooms.Where(room => room.MemberCount <= SmallRoom).Select(room => room.Id).ToList();
        var large = rooms.Where(room => room.MemberCount > SmallRoom).Select(room => room.Id).ToList();
        var members = await directory.ListMemberIdsAsync(small, cancellationToken);
        var counts = small.ToDictionary(room => room, room => members[room].Count(online.IsOnline));
        foreach (var (room, count) in await CountLargeAsync(large, cancellationToken))
        {
            counts[room] = count;
        }

        return counts;
    }

    public void Dispose() => _counting.Dispose();

    private async Task<IEnumerable<KeyValuePair<RoomId, int>>> CountLargeAsync(List<RoomId> rooms, CancellationToken cancellationToken)
    {
        if (rooms.Exists(IsDue))
        {
            await _counting.WaitAsync(cancellationToken);
            try
            {
                // Whoever was here before may have counted them.
                var due = rooms.FindAll(IsDue);
                var counted = await directory.CountMembersAsync(due, online.All(), cancellationToken);
                if (_large.Count > MaxRemembered)
                {
                    _large.Clear();
                }

                foreach (var room in due)
                {
                    _large[room] = (counted.GetValueOrDefault(room), time.GetTimestamp());
                }
            }
            finally
            {
                _counting.Release();
            }
        }

        return rooms.Select(room => KeyValuePair.Create(room, _large.TryGetValue(room, out var known) ? known.Count : 0));
    }

    private bool IsDue(RoomId room) => !_large.TryGetValue(room, out var known) || time.GetElapsedTime(known.At) > MaxAge;
}
