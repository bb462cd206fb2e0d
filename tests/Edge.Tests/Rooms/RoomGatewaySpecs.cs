using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Rooms;

public sealed class RoomGatewaySpecs() : TestKit(RoomRelaySpecs.Quiet)
{
    private static readonly PostMessage Command = new(Some.Room, Some.Ana, Guid.CreateVersion7(), "hello", 0);
    private static readonly Nack Busy = new(NackCode.Busy, "busy", TimeSpan.FromMilliseconds(700));

    private readonly GatewayOptions _options = new() { AttemptTimeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task Command_ShouldBeSentAgainAsItIs_WhenNothingAnswers()
    {
        var (rooms, reply) = Ask();
        var ack = new PostAck(7, 3, DateTimeOffset.UnixEpoch, Duplicate: true);

        Assert.Same(Command, await rooms.ExpectMsgAsync<PostMessage>());
        Assert.Same(Command, await rooms.ExpectMsgAsync<PostMessage>());
        rooms.Reply(ack);

        Assert.Equal(ack, await reply);
    }

    /// <summary>Nothing was stored, and that is known.</summary>
    [Fact]
    public async Task Busy_ShouldBeTheAnswer_WhenTheFirstAttemptIsRefused()
    {
        var (rooms, reply) = Ask();

        await rooms.ExpectMsgAsync<PostMessage>();
        rooms.Reply(Busy);

        Assert.Equal(Busy, await reply);
    }

    /// <summary>The attempt before may have been stored, so that it must not be said that nothing was.</summary>
    [Fact]
    public async Task Unavailable_ShouldBeTheAnswer_WhenARoomIsBusyAfterAnAttemptWithoutAnswer()
    {
        var (rooms, reply) = Ask();

        await rooms.ExpectMsgAsync<PostMessage>();
        await rooms.ExpectMsgAsync<PostMessage>();
        rooms.Reply(Busy);

        Assert.Equal(Busy with { Code = NackCode.Unavailable }, await reply);
    }

    [Fact]
    public async Task Unavailable_ShouldBeTheAnswer_WhenNothingAnswersForLong()
    {
        _options.Patience = TimeSpan.FromSeconds(3);
        var (rooms, reply) = Ask();

        Assert.Equal(NackCode.Unavailable, Assert.IsType<Nack>(await reply).Code);
        await rooms.ExpectMsgAsync<PostMessage>();
        await rooms.ExpectMsgAsync<PostMessage>();
    }

    private (TestProbe Rooms, Task<IReply> Reply) Ask()
    {
        var rooms = CreateTestProbe();
        return (rooms, new RoomGateway(rooms, _options, TimeProvider.System).AskAsync(Command).WaitAsync(TimeSpan.FromSeconds(15)));
    }
}
