using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Batches what the rooms of this node send to the edges. Everything that waits for one edge is published to the edge's topic as one
/// message: rooms that were committed by the same journal write share an envelope, and a reply travels with the event that the sender's
/// edge receives anyway. This delays nothing: a batch is what was in the mailbox.
/// </summary>
public sealed class EdgeOutbox : UntypedActor, IWithTimers
{
    /// <summary>An upper bound for a reply on the wire. Its text comes from the server, not from a user.</summary>
    private const int ReplyBytes = 512;

    private static readonly TimeSpan AskTopicsInterval = TimeSpan.FromSeconds(1);

    private readonly IActorRef _mediator;
    private readonly Dictionary<EdgeId, Batch> _batches = [];
    private readonly List<Batch> _filled = [];
    private HashSet<string> _topics = [];

    public EdgeOutbox(IActorRef mediator) => _mediator = mediator;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Broadcast broadcast:
                foreach (var edge in broadcast.Edges)
                {
                    Add(edge, broadcast.Message, broadcast.Bytes);
                }

                break;
            case Reply reply when _topics.Contains(reply.Edge.Topic):
                Add(reply.Edge, new EdgeAnswer(reply.To.Path.ToStringWithoutAddress(), reply.Message), ReplyBytes);
                break;
            case Reply reply:
                // Until gossip has brought the edge's subscription here, what is published to its topic is lost.
                reply.To.Tell(reply.Message);
                AskTopics();
                break;
            case Flush:
                foreach (var batch in _filled)
                {
                    Send(batch);
                }

                _filled.Clear();
                break;
            case CurrentTopics topics:
                _topics = [.. topics.Topics];
                foreach (var gone in _batches.Where(batch => batch.Value.Items.Count == 0 && !_topics.Contains(batch.Key.Topic)).ToList())
                {
                    _batches.Remove(gone.Key);
                }

                break;
            case AskTopicsTick:
                _mediator.Tell(GetTopics.Instance);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Add(EdgeId edge, IEdgeItem item, int bytes)
    {
        if (!_batches.TryGetValue(edge, out var batch))
        {
            _batches.Add(edge, batch = new Batch(edge.Topic));
        }

        if (batch.Bytes + bytes > RoomOptions.MaxEventBytes && batch.Items.Count > 0)
        {
            Send(batch);
            _filled.Remove(batch);
        }

        if (batch.Items.Count == 0)
        {
            if (_filled.Count == 0)
            {
                Self.Tell(Flush.Instance);
            }

            _filled.Add(batch);
        }

        batch.Items.Add(item);
        batch.Bytes += bytes;
    }

    private void Send(Batch batch)
    {
        _mediator.Tell(new Publish(batch.Topic, batch.Items is [IBroadcast single] ? single : new EdgeBatch([.. batch.Items])));
        batch.Items.Clear();
        batch.Bytes = 0;
    }

    private void AskTopics()
    {
        if (!Timers.IsTimerActive(nameof(AskTopicsTick)))
        {
            Timers.StartSingleTimer(nameof(AskTopicsTick), AskTopicsTick.Instance, AskTopicsInterval);
        }
    }

    /// <summary>To the edges that watch the room.</summary>
    /// <param name="Bytes">An upper bound for the message on the wire.</param>
    internal sealed record Broadcast(IReadOnlyList<EdgeId> Edges, IBroadcast Message, int Bytes) : INoSerializationVerificationNeeded;

    /// <summary>To the actor on the edge that sent the command.</summary>
    internal sealed record Reply(EdgeId Edge, IActorRef To, IReply Message) : INoSerializationVerificationNeeded;

    private sealed class Batch(string topic)
    {
        public string Topic => topic;

        public List<IEdgeItem> Items { get; } = [];

        public int Bytes { get; set; }
    }

    private sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    private sealed class AskTopicsTick : INoSerializationVerificationNeeded
    {
        public static readonly AskTopicsTick Instance = new();
    }
}

internal static class EdgeOutboxHosting
{
    public static AkkaConfigurationBuilder WithEdgeOutbox(this AkkaConfigurationBuilder builder) => builder.WithActors((system, registry) =>
    {
        var mediator = DistributedPubSub.Get(system).Mediator;
        registry.Register<EdgeOutbox>(system.ActorOf(Props.Create(() => new EdgeOutbox(mediator)), "edge-outbox"));
    });
}
