using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace AkkaChat.Cluster.Tests.Support;

/// <summary>Who is told of what arrives in a <see cref="ToldMailbox"/>.</summary>
public sealed class MailboxListener : Setup
{
    public IActorRef Listener { get; set; } = ActorRefs.Nobody;
}

/// <summary>
/// A mailbox that tells of each message put into it, by the name of its type: a test then knows that the result of a task has reached the
/// actor, and need not wait for it.
/// </summary>
public sealed class ToldMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<ToldMailbox.Queue>
{
    public const string Name = "told-mailbox";

    public const string Configuration =
        """
        told-mailbox.mailbox-type = "AkkaChat.Cluster.Tests.Support.ToldMailbox, AkkaChat.Cluster.Tests"
        """;

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) =>
        new Queue(system.Settings.Setup.Get<MailboxListener>().Value);

    public sealed class Queue(MailboxListener listener) : IMessageQueue, IUnboundedMessageQueueSemantics
    {
        private readonly ConcurrentQueue<Envelope> _queue = new();

        public bool HasMessages => !_queue.IsEmpty;

        public int Count => _queue.Count;

        public void Enqueue(IActorRef receiver, Envelope envelope)
        {
            _queue.Enqueue(envelope);
            listener.Listener.Tell(envelope.Message.GetType().Name);
        }

        public bool TryDequeue(out Envelope envelope) => _queue.TryDequeue(out envelope);

        public void CleanUp(IActorRef owner, IMessageQueue deadletters)
        {
            while (_queue.TryDequeue(out var envelope))
            {
                deadletters.Enqueue(owner, envelope);
            }
        }
    }
}
