using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;

namespace AkkaChat.Cluster.Tests.Support;

/// <summary>Shows each call to the test, which ends it.</summary>
internal sealed class FakeConsumers(IActorRef work, IActorRef sweeps) : IRoomConsumers
{
    public Task CatchUpAsync(RoomId room, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The driver catches up rooms together.");

    public Task<IReadOnlyDictionary<RoomId, Exception>> CatchUpAllAsync(
        IReadOnlyCollection<RoomId> rooms,
        CancellationToken cancellationToken = default)
    {
        var call = new CatchUp(rooms);
        work.Tell(call);
        return call.Failed.Task;
    }

    public Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default)
    {
        var call = new Sweep();
        sweeps.Tell(call);
        return call.Found.Task;
    }

    internal sealed record CatchUp(IReadOnlyCollection<RoomId> Rooms) : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<IReadOnlyDictionary<RoomId, Exception>> Failed { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed record Sweep : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<IReadOnlyList<RoomId>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
