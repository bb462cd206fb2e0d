using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using AkkaChat.Cluster.Projection;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// How a new incarnation takes the room over from one that may still run elsewhere, cut off from the cluster. Every row has a number, and the
/// journal takes each number once. So the first row of this incarnation proves that nothing was written since it recovered, and from then on the
/// older one fails at its next write. Every reply to a command waits for that row: the command's own events, or a <see cref="RoomFence"/> where it
/// has none. Until then the room only tells edges of a head, which may be old; <see cref="OvertakenRooms"/> finds out and it recovers again. A room
/// that is only watched writes nothing.
/// </summary>
public sealed partial class RoomActor
{
    private bool _isLooking;

    private void OnRecovered()
    {
        _committed = _state;
        if (LastSequenceNr == 0)
        {
            return; // there is no older incarnation, and a room that does not exist takes no row
        }

        _commit.MustWriteFirst = true;
        NotifyStarted();
        _startedRepeater.Start();
        _services.Projection.Tell(new ProjectionDriver.RoomMoved(_room));
        if (_fencesReplayed >= MaxFencesReplayed)
        {
            Snapshot();
        }
    }

    /// <summary>The edges that watch the room then take their leases from this incarnation.</summary>
    private void NotifyStarted() => _services.Mediator.Tell(new Publish(EdgeTopics.All, new Started(_room, _committed.Seq)));

    private RoomFence NewFence() => new(Guid.NewGuid().ToString("N"), Now());

    /// <summary>Repeated with each lease, since whoever looks may have been restarted.</summary>
    private void LookForOthers()
    {
        if (_commit.MustWriteFirst && _commit.IsIdle)
        {
            _isLooking = true;
            _services.Overtaken.Tell(new OvertakenRooms.Look(_room, LastSequenceNr));
        }
    }

    private void StopLooking()
    {
        if (_isLooking)
        {
            _isLooking = false;
            _services.Overtaken.Tell(new OvertakenRooms.Forget(_room));
        }
    }

    /// <summary>A write under way finds out by itself, and whoever waits for a look-up gets an answer first.</summary>
    private void OnOvertaken(OvertakenRooms.Overtaken overtaken)
    {
        if (_commit.MustWriteFirst && _commit.IsIdle && _lookUps == 0 && overtaken.Row > LastSequenceNr)
        {
            _log.Info("Another incarnation of {Room} has written row {Row}; restarting the room", _room, overtaken.Row);
            Context.Stop(Self);
        }
    }
}
