using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;

namespace AkkaChat.Edge.Ingestion;

/// <summary>One send on its way to its room.</summary>
internal interface ISend
{
    /// <summary>The connection that keeps it in order.</summary>
    ConnectionSends Connection { get; }

    RoomProtocol.PostMessage Command { get; }

    /// <summary>Gets the one reply.</summary>
    void Complete(RoomProtocol.IReply reply);
}

/// <summary>
/// The edge's way in: a few lanes, each a bounded channel drained by one Akka.Streams graph that keeps a bounded number of sends under way.
/// A full lane stops the sockets that feed it, and TCP stops their senders. A lane begins its sends in the order in which it was fed and
/// ends them in any; the order of a connection's sends into a room is kept by <see cref="SendPipeline"/>. A slow room holds at most its own
/// share of a lane.
/// </summary>
internal sealed class IngestionFlows
{
    private static readonly RoomProtocol.Nack Busy =
        new(NackCode.Busy, "The room has more to do than it can take.", TimeSpan.FromMilliseconds(250));

    private readonly IngestionOptions _options;
    private readonly IRoomGateway _gateway;
    private readonly TimeProvider _time;
    private readonly ChannelWriter<ISend>[] _lanes;
    private readonly ConcurrentDictionary<RoomId, int> _inFlight = new();

    public IngestionFlows(ActorSystem system, IRoomGateway gateway, IngestionOptions options, TimeProvider time)
    {
        (_gateway, _options, _time) = (gateway, options, time);
        var materializer = system.Materializer(namePrefix: "ingestion");
        _lanes = new ChannelWriter<ISend>[options.Lanes];
        for (var i = 0; i < options.Lanes; i++)
        {
            // Full: the writer waits, and with it the socket's read loop.
            var lane = Channel.CreateBounded<ISend>(new BoundedChannelOptions(options.LaneCapacity) { SingleReader = true });
            _lanes[i] = lane.Writer;
            ChannelSource.FromReader(lane.Reader)
                .SelectAsyncUnordered(options.InFlightPerLane, CarryAsync)
                .WithAttributes(ActorAttributes.CreateSupervisionStrategy(cause => KeepLane(system, cause)))
                .RunWith(Sink.Ignore<NotUsed>(), materializer);
        }
    }

    /// <summary>The sends of a new connection.</summary>
    public ConnectionSends Open() => new(_gateway, _time, _options.InFlightPerConnection);

    /// <summary>Waits until the connection may have one more send under way, and for room in the lane.</summary>
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

    /// <summary>A bug met by one send must not end the lane that all the others take; the sender hears nothing and sends again.</summary>
    private static Akka.Streams.Supervision.Directive KeepLane(ActorSystem system, Exception cause)
    {
        system.Log.Error(cause, "A send failed unexpectedly");
        return Akka.Streams.Supervision.Directive.Resume;
    }

    private async Task<NotUsed> CarryAsync(ISend send)
    {
        var room = send.Command.Room;
        ChatMetrics.SendsInFlight.Add(1);
        try
        {
            if (_inFlight.AddOrUpdate(room, 1, (_, count) => count + 1) > _options.InFlightPerRoom)
            {
                send.Complete(Busy);
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

        return NotUsed.Instance;
    }

    private void Release(RoomId room)
    {
        if (_inFlight.AddOrUpdate(room, 0, (_, count) => count - 1) == 0)
        {
            _inFlight.TryRemove(KeyValuePair.Create(room, 0));
        }
    }
}
