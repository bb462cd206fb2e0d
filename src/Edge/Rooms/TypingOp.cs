using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

/// <summary>When one connection last reported typing, per room.</summary>
internal sealed class TypingPace
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<RoomId, long> _told = [];

    /// <summary>Whether typing may be reported again.</summary>
    public bool TryReport(RoomId room, TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue(room, out var last) && time.GetElapsedTime(last, now) < Interval)
        {
            return false;
        }

        _told[room] = now;
        return true;
    }

    /// <summary>A message ends typing for its readers: the next keystroke is reported again.</summary>
    public void MessageSent(RoomId room) => _told.Remove(room);
}

internal sealed class TypingOp(IRequiredActor<RoomRegion> rooms, TimeProvider time) : IClientOp
{
    public string Name => "typing";

    public ValueTask CarryOutAsync(OpCall call)
    {
        if (call.Session.State.GetOrAdd(static () => new TypingPace()).TryReport(call.Room, time))
        {
            rooms.ActorRef.Tell(new RoomProtocol.NotifyTyping(call.Room, call.User));
        }

        call.Done();
        return ValueTask.CompletedTask;
    }
}
