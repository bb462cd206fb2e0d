namespace AkkaChat.Messages.Ids;

/// <summary>One incarnation of an edge node: its name in the cluster and the uid of its actor system, so that a restart is another edge.</summary>
public readonly record struct EdgeId(string Value)
{
    /// <summary>The pub-sub topic to which only this edge subscribes.</summary>
    public string Topic => "edge-" + Value;

    public override string ToString() => Value;
}
