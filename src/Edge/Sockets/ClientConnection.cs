using System.Buffers;
using System.Net.WebSockets;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// One socket: a read loop that hands whole frames to its <see cref="ClientSession"/>, and a writer that alone sends. It owns the
/// WebSocket from accept to close.
/// </summary>
internal sealed class ClientConnection : IThreadPoolWorkItem, IDisposable
{
    private const int FirstBufferBytes = 1024;
    private const int MaxCloseReasonBytes = 123;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly SocketOptions _options;
    private readonly TimeProvider _time;
    private readonly OutboundQueue _outbound;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _readEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _writeEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closing;
    private (int Code, string Reason)? _close;
    private long _sendingSince;
    private long _lastReceived;

    public ClientConnection(WebSocket socket, SocketOptions options, TimeProvider time)
    {
        (_socket, _options, _time) = (socket, options, time);
        _outbound = new OutboundQueue(options.MaxQueuedFrames, options.MaxQueuedBytes, writer: this);
        _lastReceived = time.GetTimestamp();
        Ended = _ended.Token;
    }

    /// <summary>Signalled when the connection is closing, whichever side began it.</summary>
    public CancellationToken Ended { get; }

    public TimeSpan SinceReceived => _time.GetElapsedTime(Volatile.Read(ref _lastReceived));

    /// <summary>Whether the reader has not accepted a frame for longer than the send timeout.</summary>
    public bool IsStuck => Volatile.Read(ref _sendingSince) is var since and not 0 && _time.GetElapsedTime(since) > _options.SendTimeout;

    /// <summary>Frames that wait for the reader.</summary>
    public int Queued => _outbound.Count;

    public bool HasRoomForEvents => _outbound.IsBelowHalf;

    /// <summary>Queues a reply or notice; a connection that cannot take even that is closed as too slow.</summary>
    public void Send(ReadOnlyMemory<byte> frame)
    {
        if (!_outbound.TryEnqueue(frame))
        {
            Close(CloseCodes.TooSlow, "The connection reads too slowly: reconnect and resume.");
        }
    }

    /// <summary>Queues one frame of a long answer, once there is room for it.</summary>
    public async ValueTask SendWhenRoomAsync(ReadOnlyMemory<byte> frame) => await _outbound.EnqueueAsync(frame);

    /// <summary>False when the queue is full: the event is not sent.</summary>
    public bool TrySendEvent(ReadOnlyMemory<byte> frame) => _outbound.TryEnqueueEvent(frame) || Dropped("event");

    /// <summary>Dropped when the queue is half full.</summary>
    public void SendEphemeral(ReadOnlyMemory<byte> frame) => _ = _outbound.TryEnqueueEphemeral(frame) || Dropped("ephemeral");

    /// <summary>Closes once what is queued has been sent. Only the first call counts.</summary>
    public void Close(int code, string reason)
    {
        if (Interlocked.Exchange(ref _closing, 1) == 0)
        {
            _close = (code, reason);
            ChatMetrics.ConnectionsClosed.Add(1, new KeyValuePair<string, object?>("code", code));
            _outbound.Complete();
            _ended.Cancel();
        }
    }

    /// <summary>Aborts the connection without a close frame.</summary>
    public void Abort()
    {
        Close(CloseCodes.Internal, "");
        _socket.Abort();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _ended.Dispose();
    }

    /// <summary>Reads and writes until the connection has ended.</summary>
    /// <param name="receive">Gets each whole text frame; its memory is valid until the returned task ends.</param>
    /// <param name="received">Gets the length of each message before it is carried out or refused; nothing more is read until the returned task ends.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, ValueTask> receive, Action tooLarge, Func<int, ValueTask>? received = null)
    {
        _ = WriteAsync();
        try
        {
            await ReadLoopAsync(receive, tooLarge, received);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer has gone, or Close was called while a read was waiting: the writer sends the close frame.
        }
        catch
        {
            Close(CloseCodes.Internal, "Something went wrong here.");
            throw;
        }
        finally
        {
            Close((int)WebSocketCloseStatus.NormalClosure, "");
            await ReadToTheEndAsync();
            _readEnded.TrySetResult();
            await _writeEnded.Task;
        }
    }

