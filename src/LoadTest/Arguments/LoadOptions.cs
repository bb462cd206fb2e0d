namespace AkkaChat.LoadTest.Arguments;

/// <summary>A run, fully decided: the scenario's defaults and the arguments over them.</summary>
internal sealed record LoadOptions
{
    /// <summary>A stamp of the run and the message's number must fit in a body.</summary>
    public const int MinPayload = 32;

    /// <summary>The protocol's own limit of a message's text.</summary>
    public const int MaxPayload = 16 * 1024;

    public required Uri Url { get; init; }

    public required Scenario Scenario { get; init; }

    public required int Users { get; init; }

    public required int Rooms { get; init; }

    public required int RoomsPerUser { get; init; }

    /// <summary>Messages a second, of all users together.</summary>
    public required double Rate { get; init; }

    /// <summary>The time at the full rate; what latencies and rates are taken from.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The time before it, in which the rate grows. Checked like the rest, but not in the figures.</summary>
    public required TimeSpan Ramp { get; init; }

    /// <summary>Bytes of a message's text.</summary>
    public required int Payload { get; init; }

    /// <summary>How long replies and deliveries may still come after the last send.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>Bound of the 99th percentile from due time to delivery, in ms.</summary>
    public double? MaxP99 { get; init; }

    /// <summary>Bound of the 99th percentile from due time to acknowledgement, in ms.</summary>
    public double? MaxAckP99 { get; init; }

    /// <summary>Bound of the sends that failed, in percent of all.</summary>
    public required double MaxErrors { get; init; }

    public string? JsonFile { get; init; }

    public string? HtmlFile { get; init; }

    /// <summary>Progress as lines, also in a terminal.</summary>
    public bool Plain { get; init; }

    /// <summary>What contradicts what, in words; null if the run can be played.</summary>
    public string? Contradiction()
    {
        if (RoomsPerUser > Rooms)
        {
            return $"--rooms-per-user {RoomsPerUser} is more than --rooms {Rooms}.";
        }

        if ((long)Users * RoomsPerUser < Rooms)
        {
            return $"--rooms {Rooms} is more than {Users} users with --rooms-per-user {RoomsPerUser} can fill; raise one of them or lower --rooms.";
        }

        var messages = Rate * (Duration + Ramp / 2).TotalSeconds;
        return messages > 20_000_000
            ? $"--rate {Rate} for {Duration.TotalSeconds:0} s is {messages:N0} messages; the checker keeps them all, and 20 million is its limit."
            : null;
    }
}
