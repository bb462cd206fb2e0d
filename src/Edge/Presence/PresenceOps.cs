using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Presence;

/// <summary>Replies with the members who are online; changes follow as events until the room leaves the view.</summary>
internal sealed class PresenceWatchOp(IRequiredActor<PresenceHub> presence) : IClientOp
{
    public string Name => "presence.watch";

    public ValueTask CarryOutAsync(OpCall call)
    {
        presence.ActorRef.Tell(new PresenceHub.Watch(
            call.Room,
            call.Session.State.Get<IPresenceSubscriber>(),
            view => call.Reply(id => ClientFrames.Reply(id, view))));
        return ValueTask.CompletedTask;
    }
}

internal sealed class PresenceUnwatchOp(IRequiredActor<PresenceHub> presence) : IClientOp
{
    public string Name => "presence.unwatch";

    public ValueTask CarryOutAsync(OpCall call)
    {
        presence.ActorRef.Tell(new PresenceHub.Unwatch(call.Room, call.Session.State.Get<IPresenceSubscriber>()));
        call.Done();
        return ValueTask.CompletedTask;
    }
}
