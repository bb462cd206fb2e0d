using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Cluster.Tests.Support;

/// <summary>The room's log for look-ups alone: each is shown to the test, which answers it.</summary>
internal sealed class FakeRoomLog(IActorRef asked) : IRoomLog
{
    public Task<StoredMessage?> FindByClientIdAsync(RoomId room, UserId author, Guid clientId, CancellationToken cancellationToken = default)
    {
        var lookUp = new LookUp(clientId);
        asked.Tell(lookUp);
        return lookUp.Answer.Task;
    }

    public Task<RoomHead?> GetHeadAsync(RoomId room, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<RoomEventPage?> ReadEventsAsync(
        RoomId room,
        long afterSeq,
        int limit,
        UserId? viewer = null,
        int maxBytes = IRoomLog.MaxEventBytes,
        CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<RoomMessagePage?> ReadMessagesAsync(
        RoomId room, MessageQuery query, int limit, UserId? viewer = null, long thread = 0, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<MessageFacts?> FindFactsAsync(RoomId room, long seq, CancellationToken cancellationToken = default)
    {
        var lookUp = new MessageLookUp(seq);
        asked.Tell(lookUp);
        return lookUp.Answer.Task;
    }

    public Task<StoredMessage?> FindMessageAsync(RoomId room, long seq, UserId? viewer = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<StoredMessage>?> ListPinnedAsync(RoomId room, UserId? viewer = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    internal sealed record MessageLookUp(long Seq) : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<MessageFacts?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed record LookUp(Guid ClientId) : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<StoredMessage?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
