using System.Diagnostics;

namespace AkkaChat.Messages.Telemetry;

/// <summary>
/// The trace of a message, from the sender's socket through the room's commit to the edges that deliver it. Its context travels in the
/// messages between nodes as W3C's <c>traceparent</c>. While nothing listens, or if a send is not sampled, nothing is created or sent.
/// </summary>
public static class ChatTracing
{
    public const string SourceName = "AkkaChat";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A send, from reading its frame to its reply. Starts the trace: clients pass no parent.</summary>
    public static Activity? StartSend(string room) =>
        Source.HasListeners() ? Start("send message", ActivityKind.Producer, default, room, "send") : null;

    /// <summary>A room's handling of a send, from its arrival to its commit.</summary>
    public static Activity? StartCommit(string? traceParent, string room) => Start("commit message", traceParent, room, "process");

    /// <summary>The delivery of an event to the sockets of an edge.</summary>
    public static Activity? StartDelivery(string? traceParent, string room) => Start("deliver message", traceParent, room, "receive");

    /// <summary>The context for another node; null if the activity is not sampled.</summary>
    public static string? Context(this Activity? activity) => activity is { Recorded: true } ? activity.Id : null;

    private static Activity? Start(string name, string? traceParent, string room, string operation) =>
        traceParent is not null && Source.HasListeners() && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? Start(name, ActivityKind.Consumer, parent, room, operation)
            : null;

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent, string room, string operation)
    {
        // The activity outlives this call, and what this thread runs next is not part of it.
        var current = Activity.Current;
        Activity.Current = null;
        var activity = Source.StartActivity(name, kind, parent);
        Activity.Current = current;
        return activity?
            .SetTag("messaging.system", "akkachat")
            .SetTag("messaging.operation.type", operation)
            .SetTag("messaging.destination.name", room);
    }
}
