using System.Data.Common;
using Akka.Actor;
using AkkaChat.Edge.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// The rooms of one socket. A room is attached to its relay first; once the relay reports from where it delivers, the events that the
/// client lacks up to there are read from the journal, and the events held meanwhile follow. So each client sees each event once and in
/// order, and none that it may not see: the read ends at the event of the user's own departure.
/// </summary>
internal sealed class SessionRooms(UserId user, ClientConnection connection, IActorRef relay, IRoomLog log, TimeProvider time)
    : IRoomSubscriber
{
    private const int MaxHeld = 1_024;
    private static readonly TimeSpan RetryRead = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<RoomId, RoomSubscription> _rooms = [];
    private bool _ended;
    private volatile bool _anyLagged;

    public UserId User => user;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _rooms.Count;
            }
        }
    }

    /// <summary>Follows a room from the event after <paramref name="last"/>. Does nothing when the room is attached already.</summary>
    public void Add(RoomId room, long last)
    {
        lock (_lock)
        {
            if (_ended || !_rooms.TryAdd(room, new RoomSubscription(room, last)))
            {
                return;
            }
        }

        relay.Tell(new RelayHub.Attach(room, this));
    }

    public bool Contains(RoomId room)
    {
        lock (_lock)
        {
            return _rooms.ContainsKey(room);
        }
    }

    public bool ContainsAny(IEnumerable<RoomId> rooms)
    {
        lock (_lock)
        {
            return rooms.Any(_rooms.ContainsKey);
        }
    }

    public void Remove(RoomId room)
    {
        lock (_lock)
        {
            _rooms.Remove(room);
        }

        relay.Tell(new RelayHub.Detach(room, this));
    }

    /// <summary>Detaches from everything. Nothing is delivered after it.</summary>
    public void End()
    {
        List<RoomId> rooms;
        lock (_lock)
        {
            _ended = true;
            rooms = [.. _rooms.Keys];
            _rooms.Clear();
        }

        foreach (var room in rooms)
        {
            relay.Tell(new RelayHub.Detach(room, this));
        }
    }

    /// <summary>
    /// Announces the rooms whose events were withheld, while the reader's queue is less than half full: where many rooms lag, the notices alone
    /// would fill it.
    /// </summary>
    public void NotifyLagged()
    {
        if (!_anyLagged || !connection.HasRoomForEvents)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var subscription in _rooms.Values.Where(subscription => subscription.IsLagged))
            {
                if (!connection.HasRoomForEvents)
                {
                    return;
                }

                subscription.IsLagged = false;
                subscription.Last = subscription.Head;
                connection.Send(ClientFrames.Lagged(subscription.Room, subscription.Head));
            }

            _anyLagged = false;
        }
    }

    public void OnAttached(RoomId room, long seq)
    {
        RoomSubscription? subscription;
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out subscription))
            {
                relay.Tell(new RelayHub.Detach(room, this));
                return;
            }

            // The relay's copy of the id is shared by all sockets of the room; the one from the database is this socket's alone.
            _rooms.Remove(room);
            _rooms.Add(room, subscription);
            subscription.Room = room;
            if (seq <= subscription.Last)
            {
                Release(subscription);
                return;
            }
        }

        _ = CatchUpAsync(subscription);
    }

    public void OnRefused(RoomId room) => Remove(room);

    public void OnLost(RoomId room) => connection.Close(CloseCodes.Internal, "Something went wrong here: reconnect and resume.");

    public void OnEvent(RoomId room, long seq, ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out var subscription))
            {
                return;
            }

            if (subscription.Held is { } held)
            {
                if (held.Count < MaxHeld)
                {
                    held.Add((seq, frame));
                }
                else
                {
                    held.Clear();
                    subscription.HeldOverflowed = true;
                }

                return;
            }

            Emit(subscription, seq, frame);
        }
    }

    public void OnEphemeral(RoomId room, ReadOnlyMemory<byte> frame)
    {
        if (Contains(room))
        {
            connection.SendEphemeral(frame);
        }
    }

    public bool OnRemoved(RoomId room, long seq)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out var subscription))
            {
                return true;
            }

            if (seq <= subscription.From)
            {
                return false;
            }

            subscription.IsEnding = true;
            if (subscription.Held is null)
            {
                _rooms.Remove(room);
            }

            return true;
        }
    }

    private async Task CatchUpAsync(RoomSubscription subscription)
    {
        while (!connection.Ended.IsCancellationRequested)
        {
            try
            {
                var page = await log.ReadEventsAsync(
                    subscription.Room, subscription.Last, ClientProtocol.MaxResumeGap, cancellationToken: connection.Ended);
                var frames = page?.Events.Select(@event => (@event, ClientFrames.Event(subscription.Room, @event))).ToList() ?? [];
                if (Apply(subscription, frames, page?.Head.Seq ?? 0))
                {
                    return;
                }
            }
            catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException or ObjectDisposedException)
            {
                await Task.Delay(RetryRead, time, CancellationToken.None);
            }
        }
    }

    /// <summary>Sends the client what was read and what is held. False when more must be read first.</summary>
    private bool Apply(RoomSubscription subscription, List<(RoomEvent Event, byte[] Frame)> events, long head)
    {
        lock (_lock)
        {
            if (!_rooms.ContainsKey(subscription.Room))
            {
                return true;
            }

            foreach (var (@event, frame) in events)
            {
                Emit(subscription, @event.Seq, frame);
                if ((@event is IMemberRemoval removal && removal.User.Id == user) || @event is RoomDeleted)
                {
                    _rooms.Remove(subscription.Room);
                    relay.Tell(new RelayHub.Detach(subscription.Room, this));
                    return true;
                }
            }

            if (subscription.HeldOverflowed || (!subscription.IsLagged && subscription.Last < head))
            {
                subscription.HeldOverflowed = false;
                return false;
            }

            Release(subscription);
            return true;
        }
    }

    private void Release(RoomSubscription subscription)
    {
        var held = subscription.Held ?? [];
        subscription.Held = null;
        foreach (var (seq, frame) in held)
        {
            Emit(subscription, seq, frame);
        }

        if (subscription.IsEnding)
        {
            _rooms.Remove(subscription.Room);
        }
    }

    private void Emit(RoomSubscription subscription, long seq, ReadOnlyMemory<byte> frame)
    {
        if (seq <= subscription.Last)
        {
            return;
        }

        subscription.Head = Math.Max(subscription.Head, seq);
        if (!subscription.IsLagged && seq == subscription.Last + 1 && connection.TrySendEvent(frame))
        {
            subscription.Last = seq;
        }
        else
        {
            subscription.IsLagged = true;
            _anyLagged = true;
        }
    }
}
