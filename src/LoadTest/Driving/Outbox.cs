using System.Threading.Channels;

namespace AkkaChat.LoadTest.Driving;

/// <summary>
/// What a user has to send, in order: messages that are due and those whose outcome is not known after a connection ended, and frames that
/// need no answer. As many as the plan has, since the load is open: a server that is slow does not make fewer messages due.
/// </summary>
internal sealed class Outbox
{
    private readonly Lock _gate = new();
    private readonly LinkedList<int> _waiting = new();
    private readonly SortedSet<int> _inFlight = [];
    private readonly Queue<byte[]> _control = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public bool IsSettled
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 && _inFlight.Count == 0;
            }
        }
    }

    public void Add(int message)
    {
        lock (_gate)
        {
            _waiting.AddLast(message);
        }

        Wake();
    }

    public void AddControl(byte[] frame)
    {
        lock (_gate)
        {
            _control.Enqueue(frame);
        }

        Wake();
    }

    /// <summary>Wakes the writer, also where nothing was added: the connection may have ended.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken end) => _signal.Reader.ReadAsync(end);

    public bool TryTakeControl(out byte[] frame)
    {
        lock (_gate)
        {
            return _control.TryDequeue(out frame!);
        }
    }

    public bool TryTake(out int message)
    {
        lock (_gate)
        {
            message = _waiting.First?.Value ?? 0;
            if (_waiting.Count == 0)
            {
                return false;
            }

            _waiting.RemoveFirst();
            _inFlight.Add(message);
            return true;
        }
    }

    /// <returns>False if it was settled before.</returns>
    public bool Settle(int message)
    {
        lock (_gate)
        {
            return _inFlight.Remove(message);
        }
    }

    /// <summary>Sends it again; its outcome is not known.</summary>
    public void Return(int message)
    {
        lock (_gate)
        {
            if (!_inFlight.Remove(message))
            {
                return;
            }

            _waiting.AddLast(message);
        }

        Wake();
    }

    /// <summary>The connection ended: what was in flight goes first on the next, in its order.</summary>
    public void ReturnAll()
    {
        lock (_gate)
        {
            foreach (var message in _inFlight.Reverse())
            {
                _waiting.AddFirst(message);
            }

            _inFlight.Clear();
            _control.Clear();
        }
    }
}
