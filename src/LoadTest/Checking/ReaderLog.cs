namespace AkkaChat.LoadTest.Checking;

/// <summary>
/// What one member has got of one room. Two things are kept apart: what the member has, by whatever way, and what its present connection
/// was told live. The first is repaired by pulls; the second must come once, in order and without a hole that the server has not announced,
/// and what is repaired was lost all the same. Not safe for concurrent use.
/// </summary>
internal sealed class ReaderLog(RoomRecord room, string reader, Findings findings)
{
    /// <summary>Below <see cref="Top"/>, and not got yet.</summary>
    private readonly RangeSet _missing = new();

    /// <summary>Passed over by the live events of this connection without a word.</summary>
    private readonly RangeSet _silent = new();

    private long _live = -1;
    private bool _isAttached;

    public RoomRecord Room { get; } = room;

    /// <summary>The highest seq that is got, or known to be missing.</summary>
    public long Top { get; private set; } = -1;

    /// <summary>Whether a connection has told where this room begins.</summary>
    public bool IsOpen => Top >= 0;

    /// <summary>Everything up to here is got: where a resume or a pull starts.</summary>
    public long Applied => _missing.IsEmpty ? Top : _missing.First - 1;

    public bool IsComplete => _missing.IsEmpty;

    /// <summary>Whether nothing up to here is missing, nor still to come on the present connection.</summary>
    public bool HasAll(long head) => _missing.IsEmpty && Top >= head && (!_isAttached || _live >= head);

    /// <summary>The first connection follows the room from its head on.</summary>
    public void Open(long head)
    {
        if (!IsOpen)
        {
            Top = _live = head;
            _isAttached = true;
        }
    }

    /// <summary>A new connection: what comes live follows what the resume brings.</summary>
    public void Attach()
    {
        _live = Applied;
        _isAttached = true;
    }

    /// <returns>True if this is the first time that the event is got.</returns>
    public bool TakeLive(in RoomEvent e)
    {
        if (_isAttached)
        {
            Follow(e.Seq);
        }

        return Take(e);
    }

    /// <summary>An event of a resume or of a pull.</summary>
    public bool TakeStored(in RoomEvent e) => Take(e);

    /// <summary>The end of what a resume brings: live events follow.</summary>
    public void Resumed(long to) => _live = Math.Max(_live, to);

    /// <summary>What a pull or a resume claims to have brought must be there.</summary>
    public void CheckBrought(long from, long to)
    {
        if (!_missing.IsEmpty && _missing.First <= to && _missing.First > from)
        {
            findings.Add(Fault.Lost, $"{reader} in room {Room.Id}: the events {from + 1}-{to} came without {_missing}");
            while (!_missing.IsEmpty && _missing.First <= to)
            {
                _missing.Remove(_missing.First);
            }
        }
    }

    /// <summary>The server has withheld events up to this one, and says so: the member pulls them.</summary>
    public void Lagged(long head)
    {
        _live = Math.Max(_live, head);
        Know(head);
    }

    /// <summary>The server does not bring what lies between: the member reads it from the history.</summary>
    public void Reset(long head) => Lagged(head);

    public void Know(long head)
    {
        if (head > Top && IsOpen)
        {
            _missing.Append(Top + 1, head);
            Top = head;
        }
    }

    /// <summary>The connection ended: what it still owed is owed by the next.</summary>
    public void Detach()
    {
        ReportSilent();
        _isAttached = false;
    }

    /// <summary>The end of the run. A member without a connection is owed nothing.</summary>
    /// <param name="head">What the room has.</param>
    public void Finish(long head)
    {
        if (!_isAttached)
        {
            return;
        }

        if (_live < head)
        {
            findings.Add(Fault.Lost, $"{reader} in room {Room.Id}: the last live event was {_live}, the room is at {head}", head - _live);
        }

        Detach();
        Know(head);
        if (!_missing.IsEmpty)
        {
            findings.Add(Fault.Lost, $"{reader} in room {Room.Id}: never got {_missing}", _missing.Count);
        }
    }

    private void Follow(long seq)
    {
        if (seq > _live + 1)
        {
            _silent.Append(_live + 1, seq - 1);
        }
        else if (seq <= _live)
        {
            findings.Add(
                _silent.Remove(seq) ? Fault.OutOfOrder : Fault.Doubled,
                $"{reader} in room {Room.Id}: seq {seq} came live after {_live}");
        }

        _live = Math.Max(_live, seq);
    }

    private void ReportSilent()
    {
        if (!_silent.IsEmpty)
        {
            findings.Add(Fault.Lost, $"{reader} in room {Room.Id}: live events left out {_silent} without a word", _silent.Count);
            _silent.Clear();
        }
    }

    private bool Take(in RoomEvent e)
    {
        Room.See(e);
        if (e.Seq > Top)
        {
            Know(e.Seq - 1);
            Top = e.Seq;
            return true;
        }

        return _missing.Remove(e.Seq);
    }
}