    /// <summary>Called on the thread pool by the queue, and not again until all that waits has been sent.</summary>
    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    /// <summary>
    /// Reads and discards until the peer has closed too: closing a connection with unread data resets it, and the peer may never see the
    /// close code. The writer stops earlier, after its close frame.
    /// </summary>
    private async Task ReadToTheEndAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        using var timeout = new CancellationTokenSource(_options.SendTimeout, _time);
        try
        {
            while (_socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                if ((await _socket.ReceiveAsync(buffer.AsMemory(), timeout.Token)).MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer has gone without a close frame, or its time is up.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ReadLoopAsync(Func<ReadOnlyMemory<byte>, ValueTask> receive, Action tooLarge, Func<int, ValueTask>? received = null)
    {
        while (Volatile.Read(ref _closing) == 0)
        {
            // A zero-byte read waits without holding a buffer: an idle socket costs none.
            var first = await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (first.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            if (first.MessageType == WebSocketMessageType.Binary)
            {
                Close((int)WebSocketCloseStatus.InvalidMessageType, "Only text frames are understood.");
                return;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
            try
            {
                var (length, next, whole) = await ReadFrameAsync(buffer, first.EndOfMessage);
                buffer = next;
                Volatile.Write(ref _lastReceived, _time.GetTimestamp());
                if (received is not null)
                {
                    await received(Math.Abs(length));
                }

                if (whole)
                {
                    await receive(buffer.AsMemory(0, length));
                }
                else if (length < 0)
                {
                    return;
                }
                else
                {
                    tooLarge();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>
    /// Reads to the end of the message. Not whole: over the limit and discarded, or, with a negative length, the connection must end.
    /// </summary>
    private async Task<(int Length, byte[] Buffer, bool Whole)> ReadFrameAsync(byte[] buffer, bool done)
    {
        var length = 0;
        long discarded = 0;
        while (!done)
        {
            if (length == buffer.Length && length < ClientProtocol.MaxFrameBytes)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 4, ClientProtocol.MaxFrameBytes));
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var start = length < ClientProtocol.MaxFrameBytes ? length : 0;
            var end = Math.Min(buffer.Length, ClientProtocol.MaxFrameBytes);
            var received = await _socket.ReceiveAsync(buffer.AsMemory(start, end - start), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (-1, buffer, false);
            }

            done = received.EndOfMessage;
            if (length < ClientProtocol.MaxFrameBytes)
            {
                length += received.Count;
            }
            else
            {
                discarded += received.Count;
            }

            if (length + discarded > ClientProtocol.MaxDiscardedBytes)
            {
                Close((int)WebSocketCloseStatus.MessageTooBig, "The frame is over 1 MiB.");
                return (-1, buffer, false);
            }
        }

        return (length, buffer, discarded == 0);
    }

    private async Task WriteAsync()
    {
        try
        {
            Outbound next;
            while ((next = _outbound.Dequeue(out var frame)) == Outbound.Send)
            {
                Volatile.Write(ref _sendingSince, _time.GetTimestamp());
                await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                Volatile.Write(ref _sendingSince, 0);
            }

            if (next == Outbound.Rest)
            {
                return;
            }

            await CloseHandshakeAsync();
            EndWriting();
        }
        catch (Exception e)
        {
            Close(CloseCodes.Internal, "");
            var hasGone = e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;
            EndWriting(hasGone ? null : e);
        }
    }

    /// <returns>Always false.</returns>
    private static bool Dropped(string kind)
    {
        ChatMetrics.FramesDropped.Add(1, new KeyValuePair<string, object?>("kind", kind));
        return false;
    }

    private void EndWriting(Exception? bug = null)
    {
        _socket.Abort();
        if (bug is null)
        {
            _writeEnded.TrySetResult();
        }
        else
        {
            _writeEnded.TrySetException(bug);
        }
    }

    private async Task CloseHandshakeAsync()
    {
        using var timeout = new CancellationTokenSource(CloseTimeout, _time);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            var (code, reason) = _close ?? (CloseCodes.Internal, "");
            await _socket.CloseOutputAsync(
                (WebSocketCloseStatus)code,
                reason.Length > MaxCloseReasonBytes ? reason[..MaxCloseReasonBytes] : reason,
                timeout.Token);
        }

        // The peer's close frame ends the reading; a peer that sends none in time is dropped.
        await _readEnded.Task.WaitAsync(timeout.Token);
    }
}
