using AkkaChat.Messages.Rooms;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// The number of the last send that the room accepted from each stream, that is, from each connection. In memory only, and bounded: a
/// stream that was dropped continues with a send that has no predecessor, as it does after a start of the room.
/// </summary>
/// <param name="capacity">The number of streams remembered at least; at most twice as many are.</param>
internal sealed class SendStreams(int capacity)
{
    /// <summary>The last number of each stream; negative when nothing may follow it.</summary>
    private Dictionary<long, long> _recent = [];

    private Dictionary<long, long> _older = [];

    public int Count => _recent.Count + _older.Count;

    /// <summary>Accepts the send if it is in order. A send without an order is always accepted.</summary>
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
    /// The accepted send is not stored, or not yet: nothing may follow it. Its sender restarts the stream once it knows the outcome.
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
            // A stream that has sent since the last swap survives this one, without a list of recent uses.
            (_older, _recent) = (_recent, []);
        }

        _older.Remove(stream);
        _recent[stream] = last;
    }
}
