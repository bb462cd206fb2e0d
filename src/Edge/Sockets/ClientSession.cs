using System.Data.Common;
using System.Text.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// One socket's requests: carried out one after the other, each answered once. An error leaves the connection open and unchanged.
/// </summary>
internal sealed partial class ClientSession : IOpSession
{
    private const double RequestBurstFactor = 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ClientConnection _connection;
    private readonly SessionServices _services;
    private TokenBucket _sends;
    private TokenBucket _requests;
    private volatile Greeted? _greeted;

    public ClientSession(ClientConnection connection, SessionServices services, AuthenticatedUser? user)
    {
        (_connection, _services, Credentials) = (connection, services, user);
        var (options, time) = (services.Options.Value, services.Time);
        _sends = new TokenBucket(options.SendPerSecond, options.SendBurst, time);
        _requests = new TokenBucket(options.RequestsPerSecond, options.RequestsPerSecond * RequestBurstFactor, time);
        Watchdog = new SessionWatchdog(this, connection, services.Tokens, options, time);
    }

    /// <summary>The user whose credentials the handshake carried; null when hello must carry a token.</summary>
    public AuthenticatedUser? Credentials { get; }

    public SessionWatchdog Watchdog { get; }

    public ClientConnection Connection => _connection;

    /// <summary>Null before hello.</summary>
    public Greeted? AfterHello => _greeted;

    public UserRef User => _greeted!.User;

    public OpState State { get; } = new();

    public CancellationToken Ended => _connection.Ended;

    public void Send(ReadOnlyMemory<byte> frame) => _connection.Send(frame);

    public ValueTask SendWhenRoomAsync(ReadOnlyMemory<byte> frame) => _connection.SendWhenRoomAsync(frame);

    /// <summary>Serves the socket until it has ended, and disposes of it.</summary>
    public async Task RunAsync()
    {
        using var connection = _connection;
        _services.Connections.Add(this);
        try
        {
            await _connection.RunAsync(ReceiveAsync, () => Refuse(null, ErrorCode.TooLarge, "The frame is over 64 KiB."));
        }
        finally
        {
            _services.Connections.Remove(this);
            _greeted?.End();
        }
    }

    /// <summary>Hello succeeded: from now on the user's requests are carried out.</summary>
    public void Greet(Greeted greeted) => _greeted = greeted;

    /// <summary>Closes with a code that makes the client reconnect elsewhere.</summary>
    public void Drain() => _connection.Close(CloseCodes.Restarting, "The server is restarting: reconnect and resume.");

    /// <summary>The login session has ended: by a logout, a password change or a ban.</summary>
    public void EndSession() => _connection.Close(CloseCodes.SessionEnded, "The session has ended.");

    private async ValueTask ReceiveAsync(ReadOnlyMemory<byte> frame)
    {
        if (!ClientRequest.TryParse(frame, out var request, out var id, out var error))
        {
            Refuse(id, ErrorCode.Invalid, error);
            return;
        }

        try
        {
            await CarryOutAsync(request);
        }
        catch (JsonException e)
        {
            Refuse(request.Id, ErrorCode.Invalid, $"d is not valid at {e.Path ?? "$"}.");
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogUnavailable(_services.Logger, e, request.Op);
            Refuse(request.Id, ErrorCode.Unavailable, "The database cannot be reached.", RetryAfter);
        }
    }

    private async ValueTask CarryOutAsync(ClientRequest request)
    {
        var op = _services.Ops.Find(request.Op);
        if (!TryTake(op?.Rate ?? OpRate.Request, out var retryAfter))
        {
            Refuse(request.Id, ErrorCode.RateLimited, "Too many requests.", retryAfter);
        }
        else if (op is null)
        {
            Refuse(request.Id, ErrorCode.Invalid, "op is not one that the server knows.");
        }
        else if (op.Scope == OpScope.Connection)
        {
            await op.CarryOutAsync(new OpCall(this, request, default));
        }
        else if (TryRoom(request, out var room) && (op.Scope == OpScope.Room || await IsInAsync(request, room)))
        {
            await op.CarryOutAsync(new OpCall(this, request, room));
        }
    }

    private bool TryTake(OpRate rate, out TimeSpan retryAfter) =>
        rate == OpRate.Send ? _sends.TryTake(out retryAfter) : _requests.TryTake(out retryAfter);

    private bool TryRoom(ClientRequest request, out RoomId room)
    {
        room = default;
        if (_greeted is null)
        {
            Refuse(request.Id, ErrorCode.Unauthenticated, "Send hello first.");
        }
        else if (request.Room is null)
        {
            Refuse(request.Id, ErrorCode.Invalid, "room is missing.");
        }
        else if (!RoomId.TryParse(request.Room, out room))
        {
            Refuse(request.Id, RoomAccess.NoSuchRoom.Code, RoomAccess.NoSuchRoom.Message);
        }
        else
        {
            return true;
        }

        return false;
    }

    private async ValueTask<bool> IsInAsync(ClientRequest request, RoomId room)
    {
        if (_greeted!.Rooms.Contains(room) || await _services.Access.CheckAsync(room, User.Id, Ended) is not { } refusal)
        {
            return true;
        }

        Refuse(request.Id, refusal.Code, refusal.Message);
        return false;
    }

    private void Refuse(string? id, ErrorCode code, string message, TimeSpan retryAfter = default) =>
        _connection.Send(ClientFrames.Error(id, code, message, retryAfter));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Op} failed: the database is unreachable")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string op);
}

/// <summary>What a session has after hello.</summary>
/// <param name="End">Unregisters the socket wherever it was registered.</param>
internal sealed record Greeted(AuthenticatedUser Credentials, UserRef User, SessionRooms Rooms, Action End);
