using System.Data.Common;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ingestion;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// What one socket says and hears: carries out its requests one after the other and answers each once. An error leaves the connection as
/// it was.
/// </summary>
internal sealed partial class ClientSession : IUserSubscriber
{
    private const double RequestBurstFactor = 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TypingInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RevalidateEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RevalidateGrace = TimeSpan.FromMinutes(1);

    private readonly ClientConnection _connection;
    private readonly SocketServices _services;
    private readonly Dictionary<RoomId, long> _typed = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _workLock = new();
    private readonly long _opened;
    private AuthenticatedUser? _user;
    private SessionRooms? _rooms;
    private ConnectionSends? _sending;
    private TokenBucket _sends;
    private TokenBucket _requests;
    private Task _work;
    private long _userSeq;
    private DateTimeOffset _validUntil;
    private int _revalidating;
    private volatile bool _saidHello;

    public ClientSession(ClientConnection connection, SocketServices services, AuthenticatedUser? user)
    {
        (_connection, _services, _user) = (connection, services, user);
        _opened = services.Time.GetTimestamp();
        _sends = new TokenBucket(services.Options.SendPerSecond, services.Options.SendBurst, services.Time);
        _requests = new TokenBucket(
            services.Options.RequestsPerSecond, services.Options.RequestsPerSecond * RequestBurstFactor, services.Time);
        _work = _ready.Task;
    }

    public UserId User => _user!.Id;

    public SessionId Id => _user!.Session;

    private UserRef Self => new(_user!.Id, _user.Username, _user.DisplayName);

    public async Task RunAsync()
    {
        _services.Connections.Add(this);
        try
        {
            await _connection.RunAsync(ReceiveAsync, () => Refuse(null, ErrorCode.TooLarge, "The frame is over 64 KiB."));
        }
        finally
        {
            _services.Connections.Remove(this);
            End();
        }
    }

    /// <summary>Closes with a code for which the client comes back elsewhere.</summary>
    public void Drain() => _connection.Close(CloseCodes.Restarting, "The server is restarting: reconnect and resume.");

    public void SayDraining(byte[] frame) => _connection.Send(frame);

    /// <summary>The session was ended elsewhere: by logout, a changed password or a ban.</summary>
    public void EndSession() => _connection.Close(CloseCodes.SessionEnded, "The session has ended.");

