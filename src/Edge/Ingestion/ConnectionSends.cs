using System.Security.Cryptography;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Ingestion;

/// <summary>
/// The sends of one connection: keeps those to each room in order and bounds how many are in flight. A room has a pipeline only while the
/// connection has sends to it in flight. Thread-safe.
/// </summary>
internal sealed class ConnectionSends(IRoomGateway gateway, TimeProvider time, int maxInFlight)
{
    private readonly Dictionary<RoomId, SendPipeline> _pipelines = [];
    private TaskCompletionSource? _left;
    private int _inFlight;
    private long _numbers;

    public Lock Lock { get; } = new();

    public int MaxInFlight => maxInFlight;

    /// <summary>Identifies the connection to rooms.</summary>
    public long Stream { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Waits until another send may be in flight.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task left;
            lock (Lock)
            {
                if (_inFlight < maxInFlight)
                {
                    _inFlight++;
                    return;
                }

                left = (_left ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await left.WaitAsync(cancellationToken);
        }
    }

    public void Leave()
    {
        TaskCompletionSource? left;
        lock (Lock)
        {
            _inFlight--;
            (left, _left) = (_left, null);
        }

        left?.SetResult();
    }

    /// <summary>Sends after the connection's earlier sends to the room, and returns the reply.</summary>
    public Task<IReply> AskAsync(PostMessage command)
    {
        lock (Lock)
        {
            var room = command.Room;
            if (!_pipelines.TryGetValue(room, out var pipeline))
            {
                _pipelines.Add(room, pipeline = new SendPipeline(room, this, gateway, time));
            }

            return pipeline.AskAsync(command);
        }
    }

    internal long NextNumber() => ++_numbers;

    internal void Remove(SendPipeline pipeline) => _pipelines.Remove(pipeline.Room);
}
