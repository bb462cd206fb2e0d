using System.Data.Common;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Threads;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// Sends one socket its user's stream after hello: memberships, read cursors, preferences and settings, in order. Attaches the rooms that the user joins.
/// </summary>
/// <param name="id">The session whose end closes the socket.</param>
/// <param name="last">The last event of the stream that the client has.</param>
internal sealed partial class UserFeed(
    SessionId id,
    long last,
    ClientConnection connection,
    SessionRooms rooms,
    IRoomDirectory directory,
    IRoomLog log,
    UserSettingStore settings,
    RoomViews views,
    ThreadStore threads,
    ILogger logger) : IUserSubscriber
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _begun;
    private Task? _work;
    private bool _hasBegun;
    private long _last = last;

    public SessionId Id => id;

    /// <summary>The snapshot has been sent: what arrived meanwhile may follow.</summary>
    public void Begin()
    {
        TaskCompletionSource? begun;
        lock (_lock)
        {
            (begun, _begun, _hasBegun) = (_begun, null, true);
        }

        begun?.TrySetResult();
    }

    public void OnUserEvent(UserEvent @event)
    {
        lock (_lock)
        {
            _work = AfterAsync(_work ?? Beginning(), @event);
        }
    }

    /// <summary>Before the snapshot there is nothing to change: the client asks for people after it.</summary>
    public void OnProfileChanged(UserId user, IReadOnlyList<RoomId> shared, ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (!_hasBegun)
            {
                return;
            }
        }

        if (user == rooms.User || rooms.ContainsAny(shared))
        {
            connection.SendEphemeral(frame);
        }
    }

    /// <summary>The stream no longer has what was missed: the client needs a new hello for a full snapshot.</summary>
    public void RestartUserStream() => connection.Close(CloseCodes.Internal, "Too much was missed: reconnect.");

    public void EndSession() => connection.Close(CloseCodes.SessionEnded, "The session has ended.");

    private Task Beginning() => _hasBegun
        ? Task.CompletedTask
        : (_begun ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task AfterAsync(Task earlier, UserEvent @event)
    {
        await earlier;
        try
        {
            await SendAsync(@event);
        }
        catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has missed a part of its stream: only a new hello brings it up to date.
            LogUnavailable(logger, e);
            RestartUserStream();
        }
    }

    private async Task SendAsync(UserEvent @event)
    {
        if (@event.UserSeq <= _last)
        {
            return;
        }

        switch (@event)
        {
            case MembershipAdded added:
                await AddRoomAsync(added);
                break;
            case MembershipRemoved removed:
                rooms.Remove(removed.Room);
                connection.Send(ClientFrames.MembershipRemoved(removed.UserSeq, removed.Room, removed.Reason.WireName()));
                break;
            case ReadUpdated read:
                connection.Send(ClientFrames.ReadUpdated(read.UserSeq, read.Room, new ReadView(
                    read.N, read.Unread, read.Mentions, read.IsBack ? true : null)));
                break;
            case PreferencesChanged changed:
                connection.Send(ClientFrames.PreferencesUpdated(changed.UserSeq, changed.Room, changed.Preferences.ToView()));
                break;
            case SettingsChanged changed:
                var (now, push) = await settings.FindAsync(rooms.User, connection.Ended);
                connection.Send(ClientFrames.SettingsUpdated(changed.UserSeq, now.ToView(push)));
                break;
            case UserBlocked blocked:
                connection.Send(ClientFrames.UserBlocked(blocked.UserSeq, blocked.Other, blocked.On));
                break;
            case ThreadUpdated updated:
                var thread = new MessageId(updated.Room, updated.Thread);
                var state = await threads.FindStateAsync(thread, rooms.User, connection.Ended)
                    ?? new ThreadPlace(thread, Follows: false, ReadN: 0, Unread: 0, Mentions: 0, AsOf: 0); // the user has left the room
                connection.Send(ClientFrames.ThreadUpdated(updated.UserSeq, updated.Room, RoomThreads.Of(state)));
                break;
            case DirectHidden hidden:
                connection.Send(ClientFrames.DirectHidden(hidden.UserSeq, hidden.Room, hidden.Hidden));
                break;
            case MessageSaved saved:
                connection.Send(ClientFrames.MessageSaved(saved.UserSeq, new MessageId(saved.Room, saved.MessageSeq), saved.On));
                break;
            case UnknownUserEvent unknown:
                connection.Send(ClientFrames.UserEventUnknown(unknown.UserSeq));
                break;
            default:
                throw new InvalidOperationException($"{@event.GetType().Name} is not an event of a user's stream.");
        }

        _last = @event.UserSeq;
    }

    /// <summary>
    /// The room as of the user's own join, so that everything after it arrives as live events, however late this is sent.
    /// </summary>
    private async Task AddRoomAsync(MembershipAdded added)
    {
        var room = await directory.FindAsync(added.Room, rooms.User, connection.Ended);
        var membership = await directory.GetMembershipAsync(added.Room, rooms.User, connection.Ended);
        if (room is null || membership is null)
        {
            // The user has left again: the stream's next event says so.
            connection.Send(ClientFrames.MembershipRemoved(added.UserSeq, added.Room, LeaveReason.Left.WireName()));
            return;
        }

        var head = room.Head;
        var since = await log.ReadEventsAsync(added.Room, membership.JoinedSeq, ClientProtocol.MaxResumeGap, cancellationToken: connection.Ended);
        if (since is not null && since.IsComplete(membership.JoinedSeq))
        {
            head = new RoomHead(membership.JoinedSeq, since.Head.N - since.Events.OfType<MessagePosted>().Count());
        }

        var view = await views.OfAsync(room, connection.Ended);
        connection.Send(ClientFrames.MembershipAdded(added.UserSeq, view with { Head = new HeadView(head.Seq, head.N) }));
        rooms.Add(added.Room, head.Seq);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A user's stream could not be sent to a socket: the database is unreachable")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);
}
