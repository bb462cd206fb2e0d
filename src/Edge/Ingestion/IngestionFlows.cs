using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Ingestion;

/// <summary>How sends travel from sockets to rooms. Read from <c>AkkaChat:Ingestion</c>.</summary>
public sealed class IngestionOptions
{
    public const string SectionName = "AkkaChat:Ingestion";

    /// <summary>Lanes of this edge; a room always takes the same one. Default 4.</summary>
    public int Lanes { get; set; } = 4;

    /// <summary>Sends that may wait in a lane; beyond it the sockets that feed the lane are not read. Default 1,024.</summary>
    public int LaneCapacity { get; set; } = 1_024;

    /// <summary>Sends of a lane that may be under way. Default 1,024.</summary>
    public int InFlightPerLane { get; set; } = 1_024;

    /// <summary>Sends of one room that may be under way from this edge; the next answers <c>busy</c>. Default 512.</summary>
    public int InFlightPerRoom { get; set; } = 512;
}

internal sealed class IngestionOptionsValidator : IValidateOptions<IngestionOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestionOptions options) => new SettingRules(IngestionOptions.SectionName)
        .Require(options.Lanes is >= 1 and <= 64, nameof(options.Lanes), "from 1 to 64")
        .Require(options.LaneCapacity >= 1, nameof(options.LaneCapacity), "at least 1")
        .Require(options.InFlightPerLane >= 1, nameof(options.InFlightPerLane), "at least 1")
        .Require(options.InFlightPerRoom >= 1, nameof(options.InFlightPerRoom), "at least 1")
        .ToResult();
}

/// <summary>One send on its way to its room.</summary>
internal interface ISend
{
    RoomProtocol.PostMessage Command { get; }

    /// <summary>Runs <paramref name="post"/> in the order in which the connection sent.</summary>
    Task InOrder(Func<Task> post);

    /// <summary>Gets the one reply.</summary>
    void Complete(RoomProtocol.IReply reply);
}

/// <summary>
/// The edge's way in: a few lanes, each a bounded channel drained by one Akka.Streams graph that keeps a bounded number of asks under way.
/// A full lane stops the sockets that feed it, and TCP stops their senders. The lanes keep the order in which they were fed; a slow room
/// holds at most its own share of a lane.
/// </summary>
internal sealed class IngestionFlows
{
    private static readonly RoomProtocol.Nack Busy =
        new(NackCode.Busy, "The room has more to do than it can take.", TimeSpan.FromMilliseconds(250));

    private readonly IngestionOptions _options;
    private readonly RoomGateway _gateway;
    private readonly ChannelWriter<ISend>[] _lanes;
    private readonly ConcurrentDictionary<RoomId, int> _inFlight = new();

    public IngestionFlows(ActorSystem system, RoomGateway gateway, IngestionOptions options)
    {
        (_gateway, _options) = (gateway, options);
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

    /// <summary>Waits for room in the lane.</summary>
    public ValueTask WriteAsync(ISend send, CancellationToken cancellationToken) =>
        _lanes[(uint)send.Command.Room.GetHashCode() % (uint)_lanes.Length].WriteAsync(send, cancellationToken);

    /// <summary>A bug met by one send must not end the lane that all the others take; the sender hears nothing and sends again.</summary>
    private static Akka.Streams.Supervision.Directive KeepLane(ActorSystem system, Exception cause)
    {
        system.Log.Error(cause, "A send failed in an unforeseen way");
        return Akka.Streams.Supervision.Directive.Resume;
    }

    private async Task<NotUsed> CarryAsync(ISend send)
    {
        var room = send.Command.Room;
        if (_inFlight.AddOrUpdate(room, 1, (_, count) => count + 1) > _options.InFlightPerRoom)
        {
            Release(room);
            send.Complete(Busy);
            return NotUsed.Instance;
        }

        try
        {
            await send.InOrder(async () => send.Complete(await _gateway.AskAsync(send.Command)));
        }
        finally
        {
            Release(room);
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
