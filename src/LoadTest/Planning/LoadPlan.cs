using AkkaChat.LoadTest.Arguments;

namespace AkkaChat.LoadTest.Planning;

/// <summary>
/// Who is in which room, and when which message is due: fixed before the run, whatever the server does (open loop). Message k is due at
/// start + k / rate, times in µs from the start; while the ramp lasts, the rate grows evenly from nothing.
/// </summary>
internal sealed class LoadPlan
{
    private const double Second = 1_000_000;

    /// <summary>Apart, so that a run that sends nothing else does not end in a burst.</summary>
    private const long ClosingGap = 10_000;

    private readonly LoadOptions _options;
    private readonly double _inRamp;
    private readonly int[] _senders;
    private readonly int[][] _membersOf;

    public LoadPlan(LoadOptions options)
    {
        _options = options;
        RampEnd = (long)(options.Ramp.TotalSeconds * Second);
        LoadEnd = RampEnd + (long)(options.Duration.TotalSeconds * Second);
        _inRamp = options.Rate * options.Ramp.TotalSeconds / 2;
        SlowUsers = options.Scenario.SlowShare > 0 ? Math.Clamp((int)Math.Round(options.Users * options.Scenario.SlowShare), 1, Math.Max(1, options.Users - 1)) : 0;
        // Who does not read would not read acknowledgements either.
        _senders = [.. Enumerable.Range(0, options.Users).Where(user => !IsSlow(user))];
        _membersOf = new int[options.Rooms][];
        var members = Enumerable.Range(0, options.Users).SelectMany(user => RoomsOf(user).Select(room => (room, user))).ToLookup(pair => pair.room, pair => pair.user);
        for (var room = 0; room < options.Rooms; room++)
        {
            _membersOf[room] = [.. members[room]];
        }

        Messages = options.Rate > 0
            ? _senders.Length == 0 ? 0 : (int)Math.Floor(_inRamp + (options.Rate * options.Duration.TotalSeconds))
            : options.Rooms;
    }

    public int Messages { get; }

    /// <summary>When the full rate is reached and the figures begin, in µs.</summary>
    public long RampEnd { get; }

    /// <summary>When the last message of the rate is due, in µs.</summary>
    public long LoadEnd { get; }

    public int SlowUsers { get; }

    public int Senders => _senders.Length;

    /// <summary>They are spread evenly over the users, and so over the rooms.</summary>
    public bool IsSlow(int user) => SlowUsers > 0 && (long)user * SlowUsers % _options.Users < SlowUsers;

    public IEnumerable<int> RoomsOf(int user) =>
        Enumerable.Range(0, _options.RoomsPerUser).Select(j => (int)((((long)user * _options.RoomsPerUser) + j) % _options.Rooms));

    /// <summary>The first makes the room, the others join it.</summary>
    public IReadOnlyList<int> MembersOf(int room) => _membersOf[room];

    public long DueOf(int message)
    {
        if (_options.Rate <= 0)
        {
            return LoadEnd + (message * ClosingGap);
        }

        return message < _inRamp
            ? (long)(Math.Sqrt(2 * message * _options.Ramp.TotalSeconds / _options.Rate) * Second)
            : RampEnd + (long)((message - _inRamp) / _options.Rate * Second);
    }

    public int SenderOf(int message) => _options.Rate > 0 ? _senders[message % _senders.Length] : _membersOf[message][0];

    public int RoomOf(int message)
    {
        if (_options.Rate <= 0)
        {
            return message;
        }

        var turn = message / _senders.Length % _options.RoomsPerUser;
        return (int)((((long)SenderOf(message) * _options.RoomsPerUser) + turn) % _options.Rooms);
    }

    /// <summary>When all connections are to break, in µs.</summary>
    public IReadOnlyList<long> Storms()
    {
        var count = _options.Scenario.StormsPerMinute > 0 ? Math.Max(1, (int)(_options.Scenario.StormsPerMinute * _options.Duration.TotalMinutes) - 1) : 0;
        return [.. Enumerable.Range(1, count).Select(i => RampEnd + ((LoadEnd - RampEnd) * i / (count + 1)))];
    }

    /// <summary>When the slow readers stop reading, and when they go on, in µs.</summary>
    public (long From, long To) Stall => (RampEnd + ((LoadEnd - RampEnd) / 5), RampEnd + ((LoadEnd - RampEnd) * 4 / 5));
}
