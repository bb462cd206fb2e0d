using System.Data.Common;
using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Threads;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Sockets;

/// <summary>The actors that a socket registers with.</summary>
internal sealed record SocketActors(IRequiredActor<RelayHub> Relay, IRequiredActor<PresenceHub> Presence, IRequiredActor<UserRelay> Users);

/// <summary>What hello reads.</summary>
internal sealed record HelloReads(
    JournalEpoch Epoch,
    IRoomDirectory Directory,
    IRoomLog Log,
    IUserStream UserStream,
    UserSettingStore Settings,
    RoomViews Views,
    ThreadStore Threads,
    ResumeReader Resume);

/// <summary>
/// The handshake: authenticates the user, sends a snapshot of their rooms or what changed since the last connection, then everything that
/// happens in them.
/// </summary>
internal sealed partial class HelloOp(
    ITokenValidator tokens,
    ConnectionRegistry connections,
    HelloReads reads,
    SocketActors actors,
    IOptions<SocketOptions> options,
    IOptions<FilesOptions> files,
    TimeProvider time,
    ILogger<UserFeed> logger) : IClientOp
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public string Name => "hello";

    public OpScope Scope => OpScope.Connection;

    public async ValueTask CarryOutAsync(OpCall call)
    {
        var session = (ClientSession)call.Session;
        if (session.AfterHello is not null)
        {
            call.Refuse(ErrorCode.Invalid, "hello was already sent.");
            return;
        }

        var data = call.Read(ClientJson.Default.HelloData);
        if ((session.Credentials ?? await AuthenticateAsync(call, data?.Token)) is not { } user)
        {
            call.Refuse(ErrorCode.Unauthenticated, data?.Token is null ? "Credentials are missing." : "The token is not valid.");
        }
        else if (connections.TryIdentify(session, user.Id) is null)
        {
            call.Refuse(ErrorCode.Busy, "The user has too many connections.", RetryAfter);
        }
        else
        {
            await GreetAsync(call, session, user, data?.Resume);
        }
    }

    private async ValueTask<AuthenticatedUser?> AuthenticateAsync(OpCall call, string? token) =>
        token is null ? null : (await tokens.ValidateAsync(token, call.Session.Ended)).User;

    private async Task GreetAsync(OpCall call, ClientSession session, AuthenticatedUser user, ResumeData? data)
    {
        // Read in this order the memberships are never older than userSeq, and what is sent twice is dropped by its number.
        var epoch = await reads.Epoch.GetAsync(session.Ended);
        var userSeq = await reads.UserStream.GetSeqAsync(user.Id, session.Ended);
        var (settings, push) = await reads.Settings.FindAsync(user.Id, session.Ended);
        var memberships = await reads.Directory.ListMembershipsAsync(user.Id, session.Ended);

        var rooms = new SessionRooms(user.Id, session.Connection, actors.Relay.ActorRef, reads.Log, time);
        var feed = new UserFeed(
            user.Session, userSeq, session.Connection, rooms, reads.Directory, reads.Log, reads.Settings, reads.Views, reads.Threads, logger);
        Announce(session, user, rooms, feed, userSeq);
        if (!await tokens.IsSessionLiveAsync(user.Session, session.Ended))
        {
            // The session ended before this socket was registered; from here on the socket is notified of that.
            session.EndSession();
            return;
        }

        session.Send(ClientFrames.Reply(call.Id, Hello(user, epoch, userSeq, settings.ToView(push))));
        try
        {
            await SendSnapshotAsync(session, rooms, memberships, data, epoch);
            feed.Begin();
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            // Hello has been answered, and half a snapshot is none: the client connects again and resumes from what it got.
            LogSnapshotFailed(logger, e);
            session.Connection.Close(CloseCodes.Internal, "The rooms could not be read: reconnect and resume.");
        }
    }

    /// <summary>Registers the socket with the connection registry, presence and the user relay, and keeps how to unregister it.</summary>
    private void Announce(ClientSession session, AuthenticatedUser user, SessionRooms rooms, UserFeed feed, long userSeq)
    {
        var (presence, users) = (actors.Presence.ActorRef, actors.Users.ActorRef);
        session.State.Add<IPresenceSubscriber>(rooms);
        session.Greet(new Greeted(user, new UserRef(user.Id, user.Username, user.DisplayName), rooms, End));
        presence.Tell(new PresenceHub.SocketOpened(user.Id));
        users.Tell(new UserRelay.Follow(user.Id, feed, userSeq));

        void End()
        {
            feed.Begin();
            rooms.End();
            presence.Tell(new PresenceHub.SubscriberGone(rooms));
            presence.Tell(new PresenceHub.SocketClosed(user.Id));
            users.Tell(new UserRelay.Unfollow(user.Id, feed));
        }
    }

    private HelloView Hello(AuthenticatedUser user, string epoch, long userSeq, SettingsView settings) => new(
        user.Session.Value,
        epoch,
        UserView.From(new UserRef(user.Id, user.Username, user.DisplayName)),
        userSeq,
        time.GetUtcNow(),
        (int)options.Value.Heartbeat.TotalMilliseconds,
        new LimitsView(
            ClientProtocol.MaxFrameBytes,
            RoomState.MaxTextBytes,
            options.Value.SendPerSecond,
            options.Value.SendBurst,
            files.Value.MaxBytes,
            [.. files.Value.AllowedTypes],
            RoomState.MaxFiles),
        settings);

    private static DigestView DigestOf(MembershipDigest m) => new(
        m.Room.Value,
        m.Head.Seq,
        m.Head.N,
        m.ReadN,
        m.Unread,
        m.Mentions,
        m.Preferences == RoomPreferences.Default ? null : m.Preferences.ToView());

    /// <summary>Sends the snapshot, then attaches each room where the snapshot ends.</summary>
    private async ValueTask SendSnapshotAsync(
        ClientSession session, SessionRooms rooms, IReadOnlyList<MembershipDigest> memberships, ResumeData? data, string epoch)
    {
        var resume = await reads.Resume.SendAsync(
            rooms.User, data, epoch, memberships, frame => session.SendWhenRoomAsync(frame), session.Ended);
        foreach (var chunk in memberships.Chunk(ClientProtocol.MaxDigestRooms))
        {
            await session.SendWhenRoomAsync(ClientFrames.Digest(
                [.. chunk.Select(DigestOf)]));
        }

        var threads = await reads.Threads.ListDigestAsync(rooms.User, session.Ended);
        foreach (var chunk in threads.Chunk(ClientProtocol.MaxDigestRooms))
        {
            await session.SendWhenRoomAsync(ClientFrames.ThreadDigest([.. chunk.Select(thread => new ThreadDigestView(
                thread.Thread.Room.Value, thread.Thread.ToString(), thread.ReadN, thread.Unread, thread.AsOf))]));
        }

        await session.SendWhenRoomAsync(ClientFrames.SyncDone);
        foreach (var membership in memberships.Where(membership => !resume.Left.Contains(membership.Room)))
        {
            rooms.Add(membership.Room, resume.Reached.GetValueOrDefault(membership.Room, membership.Head.Seq));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A socket's rooms could not be read: the database is unreachable")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception exception);
}
