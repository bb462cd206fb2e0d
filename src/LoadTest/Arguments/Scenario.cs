namespace AkkaChat.LoadTest.Arguments;

/// <summary>What a run does where the arguments are silent.</summary>
/// <param name="Name">As in <c>--scenario</c>.</param>
/// <param name="Rate">Messages a second, of all users together; 0 sends nothing until the end, then one message into each room.</param>
/// <param name="SlowShare">Share of the users who stop reading for a while.</param>
/// <param name="StormsPerMinute">How often all connections break at once.</param>
internal sealed record Scenario(
    string Name,
    string Description,
    int Users,
    int Rooms,
    int RoomsPerUser,
    double Rate,
    int Payload = 100,
    double SlowShare = 0,
    double StormsPerMinute = 0)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("chat", "users spread over rooms, all of them talk", Users: 100, Rooms: 10, RoomsPerUser: 1, Rate: 100),
        new("fan-out", "everybody in one room", Users: 100, Rooms: 1, RoomsPerUser: 1, Rate: 50),
        new("many-rooms", "many small rooms, each user in twenty of them", Users: 100, Rooms: 500, RoomsPerUser: 20, Rate: 100),
        new("idle", "connections that only stay open; at the end one message in each room", Users: 200, Rooms: 20, RoomsPerUser: 1, Rate: 0),
        new("reconnect-storm", "chat, while all connections break at once every 15 s", 100, 10, 1, Rate: 50, StormsPerMinute: 4),
        // More than the buffers of the kernels and of a load balancer hold (about 15 MB in all): the server itself has to withhold.
        new("slow-readers", "one room, while every tenth user stops reading for a time", 40, 1, 1, Rate: 50, Payload: 16_000, SlowShare: 0.1),
    ];

    public static Scenario Default => All[0];

    /// <summary>Its defaults in words.</summary>
    public string Size =>
        $"{Users} users, {Rooms} room{(Rooms == 1 ? "" : "s")}, {(Rate > 0 ? $"{Rate} messages a second" : "no rate")}{(Payload == 100 ? "" : $" of {Payload} bytes")}";
}
