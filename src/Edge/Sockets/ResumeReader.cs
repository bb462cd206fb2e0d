using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>What a resumed client receives before live events.</summary>
internal sealed class Resumption
{
    public List<byte[]> Frames { get; } = [];

    /// <summary>Per resumed room, the last event that the frames bring.</summary>
    public Dictionary<RoomId, long> Reached { get; } = [];

    /// <summary>Rooms that the user left while this was read. They are not attached; the user's stream reports the departure.</summary>
    public HashSet<RoomId> Left { get; } = [];
}

/// <summary>
/// Reads the frames that bring each resumed room up to date, and the event each one reaches. All are read before the first is sent, so a
/// recovery is either complete or not started.
/// </summary>
internal sealed class ResumeReader(IRoomLog log)
{
    /// <param name="epoch">The journal's incarnation: when it changes, clients' <c>seq</c> values are meaningless.</param>
    public async Task<Resumption> ReadAsync(
        UserId user, ResumeData? resume, string epoch, IReadOnlyList<MembershipDigest> memberships, CancellationToken cancellationToken)
    {
        var result = new Resumption();
        var byRoom = memberships.ToDictionary(membership => membership.Room.Value);
        foreach (var (id, last) in resume?.Rooms ?? [])
        {
            if (!byRoom.TryGetValue(id, out var membership))
            {
                if (RoomId.TryParse(id, out var gone))
                {
                    result.Frames.Add(ClientFrames.MembershipRemoved(userSeq: null, gone, "not_member"));
                }
            }
            else if (ReasonToReset(membership, last, isOtherEpoch: resume!.Epoch is { } of && of != epoch) is { } reason)
            {
                result.Frames.Add(ClientFrames.Reset(membership.Room, membership.Head.Seq, membership.Head.N, reason));
            }
            else
            {
                await ReadSyncAsync(user, membership, last, result, cancellationToken);
            }
        }

        return result;
    }

    private static string? ReasonToReset(MembershipDigest membership, long last, bool isOtherEpoch) => isOtherEpoch ? "epoch"
        : last > membership.Head.Seq ? "ahead"
        : last < 0 || membership.Head.Seq - last > ClientProtocol.MaxResumeGap ? "gap_too_large"
        : null;

    private async Task ReadSyncAsync(
        UserId user, MembershipDigest membership, long last, Resumption result, CancellationToken cancellationToken)
    {
        var room = membership.Room;
        result.Reached[room] = last;
        if (last == membership.Head.Seq)
        {
            result.Frames.Add(ClientFrames.Sync(room, last, last, last, []));
            return;
        }

        var page = await log.ReadEventsAsync(room, last, ClientProtocol.MaxResumeGap, cancellationToken);
        var events = Departure.Cut(page?.Events ?? [], user, out var hasLeft);
        var head = events.Count == 0 ? last : events[^1].Seq;
        var from = last;
        foreach (var part in SyncParts.Cut(room, events))
        {
            result.Frames.Add(ClientFrames.Sync(room, from, part.To, head, part.Frames));
            from = part.To;
        }

        result.Reached[room] = head;
        if (hasLeft)
        {
            result.Left.Add(room);
        }
    }
}