    /// <summary>The periodic look at silence, slowness and the token's end. Must not block.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (_connection.SinceReceived > (_services.Options.Heartbeat * 1.5) + TimeSpan.FromSeconds(10))
        {
            _connection.Close(CloseCodes.Silent, "Nothing was heard for too long.");
        }
        else if (_connection.IsStuck)
        {
            _connection.Close(CloseCodes.TooSlow, "The connection reads too slowly: reconnect and resume.");
            _connection.Abort();
        }
        else if (!_saidHello)
        {
            if (_services.Time.GetElapsedTime(_opened) > _services.Options.HelloTimeout)
            {
                _connection.Close(CloseCodes.CredentialsExpired, "No hello with valid credentials came in time.");
            }
        }
        else
        {
            _rooms?.TellLagged();
            if (now > _validUntil && Interlocked.Exchange(ref _revalidating, 1) == 0)
            {
                _ = RevalidateAsync(now);
            }
        }
    }

    public void OnUserEvent(UserEvent @event) => Enqueue(() => TellUserEventAsync(@event));

    /// <summary>The stream cannot say what was missed: a new hello gives the whole picture.</summary>
    public void RestartUserStream() => _connection.Close(CloseCodes.Internal, "Too much was missed: reconnect.");

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
        if (request.Op == "message.send")
        {
            await SendAsync(request);
            return;
        }

        if (!_requests.TryTake(out var retryAfter))
        {
            Refuse(request.Id, ErrorCode.RateLimited, "Too many requests.", retryAfter);
            return;
        }

        switch (request.Op)
        {
            case "ping":
                _connection.Send(ClientFrames.Pong);
                break;
            case "hello":
                await HelloAsync(request);
                break;
            case "typing":
                await TypingAsync(request);
                break;
            case "read.set":
                await SetReadAsync(request);
                break;
            case "room.sync":
                await SyncAsync(request);
                break;
            case "presence.watch":
                await WatchPresenceAsync(request);
                break;
            case "presence.unwatch":
                await UnwatchPresenceAsync(request);
                break;
            default:
                Refuse(request.Id, ErrorCode.Invalid, "op is not one that the server knows.");
                break;
        }
    }

    private async ValueTask SendAsync(ClientRequest request)
    {
        if (!TryRoom(request, out var room))
        {
            return;
        }

        if (!_sends.TryTake(out var retryAfter))
        {
            Refuse(request.Id, ErrorCode.RateLimited, "Too many messages.", retryAfter);
            return;
        }

        var data = Read(request, ClientJson.Default.SendData);
        if (data is null || !Guid.TryParseExact(data.Cid, "D", out var cid))
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.cid must be a UUIDv7.");
        }
        else if (data.Text is null)
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.text is missing.");
        }
        else if (Encoding.UTF8.GetByteCount(data.Text) > RoomState.MaxTextBytes)
        {
            Refuse(request.Id, ErrorCode.TooLarge, $"d.text is over {RoomState.MaxTextBytes} bytes of UTF-8.");
        }
        else if (data.Files is { } files && !(files.ValueKind == JsonValueKind.Null || IsEmptyArray(files)))
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.files must be empty: files cannot be attached yet.");
        }
        else if (!TryReplyTo(data.ReplyTo, room, out var replyTo))
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.replyTo is not a message of this room.");
        }
        else
        {
            // A message ends the typing for everybody: what is typed next is news again.
            _typed.Remove(room);
            var command = new RoomProtocol.PostMessage(room, Self, cid, data.Text, replyTo);
            await _services.Ingestion.WriteAsync(new Send(this, request.Id, command), _connection.Ended);
        }
    }

    private async ValueTask TypingAsync(ClientRequest request)
    {
        if (!await IsInAsync(request) || !TryRoom(request, out var room))
        {
            return;
        }

        var now = _services.Time.GetTimestamp();
        if (!_typed.TryGetValue(room, out var last) || _services.Time.GetElapsedTime(last, now) >= TypingInterval)
        {
            _typed[room] = now;
            _services.Rooms.Tell(new RoomProtocol.NotifyTyping(room, User));
        }

        Done(request.Id);
    }

    private async ValueTask SetReadAsync(ClientRequest request)
    {
        if (!await IsInAsync(request) || !TryRoom(request, out var room))
        {
            return;
        }

        if (Read(request, ClientJson.Default.ReadData) is not { N: >= 0 and var n })
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.n must be a number of a message.");
            return;
        }

        if (await _services.Cursors.SetAsync(User, room, n, _connection.Ended) is not { } cursor)
        {
            Refuse(request.Id, ErrorCode.Forbidden, "Only members may do this.");
            return;
        }

        if (request.Id is not null)
        {
            _connection.Send(ClientFrames.Reply(request.Id, new ReadView(cursor.N, cursor.Unread, cursor.Mentions)));
        }
    }

    private async ValueTask SyncAsync(ClientRequest request)
    {
        if (!await IsInAsync(request) || !TryRoom(request, out var room))
        {
            return;
        }

        if (Read(request, ClientJson.Default.SyncData) is not { From: >= 0 and var from })
        {
            Refuse(request.Id, ErrorCode.Invalid, "d.from must be a seq, or 0.");
            return;
        }

        var page = await _services.Log.ReadEventsAsync(room, from, ClientProtocol.MaxSyncEvents, _connection.Ended);
        if (page is null)
        {
            Refuse(request.Id, ErrorCode.NotFound, "There is no such room.");
        }
        else
        {
            var (to, frames) = SyncParts(room, page.Events).FirstOrDefault((from, []));
            await _connection.SendWhenRoomAsync(ClientFrames.SyncReply(request.Id, from, to, page.Head.Seq, frames));
        }
    }

    private async ValueTask WatchPresenceAsync(ClientRequest request)
    {
        if (!await IsInAsync(request) || !TryRoom(request, out var room))
        {
            return;
        }

        _services.Presence.Tell(new PresenceHub.Watch(
            room,
            _rooms!,
            view =>
            {
                if (request.Id is not null)
                {
                    _connection.Send(ClientFrames.Reply(request.Id, view));
                }
            }));
    }

    private async ValueTask UnwatchPresenceAsync(ClientRequest request)
    {
        if (await IsInAsync(request) && TryRoom(request, out var room))
        {
            _services.Presence.Tell(new PresenceHub.Unwatch(room, _rooms!));
            Done(request.Id);
        }
    }

    /// <summary>Whether the request may be about its room; answers where it may not.</summary>
    private async ValueTask<bool> IsInAsync(ClientRequest request)
    {
        if (!TryRoom(request, out var room))
        {
            return false;
        }

        if (_rooms!.Contains(room) || await _services.Directory.GetMembershipAsync(room, User, _connection.Ended) is not null)
        {
            return true;
        }

        if (await _services.Log.GetHeadAsync(room, _connection.Ended) is null)
        {
            Refuse(request.Id, ErrorCode.NotFound, "There is no such room.");
        }
        else
        {
            Refuse(request.Id, ErrorCode.Forbidden, "Only members may do this.");
        }

        return false;
    }

    private bool TryRoom(ClientRequest request, out RoomId room)
    {
        room = default;
        if (!_saidHello)
        {
            Refuse(request.Id, ErrorCode.Unauthenticated, "Say hello first.");
        }
        else if (request.Room is null)
        {
            Refuse(request.Id, ErrorCode.Invalid, "room is missing.");
        }
        else if (!RoomId.TryParse(request.Room, out room))
        {
            Refuse(request.Id, ErrorCode.NotFound, "There is no such room.");
        }
        else
        {
            return true;
        }

        return false;
    }

    private static bool TryReplyTo(string? value, RoomId room, out long seq)
    {
        seq = 0;
        if (value is null)
        {
            return true;
        }

        if (!MessageId.TryParse(value, out var message) || message.Room != room)
        {
            return false;
        }

        seq = message.Seq;
        return true;
    }

    private static bool IsEmptyArray(JsonElement element) => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 0;

    private static T? Read<T>(ClientRequest request, JsonTypeInfo<T> type)
        where T : class =>
        request.Data.IsEmpty ? null : JsonSerializer.Deserialize(request.Data.Span, type);

    private void Refuse(string? id, ErrorCode code, string message, TimeSpan retryAfter = default) =>
        _connection.Send(ClientFrames.Error(id, code, message, retryAfter));

    private void Done(string? id)
    {
        if (id is not null)
        {
            _connection.Send(ClientFrames.Done(id));
        }
    }

    private void Complete(string? id, RoomProtocol.PostMessage command, RoomProtocol.IReply reply)
    {
        if (id is null)
        {
            return;
        }

        switch (reply)
        {
            case RoomProtocol.PostAck ack:
                var message = new MessageId(command.Room, ack.Seq);
                _connection.Send(ClientFrames.Reply(id, new SentView(ack.Seq, ack.N, message.ToString(), ack.Time, ack.Duplicate)));
                break;
            case RoomProtocol.Nack nack:
                Refuse(id, nack.Code.ToErrorCode(), nack.Message, nack.RetryAfter);
                break;
            default:
                throw new InvalidOperationException($"{reply.GetType().Name} does not answer a send.");
        }
    }

    /// <summary>Runs steps that the user's stream asks for, one after the other, from the end of hello on.</summary>
    private void Enqueue(Func<Task> step)
    {
        lock (_workLock)
        {
            _work = AfterAsync(_work, step);
        }

        async Task AfterAsync(Task earlier, Func<Task> next)
        {
            await earlier;
            try
            {
                await next();
            }
            catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has missed something of its stream: only a new hello can tell it all.
                LogUnavailable(_services.Logger, e, "user stream");
                RestartUserStream();
            }
        }
    }

    private async Task RevalidateAsync(DateTimeOffset now)
    {
        try
        {
            using var timeout = new CancellationTokenSource(RetryAfter * 5, _services.Time);
            if (await _services.Tokens.IsSessionLiveAsync(Id, timeout.Token))
            {
                _validUntil = now + RevalidateEvery;
            }
            else
            {
                EndSession();
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException)
        {
            // On doubt, closed; but a database that restarts gets its minute.
            if (now > _validUntil + RevalidateGrace)
            {
                _connection.Close(CloseCodes.CredentialsExpired, "The session could not be checked: refresh and reconnect.");
            }
        }
        finally
        {
            Interlocked.Exchange(ref _revalidating, 0);
        }
    }

    private void End()
    {
        _ready.TrySetResult();
        if (_rooms is null)
        {
            return;
        }

        _rooms.End();
        _services.Presence.Tell(new PresenceHub.SubscriberGone(_rooms));
        _services.Presence.Tell(new PresenceHub.SocketClosed(User));
        _services.Users.Tell(new UserRelay.Unfollow(User, this));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request could not be carried out ({Op}): the database cannot be reached")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string op);

    private sealed class Send(ClientSession session, string? id, RoomProtocol.PostMessage command) : ISend
    {
        public RoomProtocol.PostMessage Command => command;

        public ConnectionSends Connection { get; } = session._sending ??= session._services.Ingestion.Open();

        public void Complete(RoomProtocol.IReply reply) => session.Complete(id, command, reply);
    }
}
