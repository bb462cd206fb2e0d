namespace AkkaChat.Cluster.Rooms;

/// <summary>When a room takes a snapshot, and when it leaves the memory before its time.</summary>
public sealed partial class RoomActor
{
    /// <summary>
    /// Fences are no events, which would lead to a snapshot. A room that starts often and changes little takes one after this many, so that its
    /// recovery stays short.
    /// </summary>
    private const int MaxFencesReplayed = 50;

    private int _fencesReplayed;

    private void SnapshotIfDue(int events)
    {
        _eventsSinceSnapshot += events;
        var every = _services.Options.SnapshotEvery;
        if (_eventsSinceSnapshot >= every || LastSequenceNr - _rowsAtSnapshot >= every)
        {
            Snapshot();
        }
    }

    private void Snapshot()
    {
        _eventsSinceSnapshot = 0;
        _rowsAtSnapshot = LastSequenceNr;
        SaveSnapshot(_committed.ToSnapshot());
    }

    /// <summary>Whoever asks for ids at random must not fill the memory with rooms that do not exist.</summary>
    private void PassivateUnlessCreated()
    {
        if (_state.Seq == 0 && !_stopping)
        {
            RoomSharding.Passivate(Context);
        }
    }
}
