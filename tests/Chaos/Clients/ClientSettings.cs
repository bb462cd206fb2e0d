using System.Text.Json;

namespace AkkaChat.Chaos.Clients;

public enum RoomUse
{
    /// <summary>Everybody talks, all the time.</summary>
    Busy,

    /// <summary>A message now and then, so that a lost one is the last one for a while.</summary>
    Quiet,

    /// <summary>Silent until it is flooded.</summary>
    Flood,
}

public sealed record RoomPlan(string Id, RoomUse Use);

/// <summary>What one client process is told, in a file.</summary>
public sealed record ClientSettings
{
    public required string Name { get; init; }

    public required string History { get; init; }

    public required IReadOnlyList<Uri> Edges { get; init; }

    public required IReadOnlyList<RoomPlan> Rooms { get; init; }

    /// <summary>The account that owns the rooms.</summary>
    public string Moderator { get; init; } = "auditor";

    public int Users { get; init; } = 10;

    public int Seed { get; init; }

    /// <summary>How many messages a user mostly sends without waiting for the first of them to be acknowledged.</summary>
    public int SendAtOnce { get; init; } = 1;

    /// <summary>Mean pause of one user between messages, or between those it sends at once.</summary>
    public double SendEverySeconds { get; init; } = 2;

    /// <summary>Mean pause of one user between coming and going, moves between rooms, and looks at who is online.</summary>
    public double LiveEverySeconds { get; init; } = 2;

    /// <summary>Mean pause of one user between files, links and looks at those of others.</summary>
    public double ShareEverySeconds { get; init; } = 8;

    /// <summary>Mean pause of one user between messages that it edits, reacts to or deletes.</summary>
    public double ChangeEverySeconds { get; init; } = 6;

    /// <summary>Mean pause of one user between replies in threads, and between moves of its places in rooms and threads.</summary>
    public double ThreadEverySeconds { get; init; } = 4;

    /// <summary>The web site that users link to.</summary>
    public string Site { get; init; } = "";

    /// <summary>Whether the nodes serve files themselves, and so see who uses a URL.</summary>
    public bool ServesFiles { get; init; }

    /// <summary>Busy rooms that a user is in.</summary>
    public int RoomsPerUser { get; init; } = 5;

    public static ClientSettings Read(string path) => JsonSerializer.Deserialize<ClientSettings>(File.ReadAllText(path))!;

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this));
}

/// <summary>What a client process says of itself every second, as one line of its standard output.</summary>
public sealed record ClientStatus
{
    /// <summary><c>ready</c>, <c>running</c>, <c>stopped</c> or <c>finished</c>.</summary>
    public required string State { get; init; }

    public long Acked { get; init; }

    public long Delivered { get; init; }

    /// <summary>Sends that have begun and are not settled.</summary>
    public int Pending { get; init; }

    public int Connected { get; init; }

    /// <summary>Per room, when the newest acknowledged attempt began.</summary>
    public Dictionary<string, long> Rooms { get; init; } = [];
}
