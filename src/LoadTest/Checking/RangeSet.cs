namespace AkkaChat.LoadTest.Checking;

/// <summary>A set of seqs as ranges in order. Made for few ranges, of any size.</summary>
internal sealed class RangeSet
{
    private readonly List<(long From, long To)> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public long Count => _ranges.Sum(static range => range.To - range.From + 1);

    /// <summary>The lowest; the set is not empty.</summary>
    public long First => _ranges[0].From;

    public IReadOnlyList<(long From, long To)> Ranges => _ranges;

    /// <summary>Adds a range above all that the set has.</summary>
    public void Append(long from, long to)
    {
        if (from <= to)
        {
            _ranges.Add((from, to));
        }
    }

    /// <summary>False if it was not in the set.</summary>
    public bool Remove(long seq)
    {
        var at = _ranges.FindIndex(range => seq >= range.From && seq <= range.To);
        if (at < 0)
        {
            return false;
        }

        var (from, to) = _ranges[at];
        _ranges.RemoveAt(at);
        if (seq < to)
        {
            _ranges.Insert(at, (seq + 1, to));
        }

        if (seq > from)
        {
            _ranges.Insert(at, (from, seq - 1));
        }

        return true;
    }

    public void Clear() => _ranges.Clear();

    public override string ToString() => string.Join(", ", _ranges.Take(5).Select(range => range.From == range.To ? $"{range.From}" : $"{range.From}-{range.To}"))
        + (_ranges.Count > 5 ? ", …" : "");
}
