using Akka.Actor;

namespace AkkaChat.Cluster.Hosting;

/// <summary>The node's actor system once it has started. Asking the container for it before would start it too early.</summary>
public sealed class RunningSystem
{
    private volatile ActorSystem? _system;

    /// <summary>Null until all actors of the node have been started.</summary>
    public ActorSystem? System => _system;

    internal void Started(ActorSystem system) => _system = system;
}
