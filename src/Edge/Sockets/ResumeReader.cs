using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>How far each room of a resumed client has been brought.</summary>
internal sealed class Resumption
{
    /// <summary>Per resumed room, the last event that was sent.</summary>
    public Dictionary<RoomId, long> Reached { get; } = [];

    /// <summary>Rooms that the user left after the memberships were read. They are not attached; the user's stream reports the departure.</summary>
    public HashSet<RoomId> Left { get; } = [];
}

/// <summary>
/// Sends a resumed client the events that it lacks, room by room and a page at a time: what is in memory does not grow with what was missed.
/// A room for which more is missing than one hello may bring is reset instead, so each room is either complete or reset. However many
/// clients resume at once, the node reads few pages for them at a time.
/// </summary>
internal sealed class ResumeReader(IRoomLog log) : IDisposable
{
    /// <summary>Pages that are read at the same time: below the connections of the journal's pool, so that others find one.</summary>
    internal const int MaxReads = 16;

    private readonly SemaphoreSlim _reads = new(MaxReads);

    public void Dispose() => _reads.Dispose();

    /// <param name="epoch">The journal's incarnation: when it changes, clients' <c>seq</c> values are meaningless.</param>
    /// <param name="send">Returns when the socket has space for another frame.</param>
    public async Task<Resumption> SendAsync(
        UserId user,
        ResumeData? resume,
        string epoch,
        IReadOnlyList<MembershipDigest> memberships,
        Func<byte[], ValueTask> send,
        CancellationToken cancellationToken)
    {
        var result = new Resumption();
        var budget = new Budget();
        var byRoom = memberships.ToDictionary(membership => membership.Room.Value);
        foreach (var (id, last) in resume?.Rooms ?? [])
        {
            if (!byRoom.TryGetValue(id, out var membership))
            {
                if (RoomId.TryParse(id, out var gone))
                {
                    await send(ClientFrames.MembershipRemoved(userSeq: null, gone, "not_member"));
                }
            }
            else if ((ReasonToReset(membership, last, isOtherEpoch: resume!.Epoch is { } of && of != epoch)
                ?? await SendEventsAsync(user, membership, last, result, budget, send, cancellationToken)) is { } reason)
            {
                await send(ClientFrames.Reset(membership.Room, membership.Head.Seq, membership.Head.N, reason));
            }
        }

        return result;
    }

    private static string? ReasonToReset(MembershipDigest membership, long last, bool isOtherEpoch) => isOtherEpoch ? "epoch"
        : last > membership.Head.Seq ? "ahead"
        : last < 0 || membership.Head.Seq - last > ClientProtocol.MaxResumeGap ? TooMuch
        : null;

    private const string TooMuch = "gap_too_large";

    /// <returns>Null, or why the room must be reset.</returns>
    private async Task<string?> SendEventsAsync(
        UserId user,
        MembershipDigest membership,
        long last,
        Resumption result,
        Budget budget,
        Func<byte[], ValueTask> send,
        CancellationToken cancellationToken)
    {
        var room = membership.Room;
        if (last == membership.Head.Seq)
        {
            await send(ClientFrames.Sync(room, last, last, last, []));
            result.Reached[room] = last;
            return null;
        }

        var (from, head) = (last, 0L);
        do
        {
            if (budget.IsSpent)
            {
                return TooMuch;
            }

            var page = await ReadAsync(room, from, cancellationToken);
            var events = Departure.Cut(page?.Events ?? [], user, membership.JoinedSeq, out var hasLeft);
            if (head == 0)
            {
                // Later events come live.
                head = page?.Head.Seq ?? last;
            }

            if (hasLeft)
            {
                result.Left.Add(room);
                head = events[^1].Seq;
            }
            else if (events.Count == 0)
            {
                head = from;
                await send(ClientFrames.Sync(room, from, from, head, []));
            }

            foreach (var part in SyncParts.Cut(room, [.. events.TakeWhile(e => e.Seq <= head)]))
            {
                budget.Spend(part.Frames);
                await send(ClientFrames.Sync(room, from, part.To, head, part.Frames));
                from = part.To;
            }
        }
        while (from < head);

        result.Reached[room] = head;
        return null;
    }

    /// <summary>The turn ends with the read: a client that does not take what was read holds up nobody.</summary>
    private async Task<RoomEventPage?> ReadAsync(RoomId room, long from, CancellationToken cancellationToken)
    {
        await _reads.WaitAsync(cancellationToken);
        try
        {
            return await log.ReadEventsAsync(
                room, from, ClientProtocol.MaxSyncEvents, maxBytes: ClientProtocol.MaxSyncBytes, cancellationToken: cancellationToken);
        }
        finally
        {
            _reads.Release();
        }
    }

    /// <summary>What one hello may still bring.</summary>
    private sealed class Budget
    {
        private long _events = ClientProtocol.MaxResumeEvents;
        private long _bytes = ClientProtocol.MaxResumeBytes;

        public bool IsSpent => _events <= 0 || _bytes <= 0;

        public void Spend(List<byte[]> frames)
        {
            _events -= frames.Count;
            _bytes -= frames.Sum(frame => (long)frame.Length);
        }
    }
}
