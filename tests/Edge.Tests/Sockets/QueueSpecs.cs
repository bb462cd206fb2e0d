using System.Threading.Channels;
using AkkaChat.Edge.Sockets;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Support;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Edge.Tests.Sockets;

public sealed class OutboundQueueSpecs
{
    private static readonly ReadOnlyMemory<byte> Frame = new byte[10];

    private readonly FakeWriter _writer = new();
    private readonly OutboundQueue _queue;

    public OutboundQueueSpecs()
    {
        _queue = new OutboundQueue(maxFrames: 8, maxBytes: 1000, _writer);
        Assert.Equal(Outbound.Rest, _queue.Dequeue(out _));
    }

    [Fact]
    public void TryEnqueue_ShouldKeepRoomForWhatMattersMore_WhenTheQueueFills()
    {
        Assert.Equal(4, Count(_queue.TryEnqueueEphemeral));
        Assert.Equal(4, Count(_queue.TryEnqueueEvent));
        Assert.Equal(8, Count(_queue.TryEnqueue));
        Assert.False(_queue.TryEnqueueEphemeral(Frame));
    }

    [Fact]
    public void TryEnqueue_ShouldCountBytes_WhenFramesAreLarge()
    {
        Assert.True(_queue.TryEnqueueEvent(new byte[600]));
        Assert.False(_queue.TryEnqueueEvent(new byte[401]));
        Assert.True(_queue.TryEnqueueEvent(new byte[400]));
        Assert.True(_queue.TryEnqueue(new byte[1000]));
        Assert.False(_queue.TryEnqueue(new byte[1]));
    }

    [Fact]
    public void TryEnqueue_ShouldTakeAFrameLargerThanTheBound_WhenTheQueueIsEmpty()
    {
        Assert.True(_queue.TryEnqueueEvent(new byte[5000]));
        Assert.False(_queue.TryEnqueueEvent(Frame));
    }

    [Fact]
    public void Dequeue_ShouldGiveFramesInOrder_WhenTheyWereQueued()
    {
        for (byte i = 0; i < 5; i++)
        {
            _queue.TryEnqueue(new[] { i });
        }

        for (byte i = 0; i < 5; i++)
        {
            Assert.Equal(Outbound.Send, _queue.Dequeue(out var frame));
            Assert.Equal(i, frame.Span[0]);
        }

        Assert.True(_queue.Count == 0);
        Assert.Equal(Outbound.Rest, _queue.Dequeue(out _));
    }

    [Fact]
    public async Task Writer_ShouldBeCalledOnce_UntilItHasSeenTheQueueEmpty()
    {
        _queue.TryEnqueueEphemeral(Frame);
        _queue.TryEnqueueEvent(Frame);
        await _writer.CalledAsync();

        _queue.Dequeue(out _);
        _queue.Dequeue(out _);
        _queue.TryEnqueueEvent(Frame); // the writer has not looked again: it will find this
        Assert.Equal(Outbound.Send, _queue.Dequeue(out _));
        Assert.Equal(Outbound.Rest, _queue.Dequeue(out _));
        Assert.False(_writer.IsCalled);

        _queue.TryEnqueueEvent(Frame);
        await _writer.CalledAsync();
        Assert.False(_writer.IsCalled);
    }

    [Fact]
    public async Task Writer_ShouldBeCalled_WhenTheQueueIsCompletedAtRest()
    {
        _queue.Complete();
        await _writer.CalledAsync();

        Assert.Equal(Outbound.End, _queue.Dequeue(out _));
        _queue.Complete();
        Assert.False(_writer.IsCalled);
    }

    [Fact]
    public async Task Enqueue_ShouldWaitForRoom_WhenTheQueueIsFull()
    {
        Count(_queue.TryEnqueueEvent);
        var waiting = _queue.EnqueueAsync(Frame).AsTask();
        Assert.False(waiting.IsCompleted);

        _queue.Dequeue(out _);

        Assert.True(await waiting.WaitAsync(Eventually.DefaultTimeout));
        Assert.False(_queue.TryEnqueueEvent(Frame));
    }

