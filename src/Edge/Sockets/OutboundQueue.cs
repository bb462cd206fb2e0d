namespace AkkaChat.Edge.Sockets;

/// <summary>What the writer of a socket does next.</summary>
internal enum Outbound
{
    /// <summary>Send the frame, and ask again.</summary>
    Send,

    /// <summary>The queue is empty: it calls the writer when that changes.</summary>
    Rest,

    /// <summary>The queue is empty, and nothing more will be queued.</summary>
    End,
}

/// <summary>
/// The outbound queue of one socket, bounded in frames and bytes. Replies always fit: they are few, since requests are limited. A durable
/// event that does not fit is refused, and the caller marks its room as lagged. Ephemeral events are dropped when the queue is half full.
/// Thread-safe. It has one writer, which holds no thread and no memory while the queue is empty: the queue starts it on the thread pool
/// when a frame arrives. The writer makes the first call.
/// </summary>
internal sealed class OutboundQueue(int maxFrames, int maxBytes, IThreadPoolWorkItem writer)
{
    private readonly Lock _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    private TaskCompletionSource? _room;
    private int _bytes;
    private bool _writing = true;
    private bool _completed;

    /// <summary>Queues a reply or notice. Beyond twice the bounds it is refused: the connection should be closed.</summary>
    public bool TryEnqueue(ReadOnlyMemory<byte> frame) => TryAdd(frame, 2 * maxFrames, 2 * maxBytes);

    public bool TryEnqueueEvent(ReadOnlyMemory<byte> frame) => TryAdd(frame, maxFrames, maxBytes);

    public bool TryEnqueueEphemeral(ReadOnlyMemory<byte> frame) => TryAdd(frame, maxFrames / 2, maxBytes / 2);

    /// <summary>Queues a frame of a long answer, once there is room. False once completed.</summary>
    public async ValueTask<bool> EnqueueAsync(ReadOnlyMemory<byte> frame)
    {
        while (true)
        {
            bool rests;
            Task? wait = null;
            // Found full and waiting for room under one lock: what the writer took in between would wake nobody.
            lock (_lock)
            {
                if (_completed)
                {
                    return false;
                }

                if (!TryPut(frame, maxFrames, maxBytes, out rests))
                {
                    wait = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
            }

            if (wait is null)
            {
                Wake(rests);
                return true;
            }

            await wait;
        }
    }

    /// <summary>For the writer only: takes the oldest frame, if there is one.</summary>
    public Outbound Dequeue(out ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (_frames.TryDequeue(out frame))
            {
                _bytes -= frame.Length;
                _room?.TrySetResult();
                _room = null;
                return Outbound.Send;
            }

            _writing = _completed;
            return _completed ? Outbound.End : Outbound.Rest;
        }
    }

    public bool IsBelowHalf
    {
        get
        {
            lock (_lock)
            {
                return _frames.Count < maxFrames / 2 && _bytes < maxBytes / 2;
            }
        }
    }

    /// <summary>The number of queued frames.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _frames.Count;
            }
        }
    }

    /// <summary>Accepts nothing more; what is queued can still be sent.</summary>
    public void Complete()
    {
        bool rests;
        lock (_lock)
        {
            _completed = true;
            _room?.TrySetResult();
            (rests, _writing) = (!_writing, true);
        }

        Wake(rests);
    }

    private bool TryAdd(ReadOnlyMemory<byte> frame, int frames, int bytes)
    {
        bool rests;
        lock (_lock)
        {
            if (!TryPut(frame, frames, bytes, out rests))
            {
                return false;
            }
        }

        Wake(rests);
        return true;
    }

    /// <summary>Under the lock.</summary>
    /// <param name="rests">The writer rests and must be woken, outside the lock.</param>
    private bool TryPut(ReadOnlyMemory<byte> frame, int frames, int bytes, out bool rests)
    {
        rests = false;
        if (_completed || _frames.Count >= frames || (_frames.Count > 0 && _bytes + frame.Length > bytes))
        {
            return false;
        }

        _frames.Enqueue(frame);
        _bytes += frame.Length;
        (rests, _writing) = (!_writing, true);
        return true;
    }

    private void Wake(bool rests)
    {
        if (rests)
        {
            ThreadPool.UnsafeQueueUserWorkItem(writer, preferLocal: false);
        }
    }
}
