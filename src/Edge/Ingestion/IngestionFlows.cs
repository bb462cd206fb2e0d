using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Edge.Ingestion;

/// <summary>One send on its way to its room.</summary>
internal interface ISend
{
    /// <summary>The connection that it came from.</summary>
    ConnectionSends Connection { get; }

    RoomProtocol.PostMessage Command { get; }

    /// <summary>Called once, with the reply.</summary>
    void Complete(RoomProtocol.IReply reply);
}

/// <summary>
/// Takes sends from sockets to rooms through a few lanes. Each lane is a bounded channel, drained by one Akka.Streams graph with a bounded
/// number of sends in flight. While a lane is full, the sockets that feed it are not read, and TCP slows their senders down. A lane starts
/// its sends in order and completes them in any order; <see cref="SendPipeline"/> keeps a connection's sends to a room in order. A slow
/// room takes at most its own share of a lane; and while a lane is more than half full, a send whose room does not answer soon (its node has
/// died) leaves the lane and waits beside it, so that the other nodes' rooms are served.
/// </summary>
internal sealed class IngestionFlows
{
    /// <summary>How many lanes' worth of sends may wait beside a lane. Each is bounded by its connection and its room too.</summary>
    private const int BesideFactor = 4;

    private static readonly TimeSpan LeaveLane = TimeSpan.FromMilliseconds(500);

    private readonly ILoggingAdapter _log;
    private readonly IngestionOptions _options;
    private readonly IRoomGateway _gateway;
    private readonly TimeProvider _time;
    private readonly ChannelWriter<ISend>[] _lanes;
    private readonly ConcurrentDictionary<RoomId, int> _inFlight = new();

    public IngestionFlows(ActorSystem system, IRoomGateway gateway, IngestionOptions options, TimeProvider time)
    {
        (_gateway, _options, _time, _log) = (gateway, options, time, system.Log);
        var materializer = system.Materializer(namePrefix: "ingestion");
        _lanes = new ChannelWriter<ISend>[options.Lanes];
        for (var i = 0; i < options.Lanes; i++)
        {
            // When it is full the writer waits, and the socket's read loop with it.
            var lane = Channel.CreateBounded<ISend>(new BoundedChannelOptions(options.LaneCapacity) { SingleReader = true });
            _lanes[i] = lane.Writer;
            ChannelSource.FromReader(lane.Reader)
                .SelectAsyncUnordered(options.InFlightPerLane, new Lane(this).SendAsync)
                .WithAttributes(ActorAttributes.CreateSupervisionStrategy(cause => ResumeLane(system, cause)))
                .RunWith(Sink.Ignore<NotUsed>(), materializer);
        }
    }

    /// <summary>The sends of a new connection.</summary>
    public ConnectionSends Open() => new(_gateway, _time, _options.InFlightPerConnection);

    /// <summary>Waits until the connection may have another send in flight and the lane has space.</summary>
    public async ValueTask WriteAsync(ISend send, CancellationToken cancellationToken)
    {
        await send.Connection.EnterAsync(cancellationToken);
        try
        {
            await _lanes[(uint)send.Command.Room.GetHashCode() % (uint)_lanes.Length].WriteAsync(send, cancellationToken);
        }
        catch
        {
            send.Connection.Leave();
            throw;
        }
    }

    /// <summary>A bug in one send must not stop the lane for all others. Its sender gets no reply and retries.</summary>
    private static Akka.Streams.Supervision.Directive ResumeLane(ActorSystem system, Exception cause)
    {
        system.Log.Error(cause, "A send failed unexpectedly");
        return Akka.Streams.Supervision.Directive.Resume;
    }

    private async Task SendAsync(ISend send)
    {
        var room = send.Command.Room;
        ChatMetrics.SendsInFlight.Add(1);
        try
        {
            if (_inFlight.AddOrUpdate(room, 1, (_, count) => count + 1) > _options.InFlightPerRoom)
            {
                send.Complete(RoomActor.Busy);
            }
            else
            {
                send.Complete(await send.Connection.AskAsync(send.Command));
            }
        }
        finally
        {
            ChatMetrics.SendsInFlight.Add(-1);
            Release(room);
            send.Connection.Leave();
        }
    }

    /// <summary>The sends in flight of one lane.</summary>
    private sealed class Lane(IngestionFlows flows)
    {
        private int _inFlight;
        private int _beside;

        /// <summary>Ends when the send no longer needs its place in the lane.</summary>
        public async Task<NotUsed> SendAsync(ISend send)
        {
            var limit = flows._options.InFlightPerLane;
            var isCrowded = Interlocked.Increment(ref _inFlight) > limit / 2;
            try
            {
                var sending = flows.SendAsync(send);
                if (isCrowded && !sending.IsCompleted && Volatile.Read(ref _beside) < BesideFactor * limit)
                {
                    await Task.WhenAny(sending, Task.Delay(LeaveLane, flows._time));
                    if (!sending.IsCompleted)
                    {
                        Interlocked.Increment(ref _beside);
                        _ = WaitBesideAsync(sending);
                        return NotUsed.Instance;
                    }
                }

                await sending;
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }

            return NotUsed.Instance;
        }

        private async Task WaitBesideAsync(Task sending)
        {
            try
            {
                await sending;
            }
            catch (Exception e)
            {
                flows._log.Error(e, "A send failed unexpectedly");
            }
            finally
            {
                Interlocked.Decrement(ref _beside);
            }
        }
    }

    private void Release(RoomId room)
    {
        if (_inFlight.AddOrUpdate(room, 0, (_, count) => count - 1) == 0)
        {
            _inFlight.TryRemove(KeyValuePair.Create(room, 0));
        }
    }
}
