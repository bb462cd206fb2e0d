namespace AkkaChat.LoadTest.Checking;

/// <summary>What a server must never do.</summary>
internal enum Fault
{
    /// <summary>A member who was connected did not get an event, and the server had not said that it withheld it.</summary>
    Lost,

    /// <summary>An event came twice on one connection, or a message was stored twice.</summary>
    Doubled,

    /// <summary>An event came after one that follows it, or the sends of one connection were stored in another order.</summary>
    OutOfOrder,

    /// <summary>A message was acknowledged and is not in the room's history.</summary>
    AckedButMissing,

    /// <summary>A message was refused with the promise that nothing was stored, and is in the room's history.</summary>
    RefusedButStored,

    /// <summary>A message is not what was sent, or two readers got different ones under one seq.</summary>
    Altered,
}

/// <summary>The faults found: how many of each kind, and the first ones in words.</summary>
internal sealed class Findings
{
    private const int KeptPerFault = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<Fault, long> _counts = Enum.GetValues<Fault>().ToDictionary(fault => fault, _ => 0L);
    private readonly List<(Fault Fault, string What)> _first = [];

    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _counts.Values.Sum();
            }
        }
    }

    public IReadOnlyDictionary<Fault, long> Counts
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<Fault, long>(_counts);
            }
        }
    }

    /// <summary>The first of each kind.</summary>
    public IReadOnlyList<(Fault Fault, string What)> First
    {
        get
        {
            lock (_gate)
            {
                return [.. _first];
            }
        }
    }

    public void Add(Fault fault, string what, long times = 1)
    {
        lock (_gate)
        {
            _counts[fault] += times;
            if (_first.Count(found => found.Fault == fault) < KeptPerFault)
            {
                _first.Add((fault, what));
            }
        }
    }
}
