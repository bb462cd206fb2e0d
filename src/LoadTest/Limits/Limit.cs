namespace AkkaChat.LoadTest.Limits;

/// <summary>A limit of a server that a load test can run into.</summary>
/// <param name="Name">As in the reports.</param>
/// <param name="Says">What binds, in a sentence.</param>
/// <param name="Lift">What moves it: keys of docs/settings.md, or what to do.</param>
internal sealed record Limit(string Name, string Says, string Lift)
{
    public static Limit Registrations { get; } = new(
        "registrations",
        "The server limits the registrations from one address, so setting up took longer.",
        "AkkaChat:Auth:RegistrationsPerAddressPerMinute");

    public static Limit Hashing { get; } = new(
        "password-hashing",
        "The server's queue for password hashes was full, so registrations waited.",
        "AkkaChat:Passwords:QueueLength and AkkaChat:Passwords:Threads");

    public static Limit Refreshes { get; } = new(
        "refreshes",
        "The server limits the refreshes of tokens from one address.",
        "AkkaChat:Auth:RefreshesPerAddressPerMinute");

    public static Limit Sends { get; } = new(
        "sends",
        "Users sent faster than the server lets one connection send: these sends were refused with rate_limited.",
        "AkkaChat:Sockets:SendPerSecond and AkkaChat:Sockets:SendBurst, or more --users for the same --rate");

    public static Limit Requests { get; } = new(
        "requests",
        "Requests of one connection came faster than the server allows.",
        "AkkaChat:Sockets:RequestsPerSecond");

    public static Limit Busy { get; } = new(
        "busy",
        "A room, a node or the load balancer was at capacity: requests were answered busy or 503.",
        "AkkaChat:Rooms:MaxPending and AkkaChat:Ingestion:InFlightPerRoom; more often the machine is the limit");

    public static Limit Connections { get; } = new(
        "connections-per-user",
        "The server refuses more connections of one user.",
        "AkkaChat:Sockets:MaxPerUser");

    public static Limit SlowReader { get; } = new(
        "slow-reader",
        "The server withheld events from readers who did not keep up (room.lagged), or closed their connections (4408); they caught up by pulling.",
        "AkkaChat:Sockets:MaxQueuedFrames, AkkaChat:Sockets:MaxQueuedBytes and AkkaChat:Sockets:SendTimeout");

    public static Limit Buffers { get; } = new(
        "buffers",
        "The slow readers left no more unread than the buffers on the way hold, so the server had nothing to withhold.",
        "raise --payload, --rate or --duration");

    public static Limit Unavailable { get; } = new(
        "unavailable",
        "The server could not say whether a message was stored (unavailable); it was sent again under the same cid.",
        "AkkaChat:Gateway:Patience; look for restarts and fail-overs in the logs of the nodes");

    public static Limit Busiest { get; } = new(
        "generator",
        "The load test itself was late: its machine is too busy, and the latencies contain that.",
        "run it on another machine, or lower --rate");

    public static Limit Files { get; } = new(
        "open-files",
        "This machine allows no more open sockets for the load test.",
        "ulimit -n, and net.ipv4.ip_local_port_range beyond about 28,000 connections to one address");

    /// <summary>All of them: a spec looks their keys up in docs/settings.md.</summary>
    public static IReadOnlyList<Limit> All { get; } =
        [Registrations, Hashing, Refreshes, Sends, Requests, Busy, Connections, SlowReader, Buffers, Unavailable, Busiest, Files];
}
