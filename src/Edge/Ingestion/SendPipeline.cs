using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Ingestion;

/// <summary>
/// One connection's sends into one room. They go out in order, many at a time, each naming the one before it; the room takes none whose
/// predecessor it has not taken. Where one is not acknowledged, nothing more goes out until all that is under way is answered; then those
/// that have to be sent again go first, and the first of them follows none. So the order holds whatever is lost on the way, and a send that
/// was stored and is sent again is answered as a duplicate. After a break the sends go one by one at first, then by two, by four, and so on.
/// Guarded by the lock of <see cref="ConnectionSends"/>.
/// </summary>
internal sealed class SendPipeline(RoomId room, ConnectionSends connection, IRoomGateway gateway, TimeProvider time)
{
    private readonly LinkedList<Entry> _entries = new();
    private LinkedListNode<Entry>? _next;
    private int _underWay;
    private int _limit = connection.MaxUnderWay;
    private long _last;
    private bool _isBroken;
    private TimeSpan _pause;

    public RoomId Room => room;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Sends behind all earlier ones and gives the one answer.</summary>
    public Task<IReply> AskAsync(PostMessage command)
    {
        var node = _entries.AddLast(new Entry(command));
        _next ??= node;
        HandOver();
        return node.Value.Answer.Task;
    }

    private void HandOver()
    {
        while (!_isBroken && _underWay < _limit && _next is { } node)
        {
            var order = new SendOrder(connection.Stream, connection.NextNumber(), _last);
            (_next, _last) = (node.Next, order.Number);
            _underWay++;
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
            // A bug: who asked is told, and what was sent behind this must not wait for ever.
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
        _underWay--;
        _limit = isAcknowledged ? Math.Min(_limit + 1, connection.MaxUnderWay) : _limit;
        _isBroken |= !isAcknowledged;
        if (IsEmpty)
        {
            connection.Remove(this);
        }
        else if (!_isBroken)
        {
            HandOver();
        }
        else if (_underWay == 0)
        {
            _ = BeginAgainAsync();
        }
    }

    private async Task BeginAgainAsync()
    {
        if (_pause > TimeSpan.Zero)
        {
            await Task.Delay(_pause, time);
        }

        List<Entry> givenUp;
        lock (connection.Lock)
        {
            givenUp = [.. _entries.Where(entry => entry.IsOver)];
            foreach (var entry in givenUp)
            {
                _entries.Remove(entry);
            }

            (_isBroken, _pause, _last, _limit, _next) = (false, TimeSpan.Zero, 0, 1, _entries.First);
            HandOver();
            if (IsEmpty)
            {
                connection.Remove(this);
            }
        }

        foreach (var entry in givenUp)
        {
            entry.Answer.SetResult(Attempts.NoAnswer);
        }
    }

    private sealed class Entry(PostMessage command)
    {
        private Attempts? _attempts;

        public PostMessage Command => command;

        public TaskCompletionSource<IReply> Answer { get; } = new();

        /// <summary>It has been tried, and for long enough.</summary>
        public bool IsOver => _attempts?.AreOver == true;

        public Attempts Begin(IRoomGateway gateway) => _attempts ??= gateway.Begin();
    }
}
