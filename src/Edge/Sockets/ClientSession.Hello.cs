using Akka.Actor;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>Hello, resume, and the user's stream after it.</summary>
internal sealed partial class ClientSession
{
    private async ValueTask HelloAsync(ClientRequest request)
    {
        if (_saidHello)
        {
            Refuse(request.Id, ErrorCode.Invalid, "hello was said already.");
            return;
        }

        var data = Read(request, ClientJson.Default.HelloData);
        if (!await AuthenticateAsync(request.Id, data?.Token))
        {
            return;
        }

        if (_services.Connections.CountOf(User) >= _services.Options.MaxPerUser)
        {
            Refuse(request.Id, ErrorCode.Busy, "The user has too many connections.", RetryAfter);
            return;
        }

        // What is read may be newer than the number, never older: what is told twice is dropped by it.
        _userSeq = await _services.UserStream.GetSeqAsync(User, _connection.Ended);
        var memberships = await _services.Directory.ListMembershipsAsync(User, _connection.Ended);
        var resume = await ReadResumeAsync(data?.Resume, memberships);

        _validUntil = _user!.ExpiresAt;
        _rooms = new SessionRooms(User, _connection, _services);
        _saidHello = true;
        _services.Connections.Identify(this);
        _services.Presence.Tell(new PresenceHub.SocketOpened(User));
        _services.Users.Tell(new UserRelay.Follow(User, this, _userSeq));
        if (!await _services.Tokens.IsSessionLiveAsync(Id, _connection.Ended))
        {
            // It ended between the handshake and now, when nobody knew of this socket; from now on its end is told.
            EndSession();
            return;
        }

        _connection.Send(ClientFrames.Reply(request.Id, Hello()));
        await TellPictureAsync(memberships, resume);
        _ready.TrySetResult();
    }

    private async ValueTask<bool> AuthenticateAsync(string? id, string? token)
    {
        if (_user is not null)
        {
            return true;
        }

        if (token is not null && (await _services.Tokens.ValidateAsync(token, _connection.Ended)).User is { } user)
        {
            _user = user;
            return true;
        }

        Refuse(id, ErrorCode.Unauthenticated, token is null ? "Credentials are missing." : "The token is not valid.");
        return false;
    }

    private HelloView Hello() => new(
        Id.Value,
        _services.Epoch,
        UserView.From(Self),
        _userSeq,
        _services.Time.GetUtcNow(),
        (int)_services.Options.Heartbeat.TotalMilliseconds,
        new LimitsView(
            ClientProtocol.MaxFrameBytes, RoomState.MaxTextBytes, _services.Options.SendPerSecond, _services.Options.SendBurst));

    /// <summary>
    /// The frames that bring each resumed room up to date, and where that is. All of them are read before the first is sent: a recovery is
    /// whole or is not begun.
    /// </summary>
    private async Task<Resumption> ReadResumeAsync(ResumeData? resume, IReadOnlyList<MembershipDigest> memberships)
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

