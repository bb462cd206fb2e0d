using Akka.Actor;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>What every session of this edge uses.</summary>
/// <param name="Rooms">The way to the rooms' shard region.</param>
/// <param name="Relay">The hub of the room relays.</param>
internal sealed record SocketServices(
    SocketOptions Options,
    TimeProvider Time,
    ITokenValidator Tokens,
    IRoomLog Log,
    IRoomDirectory Directory,
    IReadCursors Cursors,
    IUserStream UserStream,
    IngestionFlows Ingestion,
    RoomViews Views,
    ConnectionRegistry Connections,
    Epoch Epoch,
    IActorRef Rooms,
    IActorRef Relay,
    IActorRef Presence,
    IActorRef Users,
    ILogger Logger);

/// <summary>
/// The journal's incarnation. It changes only when a journal is restored from a backup, and then no client's <c>seq</c> means anything.
/// </summary>
internal sealed record Epoch(string Value);
