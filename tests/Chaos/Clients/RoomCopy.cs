namespace AkkaChat.Chaos.Clients;

/// <summary>What a client has of one room: it applies the next seq and no other.</summary>
internal sealed class RoomCopy(long start)
{
    public long Last { get; private set; } = start;

    /// <summary>The highest seq known to exist.</summary>
    public long Head { get; private set; } = start;

    public bool IsPulling { get; set; }

    public bool IsBehind => Last < Head;

    public void Know(long head) => Head = Math.Max(Head, head);

    public bool Apply(long seq)
    {
        Know(seq);
        if (seq != Last + 1)
        {
            return false;
        }

        Last = seq;
        return true;
    }
}
