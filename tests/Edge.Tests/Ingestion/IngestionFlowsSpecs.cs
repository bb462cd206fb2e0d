using System.Collections.Concurrent;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Ingestion;

/// <summary>One lane, and rooms that answer when the spec says so.</summary>
public sealed class IngestionFlowsSpecs : TestKit, IRoomGateway
{
    private static readonly PostAck Ack = new(1, 1, DateTimeOffset.UnixEpoch, Duplicate: false);
    private static readonly RoomId Slow = new($"r_{new string('5', 32)}");

    private readonly IngestionOptions _options = new() { Lanes = 1 };
    private readonly IngestionFlows _flows;
    private readonly ConcurrentQueue<TaskCompletionSource<IReply>> _slow = new();

    public IngestionFlowsSpecs()
        : base(RoomRelaySpecs.Quiet) => _flows = new IngestionFlows(Sys, this, _options, TimeProvider.System);

    [Fact]
    public async Task Room_ShouldNotHoldTheOthersOfItsLane_WhenItDoesNotAnswer()
    {
        var slow = new List<Send>();
        for (var connection = 0; connection < 20; connection++)
        {
            var sends = _flows.Open();
            for (var i = 0; i < 210; i++)
            {
                slow.Add(await WriteAsync(sends, Slow));
            }
        }

        Assert.Equal(Ack, await (await WriteAsync(_flows.Open(), Some.Room)).Answer.WaitAsync(Eventually.DefaultTimeout));
        await Eventually.AssertAsync(() => Assert.Equal(slow.Count - _options.InFlightPerRoom, slow.Count(send => send.Answer.IsCompleted)));
        Assert.Equal(_options.InFlightPerRoom, _slow.Count);
        Assert.All(slow.Where(send => send.Answer.IsCompleted), async send => Assert.Equal(NackCode.Busy, Assert.IsType<Nack>(await send.Answer).Code));
    }

    [Fact]
    public async Task Rooms_ShouldBeServed_WhenThoseOfADeadNodeWouldFillTheLane()
    {
        // More than the lane takes, of many rooms, none of which answers.
        var dead = Enumerable.Range(0, 16).Select(i => new RoomId($"r_{i:x}{new string('e', 31)}")).ToList();
        var sends = new List<Send>();
        for (var i = 0; i < _options.InFlightPerLane + 2_000; i += 200)
        {
            var connection = _flows.Open();
            for (var n = 0; n < 200; n++)
            {
                sends.Add(await WriteAsync(connection, dead[(i / 200) % dead.Count]));
            }
        }

        Assert.Equal(Ack, await (await WriteAsync(_flows.Open(), Some.Room)).Answer.WaitAsync(Eventually.DefaultTimeout));

        // Beside the lane they are not forgotten.
        await Eventually.AssertAsync(() => Assert.Equal(sends.Count, _slow.Count));
        foreach (var waiting in _slow)
        {
            waiting.TrySetResult(Ack);
        }

        Assert.All(await Task.WhenAll(sends.Select(send => send.Answer.WaitAsync(Eventually.DefaultTimeout))), answer => Assert.Equal(Ack, answer));
    }

    [Fact]
    public async Task Connection_ShouldNotBeRead_WhenItHasTooManySendsUnderWay()
    {
        var sends = _flows.Open();
        for (var i = 0; i < _options.InFlightPerConnection; i++)
        {
            await WriteAsync(sends, Slow);
        }

        var next = WriteAsync(sends, Some.Room);
        Assert.False(next.IsCompleted);
        await Eventually.AssertAsync(() => Assert.Equal(_options.InFlightPerConnection, _slow.Count));

        Assert.True(_slow.TryDequeue(out var first));
        first.SetResult(Ack);

        Assert.Equal(Ack, await (await next.WaitAsync(Eventually.DefaultTimeout)).Answer.WaitAsync(Eventually.DefaultTimeout));
    }

    [Fact]
    public async Task Send_ShouldNotHoldThoseBehindIt_WhenItFailsByABug()
    {
        var sends = _flows.Open();
        var first = await WriteAsync(sends, Slow);
        var second = await WriteAsync(sends, Slow);
        await Eventually.AssertAsync(() => Assert.Equal(2, _slow.Count));
        Assert.True(_slow.TryDequeue(out var failing));
        Assert.True(_slow.TryDequeue(out var good));

        failing.SetException(new InvalidOperationException("a bug"));
        good.SetResult(Ack);

        Assert.Equal(Ack, await second.Answer.WaitAsync(Eventually.DefaultTimeout));
        var third = await WriteAsync(sends, Slow);
        await Eventually.AssertAsync(() => Assert.True(_slow.TryPeek(out var next) && next.TrySetResult(Ack)));
        Assert.Equal(Ack, await third.Answer.WaitAsync(Eventually.DefaultTimeout));
        Assert.False(first.Answer.IsCompleted);
    }

    Attempts IRoomGateway.Begin() => new(new GatewayOptions(), TimeProvider.System);

    Task<IReply> IRoomGateway.AttemptAsync(ICommand command)
    {
        if (command.Room == Some.Room)
        {
            return Task.FromResult<IReply>(Ack);
        }

        var reply = new TaskCompletionSource<IReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _slow.Enqueue(reply);
        return reply.Task;
    }

    private async Task<Send> WriteAsync(ConnectionSends connection, RoomId room)
    {
        var send = new Send(connection, new PostMessage(room, Some.Ana, Guid.CreateVersion7(), "hi", 0));
        await _flows.WriteAsync(send, CancellationToken.None);
        return send;
    }

    private sealed class Send(ConnectionSends connection, PostMessage command) : ISend
    {
        private readonly TaskCompletionSource<IReply> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConnectionSends Connection => connection;

        public PostMessage Command => command;

        public Task<IReply> Answer => _answer.Task;

        public void Complete(IReply reply) => _answer.SetResult(reply);
    }
}
