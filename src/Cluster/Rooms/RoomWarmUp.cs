using System.Data.Common;
using Akka.Actor;
using Akka.Event;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Journal;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Creates, recovers and deletes a throw-away room before the node hosts any. The first room of a process opens the journal's connections
/// and compiles the code on its path, which takes a second on an idle machine and several during a rolling restart.
/// </summary>
internal static class RoomWarmUp
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Creates a room that nobody can reach, recovers it and deletes its journal. If this fails, the first real room is slow.
    /// </summary>
    public static async Task RunAsync(ActorSystem system, RoomServices services, JournalScratch scratch)
    {
        var room = JournalScratch.NewId();
        var isolated = services with { Projection = ActorRefs.Nobody, Mediator = ActorRefs.Nobody };
        var user = new UserRef(UserId.New(services.Time), "nobody", "Nobody");
        try
        {
            await RunRoomAsync(new CreateRoom(room, "Warm-up", "", RoomVisibility.Private, user), Message());
            // The second start recovers from the journal and fences it.
            await RunRoomAsync(Message(), new LeaveRoom(room, user));
            using var timeout = new CancellationTokenSource(Timeout);
            await scratch.RemoveAsync(room, timeout.Token);
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException or TimeoutException or DbException)
        {
            system.Log.Warning(e, "The warm-up of the journal failed; the first room will be slow");
        }

        async Task RunRoomAsync(params IEnumerable<ICommand> commands)
        {
            var actor = system.ActorOf(RoomActor.Props(room, isolated));
            try
            {
                foreach (var command in commands)
                {
                    await actor.Ask<IReply>(command, Timeout);
                }

                await actor.GracefulStop(Timeout, RoomActor.Stop.Instance);
            }
            finally
            {
                system.Stop(actor);
            }
        }

        PostMessage Message() => new(room, user, Guid.CreateVersion7(services.Time.GetUtcNow()), "Hello", 0);
    }
}
