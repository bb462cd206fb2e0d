using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Sockets;

/// <summary>What every session of this edge uses; ops have their own dependencies.</summary>
internal sealed record SessionServices(
    IOptions<SocketOptions> Options,
    TimeProvider Time,
    OpTable Ops,
    RoomAccess Access,
    ITokenValidator Tokens,
    ConnectionRegistry Connections,
    ILogger<ClientSession> Logger);
