using Akka.Actor;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Cluster.Tests.Support;

/// <summary>Shows each call to the test, which ends it.</summary>
internal sealed class FakeProjection(IActorRef work, IActorRef sweeps) : IRoomProjection
{
    public async Task<CatchUpResult> CatchUpAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        var call = new CatchUp(room);
        work.Tell(call);
        await call.Done.Task;
        return new CatchUpResult(1, 1, []);
    }

    public Task<IReadOnlyList<RoomId>> FindLaggingAsync(int limit, CancellationToken cancellationToken = default)
    {
        var call = new Sweep();
        sweeps.Tell(call);
        return call.Found.Task;
    }

    internal sealed record CatchUp(RoomId Room) : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed record Sweep : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<IReadOnlyList<RoomId>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