                continue;
            }

            var reason = resume!.Epoch is { } epoch && epoch != _services.Epoch ? "epoch"
                : last > membership.Head.Seq ? "ahead"
                : last < 0 || membership.Head.Seq - last > ClientProtocol.MaxResumeGap ? "gap_too_large"
                : null;
            if (reason is not null)
            {
                result.Frames.Add(ClientFrames.Reset(membership.Room, membership.Head.Seq, membership.Head.N, reason));
            }
            else
            {
                await ReadSyncAsync(membership, last, result);
            }
        }

        return result;
    }

    private async Task ReadSyncAsync(MembershipDigest membership, long last, Resumption result)
    {
        var room = membership.Room;
        result.Reached[room] = last;
        if (last == membership.Head.Seq)
        {
            result.Frames.Add(ClientFrames.Sync(room, last, last, last, []));
            return;
        }

        var page = await _services.Log.ReadEventsAsync(room, last, ClientProtocol.MaxResumeGap, _connection.Ended);
        var events = Departure.Cut(page?.Events ?? [], User, out var hasLeft);
        var head = events.Count == 0 ? last : events[^1].Seq;
        var from = last;
        foreach (var part in SyncParts(room, events))
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

    /// <summary>Cuts events into parts of at most <see cref="ClientProtocol.MaxSyncEvents"/> and about <see cref="ClientProtocol.MaxSyncBytes"/>.</summary>
    private static IEnumerable<(long To, List<byte[]> Frames)> SyncParts(RoomId room, IReadOnlyList<RoomEvent> events)
    {
        var part = new List<byte[]>();
        var bytes = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var frame = ClientFrames.Event(room, events[i]);
            part.Add(frame);
            bytes += frame.Length;
            if (part.Count == ClientProtocol.MaxSyncEvents || bytes >= ClientProtocol.MaxSyncBytes || i == events.Count - 1)
            {
                yield return (events[i].Seq, part);
                part = [];
                bytes = 0;
            }
        }
    }

    /// <summary>Sends the picture, then follows each room from where the picture ends.</summary>
    private async ValueTask TellPictureAsync(IReadOnlyList<MembershipDigest> memberships, Resumption resume)
    {
        foreach (var frame in resume.Frames)
        {
            await _connection.SendWhenRoomAsync(frame);
        }

        foreach (var chunk in memberships.Chunk(ClientProtocol.MaxDigestRooms))
        {
            await _connection.SendWhenRoomAsync(ClientFrames.Digest(
                [.. chunk.Select(m => new DigestView(m.Room.Value, m.Head.Seq, m.Head.N, m.ReadN, m.Unread, m.Mentions))]));
        }

        await _connection.SendWhenRoomAsync(ClientFrames.SyncDone);
        foreach (var membership in memberships.Where(membership => !resume.Left.Contains(membership.Room)))
        {
            _rooms!.Add(membership.Room, resume.Reached.GetValueOrDefault(membership.Room, membership.Head.Seq));
        }
    }

    private async Task TellUserEventAsync(UserEvent @event)
    {
        if (@event.UserSeq <= _userSeq)
        {
            return;
        }

        switch (@event)
        {
            case MembershipAdded added:
                await AddRoomAsync(added);
                break;
            case MembershipRemoved removed:
                _rooms!.Remove(removed.Room);
                _connection.Send(ClientFrames.MembershipRemoved(removed.UserSeq, removed.Room, LeaveReason.Left.WireName()));
                break;
            case ReadUpdated read:
                _connection.Send(ClientFrames.ReadUpdated(
                    read.UserSeq, read.Room, new ReadView(read.N, read.Unread, read.Mentions)));
                break;
            default:
                throw new InvalidOperationException($"{@event.GetType().Name} is not an event of a user's stream.");
        }

        _userSeq = @event.UserSeq;
    }

    /// <summary>
    /// The room as of the user's own joining, so that everything after it arrives as live events, however late this is told.
    /// </summary>
    private async Task AddRoomAsync(MembershipAdded added)
    {
        var room = await _services.Directory.FindAsync(added.Room, User, _connection.Ended);
        var membership = await _services.Directory.GetMembershipAsync(added.Room, User, _connection.Ended);
        if (room is null || membership is null)
        {
            // Left again meanwhile: the stream says so next.
            _connection.Send(ClientFrames.MembershipRemoved(added.UserSeq, added.Room, LeaveReason.Left.WireName()));
            return;
        }

        var head = room.Head;
        var since = await _services.Log.ReadEventsAsync(
            added.Room, membership.JoinedSeq, ClientProtocol.MaxResumeGap, _connection.Ended);
        if (since is not null && since.IsComplete(membership.JoinedSeq))
        {
            head = new RoomHead(membership.JoinedSeq, since.Head.N - since.Events.OfType<MessagePosted>().Count());
        }

        var view = await _services.Views.OfAsync(room, _connection.Ended);
        _connection.Send(ClientFrames.MembershipAdded(added.UserSeq, view with { Head = new HeadView(head.Seq, head.N) }));
        _rooms!.Add(added.Room, head.Seq);
    }

    private sealed class Resumption
    {
        public List<byte[]> Frames { get; } = [];

        /// <summary>Per resumed room, the last event that the frames bring.</summary>
        public Dictionary<RoomId, long> Reached { get; } = [];

        /// <summary>Rooms that the user left while this was read. They are not followed; the user's stream says the rest.</summary>
        public HashSet<RoomId> Left { get; } = [];
    }
}
