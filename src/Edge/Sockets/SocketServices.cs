using Akka.Actor;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>What every session of this edge uses.</summary>
/// <param name="Epoch">The journal's incarnation: where it changes, no client's <c>seq</c> means anything.</param>
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
    string Epoch,
    IActorRef Rooms,
    IActorRef Relay,
    IActorRef Presence,
    IActorRef Users,
    ILogger Logger);
