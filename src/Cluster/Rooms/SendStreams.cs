using AkkaChat.Messages.Rooms;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// What a room remembers of the order in which connections send: per stream the last number that it has had. In memory alone and bounded:
/// a stream that is forgotten goes on with a send that follows none, as with a room that has just started.
/// </summary>
/// <param name="capacity">Streams that are surely remembered; at most twice as many are.</param>
internal sealed class SendStreams(int capacity)
{
    /// <summary>Streams by the last number; negative where nothing may follow it.</summary>
    private Dictionary<long, long> _recent = [];
    private Dictionary<long, long> _older = [];

    public int Count => _recent.Count + _older.Count;

    /// <summary>Whether the send may be decided now. One without an order always may.</summary>
    public bool TryTake(SendOrder? order)
    {
        if (order is null)
        {
            return true;
        }

        var last = LastOf(order.Stream);
        if (order.Number <= Math.Abs(last) || (order.Follows != 0 && order.Follows != last))
        {
            return false;
        }

        Set(order.Stream, order.Number);
        return true;
    }

    /// <summary>
    /// The send that was taken is not stored, or not yet: nothing may follow it until its sender has heard what became of it and says so.
    /// </summary>
    public void Break(SendOrder? order)
    {
        if (order is not null && LastOf(order.Stream) == order.Number)
        {
            Set(order.Stream, -order.Number);
        }
    }

    private long LastOf(long stream) => _recent.TryGetValue(stream, out var last) ? last : _older.GetValueOrDefault(stream);

    private void Set(long stream, long last)
    {
        if (_recent.Count >= capacity && !_recent.ContainsKey(stream))
        {
            // Whoever has sent since the last time stays; no list of uses has to be kept.
            (_older, _recent) = (_recent, []);
        }

        _older.Remove(stream);
        _recent[stream] = last;
    }
}