    /// <summary>Between finding the queue full and waiting for room, the writer may take all there is: nobody would wake the one who waits.</summary>
    [Fact]
    public async Task Enqueue_ShouldNotWait_WhenTheWriterTakesAllMeanwhile()
    {
        var writer = new FakeWriter();
        var queue = new OutboundQueue(maxFrames: 1, maxBytes: 1000, writer);
        const int Frames = 20_000;
        // Both spin, so that they meet in every way there is; the reader never waits for a call.
        var reading = Task.Run(() =>
        {
            for (var read = 0; read < Frames;)
            {
                read += queue.Dequeue(out _) == Outbound.Send ? 1 : 0;
            }
        });
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Frames; i++)
            {
                Assert.True(await queue.EnqueueAsync(Frame));
            }
        });

        await Task.WhenAll(reading, writing).WaitAsync(Eventually.DefaultTimeout);
    }

    [Fact]
    public async Task Complete_ShouldLetWhatIsQueuedOut_WhenCalled()
    {
        Count(_queue.TryEnqueueEvent);
        var waiting = _queue.EnqueueAsync(Frame).AsTask();

        _queue.Complete();

        Assert.False(await waiting.WaitAsync(Eventually.DefaultTimeout));
        Assert.False(_queue.TryEnqueue(Frame));
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(Outbound.Send, _queue.Dequeue(out _));
        }

        Assert.Equal(Outbound.End, _queue.Dequeue(out _));
    }

    [Fact]
    public async Task Queue_ShouldLoseAndDoubleNothing_WhenManyWriteAndOneReads()
    {
        var reader = new FakeWriter();
        var queue = new OutboundQueue(64, 1_000_000, reader);
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                Assert.True(await queue.EnqueueAsync(BitConverter.GetBytes((writer * 1000) + i)));
            }
        })).ToList();
        var got = new List<int>();
        while (got.Count < 2000)
        {
            if (queue.Dequeue(out var frame) == Outbound.Send)
            {
                got.Add(BitConverter.ToInt32(frame.Span));
            }
            else
            {
                await reader.CalledAsync();
            }
        }

        await Task.WhenAll(writers);
        for (var writer = 0; writer < 4; writer++)
        {
            Assert.Equal(Enumerable.Range(writer * 1000, 500), got.Where(i => i / 1000 == writer));
        }
    }

    private sealed class FakeWriter : IThreadPoolWorkItem
    {
        private readonly Channel<bool> _calls = Channel.CreateUnbounded<bool>();

        /// <summary>Whether a call is waiting that no test has taken.</summary>
        public bool IsCalled => _calls.Reader.Count > 0;

        public void Execute() => _calls.Writer.TryWrite(true);

        public Task<bool> CalledAsync() => _calls.Reader.ReadAsync().AsTask().WaitAsync(Eventually.DefaultTimeout);
    }

    private static int Count(Func<ReadOnlyMemory<byte>, bool> add) => Enumerable.Range(0, 100).TakeWhile(_ => add(Frame)).Count();
}

public sealed class ClientConnectionSpecs
{
    [Fact]
    public async Task IsStuck_ShouldBeFalse_WhenFramesComeAfterALongQuiet()
    {
        var time = new ShiftedTime();
        var socket = new FakeWebSocket { Reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        using var connection = new ClientConnection(socket, new SocketOptions(), time);
        var running = connection.RunAsync(_ => ValueTask.CompletedTask, () => { });
        time.Advance(TimeSpan.FromMinutes(1));

        connection.Send(ClientFrames.Pong);
        connection.Send(ClientFrames.Pong);

        // The reader has had no time at all to take them.
        Assert.False(connection.IsStuck);
        await Eventually.AssertAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(21));
            Assert.True(connection.IsStuck);
        });
        socket.Reads.SetResult();
        await Eventually.AssertAsync(() => Assert.Equal(2, socket.Sent.Count));
        Assert.False(connection.IsStuck);
        connection.Close(CloseCodes.Restarting, "bye");
        await running.WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal(1012, socket.Code);
    }

    [Fact]
    public async Task IsStuck_ShouldBeTrue_WhenASingleFrameIsNotTaken()
    {
        var time = new ShiftedTime();
        var socket = new FakeWebSocket { Reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        using var connection = new ClientConnection(socket, new SocketOptions(), time);
        var running = connection.RunAsync(_ => ValueTask.CompletedTask, () => { });

        connection.Send(ClientFrames.Pong);

        await Eventually.AssertAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(21));
            Assert.True(connection.IsStuck);
        });
        connection.Abort();
        await running.WaitAsync(Eventually.DefaultTimeout);
    }

    [Fact]
    public async Task Run_ShouldCloseWith4000_WhenAHandlerFails()
    {
        var socket = new FakeWebSocket();
        using var connection = new ClientConnection(socket, new SocketOptions(), TimeProvider.System);
        var running = connection.RunAsync(_ => throw new InvalidOperationException("a bug"), () => { });
        await socket.SayAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(Eventually.DefaultTimeout));
        Assert.Equal(4000, socket.Code);
    }

    [Fact]
    public async Task Send_ShouldCloseWith4408_WhenEvenRepliesFindNoRoom()
    {
        var socket = new FakeWebSocket { Reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        using var connection = new ClientConnection(socket, new SocketOptions { MaxQueuedFrames = 16 }, TimeProvider.System);
        var running = connection.RunAsync(_ => ValueTask.CompletedTask, () => { });

        for (var i = 0; i < 40; i++)
        {
            connection.Send(ClientFrames.Pong);
        }

        Assert.True(connection.Ended.IsCancellationRequested);
        socket.Reads.SetResult();
        await running.WaitAsync(Eventually.DefaultTimeout);
        Assert.Equal(4408, socket.Code);
    }
}
