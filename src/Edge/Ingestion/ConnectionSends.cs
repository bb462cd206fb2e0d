using System.Security.Cryptography;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Ingestion;

/// <summary>
/// The sends of one connection: keeps those into each room in order, and bounds how many may be under way. The pipeline of a room is there
/// only while the connection has sends under way into it. Thread-safe.
/// </summary>
internal sealed class ConnectionSends(IRoomGateway gateway, TimeProvider time, int maxUnderWay)
{
    private readonly Dictionary<RoomId, SendPipeline> _pipelines = [];
    private TaskCompletionSource? _left;
    private int _underWay;
    private long _numbers;

    public Lock Lock { get; } = new();

    public int MaxUnderWay => maxUnderWay;

    /// <summary>What rooms know the connection by.</summary>
    public long Stream { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Waits until one more send may be under way.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task left;
            lock (Lock)
            {
                if (_underWay < maxUnderWay)
                {
                    _underWay++;
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
            _underWay--;
            (left, _left) = (_left, null);
        }

        left?.SetResult();
    }

    /// <summary>Sends behind the connection's earlier sends into the room and gives the one answer.</summary>
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
