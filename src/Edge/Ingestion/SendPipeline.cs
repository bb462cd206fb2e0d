using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Ingestion;

/// <summary>
/// One connection's sends to one room. They are sent in order, many at a time, and each names its predecessor; the room accepts none whose
/// predecessor it has not accepted. When one is not acknowledged, nothing more is sent until every send in flight is answered. Then the
/// pipeline restarts with the first send that is not settled, as one without a predecessor. So the order holds whatever is lost, and a send
/// that is sent again after it was stored is answered as a duplicate. After a restart one send is in flight, and each acknowledgement
/// allows one more. Guarded by the lock of <see cref="ConnectionSends"/>.
/// </summary>
internal sealed class SendPipeline(RoomId room, ConnectionSends connection, IRoomGateway gateway, TimeProvider time)
{
    private readonly LinkedList<Entry> _entries = new();
    private LinkedListNode<Entry>? _next;
    private int _inFlight;
    private int _limit = connection.MaxInFlight;
    private long _last;
    private bool _isBroken;
    private TimeSpan _pause;

    public RoomId Room => room;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Sends after all earlier ones, and returns the reply.</summary>
    public Task<IReply> AskAsync(PostMessage command)
    {
        var node = _entries.AddLast(new Entry(command));
        _next ??= node;
        SendNext();
        return node.Value.Answer.Task;
    }

    private void SendNext()
    {
        while (!_isBroken && _inFlight < _limit && _next is { } node)
        {
            var order = new SendOrder(connection.Stream, connection.NextNumber(), _last);
            (_next, _last) = (node.Next, order.Number);
            _inFlight++;
            _ = AttemptAsync(node, node.Value.Begin(gateway), order);
        }
    }

    private async Task AttemptAsync(LinkedListNode<Entry> node, Attempts attempts, SendOrder order)
    {
        IReply? answer = null;
        Exception? failure = null;
        try
        {
            answer = attempts.Settle(await gateway.AttemptAsync(node.Value.Command with { Order = order, Edge = gateway.Edge }));
        }
        catch (Exception e)
        {
            // A bug. The caller gets the exception, and the sends behind this one must not wait forever.
            failure = e;
        }

        lock (connection.Lock)
        {
            if (answer is null && failure is null)
            {
                ChatMetrics.SendAttemptsLost.Add(1);
                _pause = attempts.Pause > _pause ? attempts.Pause : _pause;
            }
            else
            {
                _entries.Remove(node);
            }

            OnAnswered(isAcknowledged: answer is PostAck);
        }

        if (failure is not null)
        {
            node.Value.Answer.SetException(failure);
        }
        else if (answer is not null)
        {
            node.Value.Answer.SetResult(answer);
        }
    }

    private void OnAnswered(bool isAcknowledged)
    {
        _inFlight--;
        _limit = isAcknowledged ? Math.Min(_limit + 1, connection.MaxInFlight) : _limit;
        _isBroken |= !isAcknowledged;
        if (IsEmpty)
        {
            connection.Remove(this);
        }
        else if (!_isBroken)
        {
            SendNext();
        }
        else if (_inFlight == 0)
        {
            _ = RestartAsync();
        }
    }

    private async Task RestartAsync()
    {
        if (_pause > TimeSpan.Zero)
        {
            await Task.Delay(_pause, time);
        }

        List<Entry> expired;
        lock (connection.Lock)
        {
            expired = [.. _entries.Where(entry => entry.IsExpired)];
            foreach (var entry in expired)
            {
                _entries.Remove(entry);
            }

            (_isBroken, _pause, _last, _limit, _next) = (false, TimeSpan.Zero, 0, 1, _entries.First);
            SendNext();
            if (IsEmpty)
            {
                connection.Remove(this);
            }
        }

        foreach (var entry in expired)
        {
            entry.Answer.SetResult(Attempts.NoAnswer);
        }
    }

    private sealed class Entry(PostMessage command)
    {
        private Attempts? _attempts;

        public PostMessage Command => command;

        public TaskCompletionSource<IReply> Answer { get; } = new();

        /// <summary>It was attempted, and the time for attempts is over.</summary>
        public bool IsExpired => _attempts?.AreOver == true;

        public Attempts Begin(IRoomGateway gateway) => _attempts ??= gateway.Begin();
    }
}
