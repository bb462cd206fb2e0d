namespace AkkaChat.Edge.Sockets;

/// <summary>
/// What waits to be sent on one socket: bounded in frames and bytes. Replies are few, since requests are limited, and always fit; a
/// durable event that does not fit is refused, and its room is marked lagged by the caller; an ephemeral one is dropped when half full.
/// Thread-safe; one reader.
/// </summary>
internal sealed class OutboundQueue(int maxFrames, int maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    private TaskCompletionSource? _reader;
    private TaskCompletionSource? _room;
    private int _bytes;
    private bool _completed;

    /// <summary>Queues a reply or notice. Beyond twice the bounds it is refused: the connection should be closed.</summary>
    public bool TryEnqueue(ReadOnlyMemory<byte> frame) => TryAdd(frame, 2 * maxFrames, 2 * maxBytes);

    public bool TryEnqueueEvent(ReadOnlyMemory<byte> frame) => TryAdd(frame, maxFrames, maxBytes);

    public bool TryEnqueueEphemeral(ReadOnlyMemory<byte> frame) => TryAdd(frame, maxFrames / 2, maxBytes / 2);

    /// <summary>Queues a frame of a long answer, once there is room. False once completed.</summary>
    public async ValueTask<bool> EnqueueAsync(ReadOnlyMemory<byte> frame)
    {
        while (!TryEnqueueEvent(frame))
        {
            Task wait;
            lock (_lock)
            {
                if (_completed)
                {
                    return false;
                }

                wait = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await wait;
        }

        return true;
    }

    /// <summary>Takes the oldest frame; waits for one. Null once completed and empty.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> DequeueAsync()
    {
        while (true)
        {
            Task wait;
            lock (_lock)
            {
                if (_frames.TryDequeue(out var frame))
                {
                    _bytes -= frame.Length;
                    _room?.TrySetResult();
                    _room = null;
                    return frame;
                }

                if (_completed)
                {
                    return null;
                }

                _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _reader.Task;
            }

            await wait;
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _frames.Count == 0;
            }
        }
    }

    /// <summary>Nothing more is taken; what is queued can still be sent.</summary>
    public void Complete()
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            _completed = true;
            _room?.TrySetResult();
            (reader, _reader) = (_reader, null);
        }

        reader?.TrySetResult();
    }

    private bool TryAdd(ReadOnlyMemory<byte> frame, int frames, int bytes)
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            if (_completed || _frames.Count >= frames || (_frames.Count > 0 && _bytes + frame.Length > bytes))
            {
                return false;
            }

            _frames.Enqueue(frame);
            _bytes += frame.Length;
            (reader, _reader) = (_reader, null);
        }

        reader?.TrySetResult();
        return true;
    }
}
