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
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ClientConnection _connection;
    private readonly SessionServices _services;
    private readonly SessionLimits _limits;
    private volatile Greeted? _greeted;

    public ClientSession(ClientConnection connection, SessionServices services, AuthenticatedUser? user, string address)
    {
        (_connection, _services, Credentials, Address) = (connection, services, user, address);
        var (options, time) = (services.Options.Value, services.Time);
        _limits = new SessionLimits(options, time);
        Watchdog = new SessionWatchdog(this, connection, services.Tokens, options, time);
    }

    /// <summary>The user whose credentials the handshake carried; null when hello must carry a token.</summary>
    public AuthenticatedUser? Credentials { get; }

    /// <summary>What the limits per address count it under.</summary>
    public string Address { get; }

    /// <summary>Among the sockets of its user, once that is known. Belongs to <see cref="ConnectionRegistry"/>.</summary>
    public UserPlace? Place { get; set; }

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
            await _connection.RunAsync(ReceiveAsync, () => Refuse(null, ErrorCode.TooLarge, "The frame is over 64 KiB."), PauseAsync);
        }
        finally
        {
            _services.Connections.Remove(this);
            _greeted?.End();
        }
    }

    /// <summary>Hello succeeded: from now on the user's requests are carried out.</summary>
    public void Greet(Greeted greeted)
    {
        _greeted = greeted;
        _services.Connections.Greeted(this);
    }

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
        if (!_limits.TryTake(op?.Rate ?? OpRate.Request, Place?.Sockets, out var retryAfter))
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

    /// <summary>A client that sends more bytes than its requests need is read more slowly.</summary>
    private ValueTask PauseAsync(int bytes) => _limits.Received(bytes) is var pause && pause > TimeSpan.Zero
        ? new ValueTask(Task.Delay(pause, _services.Time, Ended).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default))
        : ValueTask.CompletedTask;

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

    private void Refuse(string? id, ErrorCode code, string message, TimeSpan retryAfter = default)
    {
        _connection.Send(ClientFrames.Error(id, code, message, retryAfter));
        if (!_limits.TryRefuse())
        {
            _connection.Close(CloseCodes.TooManyRefused, "Too many requests were refused: wait before you connect again.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Op} failed: the database is unreachable")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string op);
}

/// <summary>A session's place among the sockets of its user.</summary>
internal sealed record UserPlace(UserId User, UserSockets Sockets);

/// <summary>What a session has after hello.</summary>
/// <param name="End">Unregisters the socket wherever it was registered.</param>
internal sealed record Greeted(AuthenticatedUser Credentials, UserRef User, SessionRooms Rooms, Action End);
